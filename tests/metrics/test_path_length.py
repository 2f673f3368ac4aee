"""Perceptual path length of generators for which it is known."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.games.latents import lerp
from jaxgan.metrics.features import pixels
from jaxgan.metrics.path_length import path_length

RANDOM = np.random.default_rng(0)
START, END = RANDOM.normal(size=(2, 10, 2)).astype(np.float32)


def test_a_linear_generator_moves_as_far_as_its_latents():
    """E |W(z' − z)|², for any ε; ten latents in batches of four."""
    matrix = jnp.asarray(RANDOM.normal(size=(2, 6)), jnp.float32)
    generator = jax.jit(lambda z: (z @ matrix).reshape(-1, 2, 3, 1))
    found = path_length(generator, pixels(), START, END, epsilon=0.1, way=lerp, batch_size=4)
    np.testing.assert_allclose(found, np.mean(np.sum(((END - START) @ matrix) ** 2, axis=1)), rtol=1e-4)


def test_around_a_circle_it_is_the_squared_angle():
    """The chord of the angle εΩ is 2 sin(εΩ/2)."""
    start, end = (z / np.linalg.norm(z, axis=1, keepdims=True) for z in (START, END))
    angles = np.arccos(np.sum(start * end, axis=1))
    found = path_length(jax.jit(lambda z: z), pixels(), start, end, epsilon=0.05)
    np.testing.assert_allclose(found, np.mean((2 * np.sin(0.025 * angles) / 0.05) ** 2), rtol=1e-3)


def test_t_goes_by_its_seed():
    def generator(z):
        return jnp.sin(3 * z)

    found = [path_length(generator, pixels(), START, END, epsilon=0.01, seed=seed) for seed in (0, 0, 1)]
    assert found[0] == found[1] != found[2]


@pytest.mark.parametrize(
    ("given", "options", "message"),
    [
        (END[:3], {}, r"latents \[N, Z\] of one shape, got \(10, 2\) and \(3, 2\)"),
        (END, {"epsilon": 0}, "epsilon must be above 0, got 0"),
        (END, {"epsilon": 1}, "epsilon must be less than 1, got 1"),
        (END, {"batch_size": 0}, "batch_size must be at least 1, got 0"),
    ],
)
def test_what_does_not_fit_is_named(given, options, message):
    with pytest.raises(ValueError, match=message):
        path_length(lambda z: z, pixels(), START, given, **options)
