"""Layers against NumPy, lax and finite differences."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

from jaxgan import devices
from jaxgan.networks.layers.batch_norm import batch_norm
from jaxgan.networks.layers.linear import Conv, ConvTranspose, Dense

RANDOM = np.random.default_rng(0)


def normal(*shape):
    return jnp.asarray(RANDOM.normal(size=shape), jnp.float32)


def by_definition(x, kernel):
    """Zeros between the rows and columns, two around, then the plain correlation with the kernel."""
    batch, height, width, _ = x.shape
    spread = np.zeros((batch, 2 * height + 3, 2 * width + 3, x.shape[-1]))
    spread[:, 2:-1:2, 2:-1:2] = x
    windows = np.lib.stride_tricks.sliding_window_view(spread, (4, 4), axis=(1, 2))
    return np.einsum("bhwcij,ijco->bhwo", windows, kernel)


@pytest.mark.parametrize("use_bias", [True, False])
def test_dense_is_the_affine_map_of_its_parameters(use_bias):
    x, kernel, bias = normal(5, 3), normal(3, 4), normal(4)
    layer = Dense(4, use_bias=use_bias)
    params = layer.init(jax.random.key(0), x, train=True)["params"]
    assert jax.tree.map(jnp.shape, params) == {"kernel": (3, 4)} | ({"bias": (4,)} if use_bias else {})
    y = layer.apply({"params": {"kernel": kernel, "bias": bias}}, x, train=True)
    np.testing.assert_allclose(y, x @ kernel + (bias if use_bias else 0), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("kernel_size", "stride", "side", "padding"),
    [(4, 2, 8, (1, 1)), (4, 2, 7, (1, 2)), (3, 1, 5, (1, 1)), (1, 1, 4, (0, 0))],
)
def test_convolution_pads_to_the_side_over_the_stride(kernel_size, stride, side, padding):
    x, kernel, bias = normal(2, side, side, 3), normal(kernel_size, kernel_size, 3, 5), normal(5)
    layer = Conv(5, kernel_size, stride)
    y = layer.apply({"params": {"kernel": kernel, "bias": bias}}, x, train=True)
    windows = np.lib.stride_tricks.sliding_window_view(
        np.pad(x, ((0, 0), padding, padding, (0, 0))), (kernel_size, kernel_size), axis=(1, 2)
    )[:, ::stride, ::stride]
    expected = np.einsum("bhwcij,ijco->bhwo", windows, kernel) + bias
    assert expected.shape == (2, -(-side // stride), -(-side // stride), 5)
    np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("use_bias", [True, False])
def test_transposed_convolution_layer_doubles_the_sides(use_bias):
    x, kernel, bias = normal(2, 3, 3, 2), normal(4, 4, 2, 4), normal(4)
    layer = ConvTranspose(4, use_bias=use_bias)
    y = layer.apply({"params": {"kernel": kernel, "bias": bias}}, x)
    assert y.shape == (2, 6, 6, 4)
    np.testing.assert_allclose(y, by_definition(x, kernel) + (bias if use_bias else 0), rtol=1e-4, atol=1e-4)


SPECTRAL = {
    "dense": (Dense(4, use_bias=False, spectral_norm=True), jnp.eye(6), (6, 4)),
    "convolution": (
        Conv(4, 2, 1, use_bias=False, spectral_norm=True),
        normal(2, 3, 3, 2),
        (2, 2, 2, 4),
    ),
}


@pytest.mark.parametrize(("layer", "x", "shape"), SPECTRAL.values(), ids=SPECTRAL)
def test_spectral_norm_converges_to_the_largest_singular_value(layer, x, shape):
    kernel = normal(*shape)
    spectral = layer.init(jax.random.key(0), x, train=True)["spectral"]
    train = jax.jit(lambda s: layer.apply({"params": {"kernel": kernel}, "spectral": s}, x, train=True, mutable=True))
    plain = layer.clone(spectral_norm=False).apply({"params": {"kernel": kernel}}, x, train=True)
    sigma = np.linalg.svd(kernel.reshape(-1, 4), compute_uv=False)[0]
    assert np.abs(train(spectral)[0] - plain / sigma).max() > 1e-3
    for _ in range(100):
        _, moved = train(spectral)
        spectral = moved["spectral"]
    np.testing.assert_allclose(train(spectral)[0], plain / sigma, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(spectral["u"]), 1, rtol=1e-5)


@pytest.mark.parametrize(("layer", "x", "shape"), SPECTRAL.values(), ids=SPECTRAL)
def test_many_power_iterations_give_the_largest_singular_value_in_one_pass(layer, x, shape):
    kernel = normal(*shape)
    variables = {**layer.init(jax.random.key(0), x, train=True), "params": {"kernel": kernel}}
    plain = layer.clone(spectral_norm=False).apply({"params": {"kernel": kernel}}, x, train=True)
    _, singular, right = np.linalg.svd(kernel.reshape(-1, 4), full_matrices=False)
    y, moved = layer.clone(spectral_norm=100).apply(variables, x, train=True, mutable=["spectral"])
    np.testing.assert_allclose(y, plain / singular[0], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(np.abs(right[0] @ moved["spectral"]["u"]), 1, rtol=1e-4)
    two_passes = variables
    for _ in range(2):
        one_each, moved = layer.apply(two_passes, x, train=True, mutable=["spectral"])
        two_passes = {**two_passes, **moved}
    two_at_once, moved = layer.clone(spectral_norm=2).apply(variables, x, train=True, mutable=["spectral"])
    np.testing.assert_allclose(two_at_once, one_each, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(moved["spectral"]["u"], two_passes["spectral"]["u"], rtol=1e-5, atol=1e-6)


def test_a_negative_number_of_power_iterations_is_an_error():
    with pytest.raises(ValueError, match="spectral_norm must be a number of power iterations, at least 0, got -1"):
        Dense(4, spectral_norm=-1).init(jax.random.key(0), jnp.ones((2, 3)), train=True)


@pytest.mark.parametrize(("layer", "x", "shape"), SPECTRAL.values(), ids=SPECTRAL)
def test_the_spectral_vector_moves_in_training_mode_alone(layer, x, shape):
    variables = layer.init(jax.random.key(0), x, train=True)
    start = variables["spectral"]["u"]
    trained, moved = layer.apply(variables, x, train=True, mutable=["spectral"])
    evaluated, kept = layer.apply(variables, x, train=False, mutable=["spectral"])
    np.testing.assert_array_equal(layer.init(jax.random.key(0), x, train=False)["spectral"]["u"], start)
    np.testing.assert_array_equal(kept["spectral"]["u"], start)
    assert np.abs(moved["spectral"]["u"] - start).max() > 1e-3
    np.testing.assert_array_equal(evaluated, trained)


@pytest.mark.slow
def test_the_derivatives_through_spectral_norm_are_those_of_the_computed_function():
    layer = Dense(4, use_bias=False, spectral_norm=True)
    kernel, u = RANDOM.normal(size=(6, 4)), RANDOM.normal(size=4)

    @jax.jit
    def output(kernel):
        variables = {"params": {"kernel": kernel}, "spectral": {"u": jnp.asarray(u / np.linalg.norm(u))}}
        return layer.apply(variables, jnp.eye(6), train=True, mutable=["spectral"])[0]

    with jax.enable_x64(True):
        check_grads(output, (jnp.asarray(kernel),), order=2, eps=1e-4, rtol=1e-5, atol=1e-5)


class Normalised(nn.Module):
    """Batch normalisation after one weight, so that gradients run through the statistics."""

    @nn.compact
    def __call__(self, x):
        return batch_norm(train=True)(jnp.tanh(x * self.param("weight", nn.initializers.ones, x.shape[1:])))


def test_batch_normalisation_over_four_devices_is_that_of_the_whole_batch():
    x = normal(16, 3) + jnp.arange(16)[:, None] / 4
    module = Normalised()
    variables = module.init(jax.random.key(0), x)

    def evaluate(x):
        def loss(params):
            y, moved = module.apply({**variables, "params": params}, x, mutable=["batch_stats"])
            return jnp.mean(y**3), (y, moved)

        gradient, (y, moved) = jax.grad(loss, has_aux=True)(variables["params"])
        return devices.average(gradient["weight"]), y, moved["batch_stats"]["BatchNorm_0"]

    gradient, y, moved = jax.jit(evaluate)(x)
    gradients, ys, replicas = jax.pmap(evaluate, axis_name=devices.AXIS)(x.reshape(4, 4, 3))
    np.testing.assert_allclose(ys.reshape(y.shape), y, rtol=1e-4, atol=1e-5)
    for replica in range(4):
        np.testing.assert_allclose(gradients[replica], gradient, rtol=1e-4, atol=1e-5)
        for name in ("mean", "var"):
            np.testing.assert_allclose(replicas[name][replica], moved[name], rtol=1e-5)


def test_batch_normalisation_by_hand():
    x = 2 + 3 * normal(8, 3)
    train, evaluate = batch_norm(train=True), batch_norm(train=False)
    variables = train.init(jax.random.key(0), x)
    y, moved = train.apply(variables, x, mutable=["batch_stats"])
    np.testing.assert_allclose(y, (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5), rtol=1e-4, atol=1e-5)
    mean, var = 0.1 * x.mean(0), 0.9 + 0.1 * x.var(0)
    np.testing.assert_allclose(moved["batch_stats"]["mean"], mean, rtol=1e-5)
    np.testing.assert_allclose(moved["batch_stats"]["var"], var, rtol=1e-5)
    np.testing.assert_allclose(
        evaluate.apply({**variables, **moved}, x), (x - mean) / np.sqrt(var + 1e-5), rtol=1e-4, atol=1e-5
    )


def test_a_convolution_in_groups_has_the_kernels_of_its_groups():
    layer = Conv(6, 3, 1, groups=2)
    x, kernel, bias = normal(1, 4, 4, 4), normal(3, 3, 2, 6), normal(6)
    assert layer.init(jax.random.key(0), x, train=True)["params"]["kernel"].shape == (3, 3, 2, 6)
    y = layer.apply({"params": {"kernel": kernel, "bias": bias}}, x, train=True)
    whole = Conv(3, 3, 1)
    for i in range(2):
        features, channels = slice(3 * i, 3 * i + 3), slice(2 * i, 2 * i + 2)
        own = {"kernel": kernel[..., features], "bias": bias[features]}
        expected = whole.apply({"params": own}, x[..., channels], train=True)
        np.testing.assert_allclose(y[..., features], expected, rtol=1e-4, atol=1e-5)
    with pytest.raises(ValueError, match="spectral_norm needs groups=1, got 2"):
        Conv(6, groups=2, spectral_norm=True).init(jax.random.key(0), x, train=True)


@pytest.mark.parametrize(("size", "low", "high"), [(3, 1, 1), (7, 3, 3), (4, 1, 2)])
def test_convolution_mirrors_the_image_as_numpy_does(size, low, high):
    x, kernel = normal(2, 5, 6, 3), normal(size, size, 3, 4)
    layer = Conv(4, size, 1, use_bias=False, padding="REFLECT")
    padded = jnp.asarray(np.pad(x, ((0, 0), (low, high), (low, high), (0, 0)), mode="reflect"))
    plain = Conv(4, size, 1, use_bias=False, padding=((0, 0), (0, 0)))
    expected = plain.apply({"params": {"kernel": kernel}}, padded, train=True)
    assert expected.shape == (2, 5, 6, 4)
    np.testing.assert_array_equal(layer.apply({"params": {"kernel": kernel}}, x, train=True), expected)


@pytest.mark.slow
def test_three_taps_down_and_up_are_centred_on_every_second_pixel():
    """As PyTorch's convolution with padding 1, and its transpose with padding 1 and output padding 1."""
    kernel = jnp.arange(1.0, 4.0)
    kernel = (kernel[:, None] * kernel)[..., None, None]
    down = Conv(1, 3, 2, use_bias=False, padding=((1, 1), (1, 1)))
    x = normal(1, 8, 8, 1)
    y = down.apply({"params": {"kernel": kernel}}, x, train=True)
    padded = np.pad(x[0, ..., 0], 1)
    expected = np.einsum("ij,ij", padded[4:7, 2:5], kernel[..., 0, 0])  # about row 4 and column 2
    assert y.shape == (1, 4, 4, 1)
    np.testing.assert_allclose(y[0, 2, 1, 0], expected, rtol=1e-4, atol=1e-4)
    up = ConvTranspose(1, 3, use_bias=False, padding=((1, 2), (1, 2)))
    y = up.apply({"params": {"kernel": kernel}}, jnp.zeros((1, 4, 4, 1)).at[0, 2, 1, 0].set(1.0))
    assert y.shape == (1, 8, 8, 1)
    expected = np.zeros((8, 8))
    expected[3:6, 1:4] = kernel[::-1, ::-1, 0, 0]
    assert set(map(tuple, np.argwhere(y[0, ..., 0]))) == set(map(tuple, np.argwhere(expected)))
