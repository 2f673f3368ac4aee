"""Layers of style-based networks against their definitions in NumPy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxgan
from jaxgan.devices import global_mean
from jaxgan.networks.layers.equalized import EqualizedConv, EqualizedDense
from jaxgan.networks.layers.minibatch_stddev import minibatch_stddev
from jaxgan.networks.layers.modulated import modulated_conv
from jaxgan.networks.layers.pixel_norm import pixel_norm

RANDOM = np.random.default_rng(0)
KEY = jax.random.key(0)


def normal(*shape):
    return jnp.asarray(RANDOM.normal(size=shape), jnp.float32)


def correlated(x, kernel):
    """The plain 3×3 correlation with zeros around, of one image."""
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(x, ((1, 1), (1, 1), (0, 0))), (3, 3), axis=(0, 1))
    return np.einsum("hwcij,ijco->hwo", windows, kernel)


def test_pixel_norm_gives_every_vector_the_length_root_of_its_size():
    x = normal(2, 3, 4, 5) * 10.0 ** RANDOM.integers(-2, 3, (2, 3, 4, 1))
    y = pixel_norm(x)
    np.testing.assert_allclose(np.linalg.norm(y, axis=-1), np.sqrt(5), rtol=1e-3)
    np.testing.assert_allclose(y, x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-8), rtol=1e-4)


@pytest.mark.parametrize("demodulate", [True, False])
def test_modulation_is_that_of_a_kernel_for_each_row(demodulate):
    x, kernel, style = normal(3, 5, 4, 6), normal(3, 3, 6, 2), normal(3, 6)
    expected = []
    for row, scales in zip(x, style, strict=True):
        own = kernel * scales[:, None]
        if demodulate:
            own = own / np.sqrt((own**2).sum((0, 1, 2)) + 1e-8)
        expected.append(correlated(row, own))
    y = modulated_conv(x, kernel, style, demodulate=demodulate)
    np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-4)
    half = modulated_conv(x.astype(jnp.bfloat16), kernel, style, demodulate=demodulate)
    assert half.dtype == jnp.bfloat16
    np.testing.assert_allclose(half.astype(jnp.float32), expected, rtol=0.1, atol=0.02 * np.abs(expected).max())


def test_an_equalized_dense_layer_scales_its_kernel_where_it_is_used():
    x, kernel, bias = normal(5, 8), normal(8, 4), normal(4)
    layer = EqualizedDense(4, gain=2.0, lr_multiplier=0.01, bias_init=3.0)
    start = layer.init(KEY, x)["params"]
    np.testing.assert_allclose(start["bias"], 300)
    y = layer.apply({"params": {"kernel": kernel, "bias": bias}}, x)
    np.testing.assert_allclose(y, 0.01 * (2 * x @ kernel / np.sqrt(8) + bias), rtol=1e-4, atol=1e-5)
    wide = EqualizedDense(400, use_bias=False, lr_multiplier=0.01).init(KEY, jnp.ones((1, 100)))["params"]
    assert wide.keys() == {"kernel"}
    np.testing.assert_allclose(np.std(wide["kernel"]), 100, rtol=0.02)


def test_an_equalized_convolution_scales_its_kernel_where_it_is_used():
    x, kernel, bias = normal(1, 4, 4, 2), normal(3, 3, 2, 4), normal(4)
    y = EqualizedConv(4, gain=2.0).apply({"params": {"kernel": kernel, "bias": bias}}, x)
    np.testing.assert_allclose(y[0], correlated(x[0], 2 * kernel / np.sqrt(18)) + bias, rtol=1e-4, atol=1e-4)
    start = EqualizedConv(32, use_bias=False).init(KEY, jnp.ones((1, 4, 4, 32)))["params"]
    assert start.keys() == {"kernel"}
    np.testing.assert_allclose(np.std(start["kernel"]), 1, rtol=0.05)


@pytest.mark.parametrize(("rows", "size", "group"), [(8, 4, 4), (6, 3, 3), (3, 4, 3), (4, 1, 1)])
def test_minibatch_stddev_appends_the_spread_of_its_group(rows, size, group):
    x = normal(rows, 3, 2, 5)
    y = minibatch_stddev(x, size)
    np.testing.assert_array_equal(y[..., :5], x)
    for i in range(rows):
        own = x[i // group * group :][:group]
        expected = np.sqrt(own.var(axis=0) + 1e-8).mean()
        np.testing.assert_allclose(y[i, ..., 5], np.full((3, 2), expected), rtol=1e-5)


def test_minibatch_stddev_makes_the_same_groups_on_many_devices():
    x = normal(16, 2, 2, 3)

    def mean(size):
        return lambda state, batch, key: (state, {"mean": global_mean(minibatch_stddev(batch, size) ** 3)})

    for size in (2, 4):
        alone = jaxgan.jitted(mean(size))(jnp.zeros(()), x, KEY)[1]["mean"]
        for wrapper in (jaxgan.pmapped, jaxgan.sharded):
            found = wrapper(mean(size))(jnp.zeros(()), x, KEY)[1]["mean"]
            np.testing.assert_allclose(found, alone, rtol=1e-5)
    with pytest.raises(ValueError, match="group_size=8 does not divide the 4 rows on each device"):
        jaxgan.pmapped(mean(8))(jnp.zeros(()), x, KEY)


@pytest.mark.usefixtures("without_shape_checks")
def test_minibatch_stddev_refuses_groups_that_do_not_fit():
    with pytest.raises(ValueError, match="group_size=4 does not divide the 6 rows on each device"):
        minibatch_stddev(jnp.ones((6, 1, 1, 1)), 4)
    with pytest.raises(ValueError, match="group_size must be a whole number of at least 1, got 0"):
        minibatch_stddev(jnp.ones((6, 1, 1, 1)), 0)
