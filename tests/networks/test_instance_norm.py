"""Instance normalisation and both kinds of AdaIN against their formulas."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.networks.layers import AdaptiveInstanceNorm, InstanceNorm, adain, instance_norm

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(3, 2, size=(2, 5, 4, 3))


def by_definition(x, epsilon=1e-5):
    y = np.empty_like(x)
    for row in range(x.shape[0]):
        for channel in range(x.shape[-1]):
            places = x[row, ..., channel]
            y[row, ..., channel] = (places - places.mean()) / np.sqrt(np.mean((places - places.mean()) ** 2) + epsilon)
    return y


@pytest.mark.parametrize("epsilon", [1e-5, 0.5])
def test_instance_norm_is_its_formula(epsilon):
    x = jnp.asarray(X, jnp.float32)
    np.testing.assert_allclose(instance_norm(x, epsilon), by_definition(X, epsilon), atol=1e-5)


def test_the_layer_scales_and_shifts_each_channel():
    x, scale, bias = jnp.asarray(X, jnp.float32), np.array([2.0, -1.0, 0.5]), np.array([0.0, 1.0, -3.0])
    variables = InstanceNorm().init(jax.random.key(0), x)
    assert jax.tree.map(jnp.shape, variables) == {"params": {"scale": (3,), "bias": (3,)}}
    np.testing.assert_array_equal(InstanceNorm().apply(variables, x), instance_norm(x))
    y = InstanceNorm().apply({"params": {"scale": scale, "bias": bias}}, x)
    np.testing.assert_allclose(y, by_definition(X) * scale + bias, atol=1e-5)


def test_a_constant_map_becomes_zero_with_a_finite_derivative():
    x = jnp.ones((1, 2, 2, 1))
    np.testing.assert_array_equal(instance_norm(x), 0)
    slope = jax.grad(lambda x: jnp.sum(instance_norm(x)[0, 0, 0]))(x)
    np.testing.assert_allclose(slope[0, 0, 0, 0], 0.75 / np.sqrt(1e-5), rtol=1e-5)


def test_adain_gives_the_content_the_means_and_spreads_of_the_style():
    style = RANDOM.normal(-1, 0.3, size=(2, 3, 6, 3))
    y = adain(jnp.asarray(X, jnp.float32), jnp.asarray(style, jnp.float32))
    spread = np.sqrt(style.var(axis=(1, 2), keepdims=True) + 1e-5)
    np.testing.assert_allclose(y, spread * by_definition(X) + style.mean(axis=(1, 2), keepdims=True), atol=1e-5)
    np.testing.assert_allclose(np.mean(y, axis=(1, 2)), style.mean(axis=(1, 2)), atol=1e-5)
    np.testing.assert_allclose(np.std(y, axis=(1, 2)), style.std(axis=(1, 2)), rtol=1e-3)


def test_adaptive_instance_norm_scales_and_shifts_by_the_style():
    x, style = jnp.asarray(X, jnp.float32), jnp.asarray(RANDOM.normal(size=(2, 5)), jnp.float32)
    layer = AdaptiveInstanceNorm()
    variables = layer.init(jax.random.key(0), x, style, train=False)
    gain, shift = (
        (style @ variables["params"][name]["kernel"] + variables["params"][name]["bias"])[:, None, None]
        for name in ("gain", "shift")
    )
    y = layer.apply(variables, x, style, train=False)
    np.testing.assert_allclose(y, (1 + gain) * by_definition(X) + shift, atol=1e-5)


NARROW = {
    "instance_norm": instance_norm,
    "InstanceNorm": lambda x: InstanceNorm().init_with_output(jax.random.key(0), x)[0],
    "adain": lambda x: adain(x, x),
}


@pytest.mark.parametrize("function", NARROW.values(), ids=NARROW)
def test_statistics_of_bfloat16_are_taken_in_float32(function):
    x = jnp.asarray(256 + 2 * (np.arange(1024) % 2).reshape(1, 32, 32, 1), jnp.bfloat16)  # a mean between two values
    y = function(x)
    assert y.dtype == jnp.bfloat16
    expected = np.asarray(x, np.float64) if function is NARROW["adain"] else by_definition(np.asarray(x, np.float64))
    np.testing.assert_allclose(np.asarray(y, np.float64), expected, rtol=2**-8)
