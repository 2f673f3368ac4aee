"""Fourier features are the sines and cosines that they say."""

import jax
import jax.numpy as jnp
import numpy as np

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
