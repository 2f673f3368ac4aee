"""The recipe of pix2pix against the authors' numbers, and its loss against the paper's."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxgan
from jaxgan import data
from jaxgan.recipes.making import made
from jaxgan.recipes.pix2pix import Pix2Pix
from jaxgan.recipes.translation_sources import EdgesToDigits

SMALL = Pix2Pix(data=EdgesToDigits(8), generator_width=2, discriminator_width=2, patch_layers=1)


def test_the_numbers_are_those_of_the_authors_program():
    recipe = Pix2Pix()
    assert (recipe.generator_width, recipe.discriminator_width, recipe.patch_layers) == (64, 64, 3)
    assert (recipe.distance_weight, recipe.dropout, recipe.norm) == (100.0, 0.5, "batch")
    assert (recipe.rates.generator_rate, recipe.rates.discriminator_rate) == (2e-4, 2e-4)
    assert (recipe.rule.b1, recipe.rule.b2) == (0.5, 0.999)
    rate = recipe.rates.over(200).generator
    assert [float(rate(step)) for step in (0, 100, 150, 200)] == pytest.approx([2e-4, 2e-4, 1e-4, 0])


@pytest.mark.slow
def test_the_generator_pays_a_hundred_times_the_mean_distance():
    dataset = SMALL.dataset()
    batch, key = next(dataset.batches(8, 0)), jax.random.key(0)
    far, near = (
        made(Pix2Pix(**{**vars(SMALL), "distance_weight": weight}), dataset, jaxgan.Program()).algorithm
        for weight in (100.0, 0.0)
    )
    state = far.init(key, batch)
    with_distance, without = (jaxgan.jitted(one.step)(jax.device_get(state), batch, key)[1] for one in (far, near))
    difference = with_distance["loss_generator"] - without["loss_generator"]
    np.testing.assert_allclose(difference, 100 * with_distance["reconstruction"], rtol=1e-4)


def test_the_source_is_as_large_as_the_part_that_a_batch_takes():
    pairs = replace(SMALL.dataset(), crop=4)
    recipe = replace(SMALL, patch_layers=0)
    batch = next(pairs.batches(2, 0))
    algorithm = made(recipe, pairs, jaxgan.Program()).algorithm
    jax.eval_shape(algorithm.init, jax.random.key(0), batch)
    assert batch.condition.shape == (2, 4, 4, 1)


def test_gray_sources_stand_beside_targets_in_colour():
    rows = np.zeros((6, 8, 8, 1), np.uint8)
    pairs = data.pairs(data.Dataset("gray", rows), data.Dataset("colour", np.repeat(rows, 3, axis=-1)))
    experiment = made(SMALL, pairs, jaxgan.Program())
    shown = experiment.view(pairs.decode(pairs.take(np.arange(2))), jnp.zeros((2, 8, 8, 3)))
    assert shown.shape == (2, 8, 24, 3)
