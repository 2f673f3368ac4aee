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


def test_end_sampling_starts_where_latents_are_drawn():
    """For G(w) = w² on the line from w to w', t = 0: ((w + ε(w' − w))² − w²)/ε = 2w(w' − w) + ε(w' − w)²."""
    apart = END - START
    expected = np.mean(np.sum((2 * START * apart + 0.1 * apart**2) ** 2, axis=1))
    options = {"epsilon": 0.1, "way": lerp, "batch_size": 4}
    found = path_length(jax.jit(lambda w: w**2), pixels(), START, END, sampling="end", **options)
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    assert abs(path_length(jax.jit(lambda w: w**2), pixels(), START, END, **options) / expected - 1) > 0.05


def test_the_lowest_and_the_highest_hundredth_are_left_out_as_percentiles_count():
    """The percentiles 1 and 99 of 301 lengths are those numbered 3 and 297 from 0 in their order."""
    start, end = RANDOM.normal(size=(2, 301, 2)).astype(np.float32)
    lengths = np.sort(np.sum((end - start) ** 2, axis=1))
    low, high = np.percentile(lengths, 1, method="lower"), np.percentile(lengths, 99, method="higher")
    kept = lengths[(lengths >= low) & (lengths <= high)]
    assert len(kept) == 295
    options = {"epsilon": 0.1, "way": lerp}
    found = path_length(jax.jit(lambda w: w), pixels(), start, end, sampling="end", trim=0.01, **options)
    np.testing.assert_allclose(found, kept.mean(), rtol=1e-4)
    found = path_length(jax.jit(lambda w: w), pixels(), start, end, sampling="end", **options)
    np.testing.assert_allclose(found, lengths.mean(), rtol=1e-4)


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
        (END, {"sampling": "start"}, "sampling must be one of full, end; got 'start'"),
        (END, {"trim": 0.5}, "trim must be less than 0.5, got 0.5"),
        (END * np.nan, {}, "features of samples must be finite, got 10 not"),
    ],
)
def test_what_does_not_fit_is_named(given, options, message, without_shape_checks):
    with pytest.raises(ValueError, match=message):
        path_length(lambda z: z, pixels(), START, given, **options)
