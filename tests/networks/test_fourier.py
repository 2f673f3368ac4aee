"""Fourier features are the sines and cosines that they say."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.networks import MLPDiscriminator
from jaxgan.networks.layers import fourier_features


def test_they_are_those_of_the_formula():
    x = np.linspace(-3, 3, 10).reshape(5, 2)
    seen = fourier_features(jnp.asarray(x), 3)
    waves = [np.sin(x), np.cos(x), np.sin(2 * x), np.cos(2 * x), np.sin(4 * x), np.cos(4 * x)]
    np.testing.assert_allclose(seen, np.concatenate([x, *waves], axis=1), atol=1e-5)


def test_none_are_the_points_alone():
    x = jnp.ones((3, 2))
    np.testing.assert_array_equal(fourier_features(x, 0), x)


def test_a_discriminator_of_them_has_a_wider_first_layer():
    module = MLPDiscriminator((8,), octaves=4)
    variables = jax.eval_shape(lambda: module.init(jax.random.key(0), jnp.ones((3, 2)), train=True))
    assert variables["params"]["Dense_0"]["kernel"].shape == (2 * (1 + 2 * 4), 8)


def test_octaves_are_let_in_one_after_another_and_fall_off():
    """Five eighths of four octaves are two and half of the third, whose window is (1 − cos(π/2))/2."""
    x = np.linspace(-3, 3, 10).reshape(5, 2)
    seen = fourier_features(jnp.asarray(x), 4, opened=5 / 8, falloff=0.5)
    weights = [1, 1 / np.sqrt(2), 1 / 2 / 2, 0]
    waves = [w * wave(2**k * x) for k, w in enumerate(weights) for wave in (np.sin, np.cos)]
    np.testing.assert_allclose(seen, np.concatenate([x, *waves], axis=1), atol=1e-5)


@pytest.mark.parametrize(("step", "opened"), [(0, 0), (10, 0), (15, 0.5), (20, 1), (99, 1), (None, 1)])
def test_a_discriminator_lets_them_in_between_its_steps(step, opened):
    module, x = MLPDiscriminator((), octaves=2, octave_steps=(10, 20)), jnp.ones((1, 1))
    params = {"params": {"Dense_0": {"kernel": jnp.ones((5, 1)), "bias": jnp.zeros(1)}}}
    logit = module.apply(params, x, train=True, step=None if step is None else jnp.int32(step))
    np.testing.assert_allclose(logit, fourier_features(x, 2, opened=opened).sum(1), rtol=1e-5)
