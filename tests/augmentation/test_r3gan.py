"""The augmentation of R3GAN: its transforms' shares in closed form, and its schedule."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan import Batch, Turn, augmentation
from jaxgan.games.augmented import view
from jaxgan.recipes.presets import PRESETS
from jaxgan.schedules import cosine_burn_in

KEYS = jax.random.split(jax.random.key(0), 4000)


def draws(transform, x, probability):
    return np.asarray(jax.jit(jax.vmap(transform, (0, None, None)))(KEYS, x, probability))


@pytest.mark.parametrize("probability", [0.0, 0.55, 1.0])
def test_half_the_sides_are_erased_around_a_centre_in_the_image(probability):
    """The part of a side of 1 within ¼ of a uniform place is 7/16 in the mean, and ½ at most."""
    erased = draws(augmentation.erase, jnp.ones((32, 24, 1)), probability)[..., 0] == 0
    np.testing.assert_allclose(np.mean(erased), probability * (7 / 16) ** 2, atol=0.005)
    rows, columns = erased.any(axis=2).sum(axis=1), erased.any(axis=1).sum(axis=1)
    np.testing.assert_array_equal(erased.sum((1, 2)), rows * columns)
    np.testing.assert_allclose(np.mean(rows > 0), probability, atol=0.02)
    assert (rows.max(), columns.max()) == ((16, 12) if probability else (0, 0))


@pytest.mark.slow
def test_colours_change_with_half_the_probability():
    """Geometry leaves an image of one colour as it is. Four of the five changes show always, the flip half the time."""
    colour = jnp.array([0.5, 0.1, -0.3])
    y = draws(augmentation.geometry_color_cutout, jnp.broadcast_to(colour, (4, 4, 3)), 0.55).reshape(len(KEYS), 16, 3)
    kept = [one for one in y if (one != 0).any()]
    same = [np.abs(one - colour).max(-1).min() < 1e-5 for one in kept]
    np.testing.assert_allclose(np.mean(same), (1 - 0.275) ** 4 * (1 - 0.275 / 2), atol=0.02)


@pytest.mark.slow
def test_every_transform_of_geometry_has_the_whole_probability():
    """p/2 of the images are mirrored if only mirroring changes an image; other tests look at other transforms."""
    x = jnp.arange(16.0).reshape(4, 4, 1) + 1
    left = np.mean([np.array_equal(y, x) for y in draws(augmentation.geometry_color_cutout, x, 0.1)])
    alone = np.mean([np.array_equal(y, x) for y in draws(augmentation.change_geometry, x, 0.1)])
    np.testing.assert_allclose(left, alone * 0.95**3 * (1 - 0.05 / 2) * 0.9, atol=0.03)


@pytest.mark.slow
def test_the_probability_is_that_of_the_step():
    grown = augmentation.r3gan(cosine_burn_in(0.0, 1.0, 10))
    rows = jnp.ones((64, 8, 8, 3))

    def seen(step):
        turn = Turn(Batch(rows), jax.random.key(1), jnp.int32(step))
        return view(grown, (), turn, 1, "real", rows), grown.update((), rows, turn)[1]["augment_probability"]

    first, half, last = (jax.jit(seen)(step) for step in (0, 5, 10))
    np.testing.assert_array_equal(first[0], rows)
    assert (first[1], last[1]) == (0, 1)
    np.testing.assert_allclose(half[1], 0.5)
    assert 0 < np.mean(half[0] == 0) < np.mean(last[0] == 0)


def test_the_preset_s_probability_goes_from_0_to_055_within_20_million_images():
    """train.py of the authors' program, preset CIFAR10: aug_scheduler."""
    preset = PRESETS["r3gan-cifar10"]
    small = preset.config.replace(network="mlp", discriminator_hidden=(4,), condition="none")
    game, batch = small.recipe.game(preset.of, 1), Batch(jnp.zeros((2, 32, 32, 3)))

    @jax.jit
    def probability(step):
        turn = Turn(batch, jax.random.key(1), step)
        params, variables = game.init(turn.key, turn.batch)
        return game.judge(params.discriminator, variables.discriminator, batch.real, turn)[1][1]["augment_probability"]

    steps = jnp.array([0, 10_000_000 // 512, 20_000_000 // 512])
    np.testing.assert_allclose([probability(step) for step in steps], [0, 0.275, 0.55], atol=1e-4)
