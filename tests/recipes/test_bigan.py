"""The recipe of BiGAN: its networks beside those of ALI's program, its penalties, and its presets."""

import jax
import pytest

import jaxgan
from jaxgan.options import changed
from jaxgan.recipes.bigan import BiGAN
from jaxgan.recipes.recipe import DataShape
from jaxgan.recipes.sources import Grid, Ring

OF = DataShape((2,), 8)
SMALL = BiGAN(generator_hidden=(2,), encoder_hidden=(2,), discriminator_hidden=(2,))
BATCH = jaxgan.Batch(jax.random.normal(jax.random.key(0), (4, 2)))


def shapes(recipe):
    params, _ = jax.eval_shape(lambda: recipe.game(OF, 10).init(jax.random.key(0), BATCH))
    return jax.tree.map(lambda leaf: leaf.shape, params)


def test_latents_and_the_noise_of_the_encoder_are_as_in_alis_program():
    """ali_mixture.py: NLAT = 2, and an encoder of 2·INPUT_DIM numbers, half of them noise."""
    (generator, encoder), discriminator = shapes(SMALL)
    assert generator["Dense_0"]["kernel"] == (2, 2)
    assert encoder["MLPGenerator_0"]["Dense_0"]["kernel"] == (4, 2)
    assert sorted(discriminator) == ["MLPDiscriminator_0", "MLPDiscriminator_1"]


def test_options_reach_the_networks():
    plain = changed(SMALL, encoder_noise=0, alone=False, octaves=0, latent_size=3)
    (_, encoder), discriminator = shapes(plain)
    assert encoder["MLPGenerator_0"]["Dense_0"]["kernel"] == (2, 2)
    assert encoder["MLPGenerator_0"]["Dense_1"]["kernel"] == (2, 3)
    assert discriminator == {
        "MLPDiscriminator_0": {"Dense_0": {"kernel": (2 + 3, 2), "bias": (2,)}}
        | {"Dense_1": {"kernel": (2, 1), "bias": (1,)}}
    }


def test_only_a_run_in_which_nothing_depends_on_its_length_can_be_extended():
    assert not SMALL.experiment(OF, 10).extendable
    assert changed(SMALL, octaves=0).experiment(OF, 10).extendable


def test_presets_are_of_the_ring_and_the_grid():
    assert jaxgan.preset("bigan-ring").recipe.data == Ring()
    assert jaxgan.preset("bigan-grid").recipe.data == Grid()
    with pytest.raises(ValueError, match="data"):
        changed(BiGAN(), data="digits")
