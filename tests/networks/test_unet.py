"""The U-Net of pix2pix: its parameters, its skips, the sizes that it takes and when it drops."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from layers_for_tests import conv, conv_transpose, instance_norm, leaky_relu

import jaxgan
from jaxgan import Batch, Players, conditions, dynamics, losses, networks
from jaxgan.errors import InputError
from jaxgan.networks import UNetGenerator

KEY = jax.random.key(0)
RANDOM = np.random.default_rng(0)
SMALL = {"channels": 2, "width": 2}


def authors_parameters(depth, width, inputs, outputs, norm):
    """Number of parameters of `UnetGenerator(inputs, outputs, num_downs=depth, ngf=width)` in the authors' program.

    Each block has a 4×4 convolution down and one up. With batch normalisation the last one alone has a bias and each
    normalisation two numbers a channel; with instance normalisation each convolution has a bias.
    """
    widths = [width * min(2**i, 8) for i in range(depth)]
    total = 0
    for i, inner in enumerate(widths):
        outer, below = (inputs, outputs) if i == 0 else (widths[i - 1], widths[i - 1])
        joined = inner if i == depth - 1 else 2 * inner
        total += 16 * outer * inner + 16 * joined * below
        if norm == "instance":
            total += inner + below
        elif i == 0:
            total += below
        else:
            total += 2 * below + (0 if i == depth - 1 else 2 * inner)
    return total


def without_effect(depth, width):
    """Biases before an instance normalisation."""
    widths = [width * min(2**i, 8) for i in range(depth)]
    return sum(widths[1:-1]) + sum(widths[:-1])


def counted(module, shape):
    shapes = jax.eval_shape(lambda: module.init(KEY, jnp.ones(shape), train=False))
    return sum(leaf.size for leaf in jax.tree.leaves(shapes["params"]))


@pytest.mark.parametrize(
    ("side", "depth", "colours", "millions"), [(256, 8, 3, "54.41"), (256, 8, 1, "54.408"), (64, 6, 1, "29.238")]
)
def test_it_has_the_published_parameters(side, depth, colours, millions):
    """The authors' program prints those of one channel, in its issue 1152."""
    expected = authors_parameters(depth, 64, colours, colours, "batch")
    assert f"{expected / 1e6:.{len(millions) - 3}f}" == millions
    assert counted(UNetGenerator(channels=colours), (1, side, side, colours)) == expected


@pytest.mark.parametrize("norm", ["batch", "instance"])
@pytest.mark.parametrize(("side", "depth"), [(128, 7), (48, 4), (8, 3)])
def test_the_depth_is_that_of_the_sides(side, depth, norm):
    expected = authors_parameters(depth, 2, 1, 2, norm)
    if norm == "instance":
        expected -= without_effect(depth, 2)
    assert counted(UNetGenerator(norm=norm, **SMALL), (1, side, side, 1)) == expected


def test_it_is_the_network_of_the_authors_layer_by_layer():
    """As their blocks nest, with instance normalisation, 3 halvings and random weights."""
    module, x = UNetGenerator(norm="instance", **SMALL), RANDOM.normal(size=(2, 8, 8, 1))
    shapes = jax.eval_shape(lambda: module.init(KEY, jnp.asarray(x), train=False))["params"]
    params = jax.tree.map(lambda leaf: RANDOM.normal(size=leaf.shape), shapes)

    def block(x, i):
        y = conv(x if i == 0 else leaky_relu(x), params[f"Conv_{i}"], 2, 1)
        if i < 2:
            y = block(y if i == 0 else instance_norm(y), i + 1)
        y = conv_transpose(np.maximum(y, 0), params[f"ConvTranspose_{2 - i}"], 1)
        return np.tanh(y) if i == 0 else np.concatenate([x, instance_norm(y)], axis=-1)

    found = jax.jit(lambda params, x: module.apply({"params": params}, x, train=False))(params, x)
    np.testing.assert_allclose(found, block(x, 0), atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("size", [(8, 24), (28, 28), (2, 6)])
def test_images_keep_their_size_and_are_in_range(size):
    source = 1e3 * jax.random.normal(KEY, (3, *size, 1))
    module = UNetGenerator(**SMALL)
    images, _ = jax.jit(lambda x: module.init_with_output(KEY, x, train=True))(source)
    assert images.shape == (3, *size, 2)
    assert 0 < np.abs(images).max() <= 1


def test_one_depth_serves_several_sizes():
    module = UNetGenerator(depth=2, norm="instance", **SMALL)
    variables = jax.jit(lambda: module.init(KEY, jnp.ones((1, 8, 8, 1)), train=False))()
    for size in ((16, 8), (4, 12)):
        made = jax.eval_shape(lambda x: module.apply(variables, x, train=False), jnp.ones((1, *size, 1)))
        assert made.shape == (1, *size, 2)


@pytest.mark.slow
def test_the_source_is_the_condition_if_there_is_one():
    module, source = UNetGenerator(norm="instance", **SMALL), jax.random.normal(KEY, (2, 8, 8, 1))
    variables = jax.jit(lambda: module.init(KEY, source, train=False))()
    one = module.apply(variables, source, train=False)
    for latent in (jnp.ones((2, 5)), -source):
        np.testing.assert_array_equal(module.apply(variables, latent, source, train=False), one)
    assert np.abs(one[0] - one[1]).max() > 1e-4


@pytest.mark.slow
def test_every_skip_reaches_the_output():
    """The kernels on the way down are 0 from some size on: what changes the output then came through a skip."""
    module, x = UNetGenerator(norm="instance", **SMALL), jax.random.normal(KEY, (1, 16, 16, 1))
    params = jax.jit(lambda: module.init(KEY, x, train=False))()["params"]

    @jax.jit
    def slope(params):
        return jax.grad(lambda x: jnp.sum(module.apply({"params": params}, x, train=False) ** 2))(x)

    for first in (1, 2, 3):
        zeros = {f"Conv_{i}": jax.tree.map(jnp.zeros_like, params[f"Conv_{i}"]) for i in range(first, 4)}
        assert np.abs(slope({**params, **zeros})).max() > 0, first
    zeros = {f"Conv_{i}": jax.tree.map(jnp.zeros_like, params[f"Conv_{i}"]) for i in range(4)}
    np.testing.assert_array_equal(slope({**params, **zeros}), 0)


def outputs(module, train, n=2):
    """Outputs for the same images with several random keys."""
    source = jax.random.normal(KEY, (2, 16, 16, 1))
    network = networks.linen(module)
    params, variables = network.init(KEY, source, None)
    return [
        np.asarray(network.apply(params, variables, source, None, train=train, key=jax.random.key(i))[0])
        for i in range(n)
    ]


@pytest.mark.slow
def test_it_drops_in_training_and_in_sampling_only_if_asked():
    module = UNetGenerator(norm="instance", **SMALL)
    one, other = outputs(module, train=True)
    assert np.abs(one - other).max() > 0
    np.testing.assert_array_equal(*outputs(module, train=False))
    one, other = outputs(module.clone(sampling_dropout=True), train=False)
    assert np.abs(one - other).max() > 0
    np.testing.assert_array_equal(*outputs(module.clone(dropout=0.0, sampling_dropout=True), train=True))


@pytest.mark.slow
def test_the_first_three_layers_on_the_way_back_drop():
    module = UNetGenerator(width=1)
    for side, layers in ((4, 1), (16, 3), (64, 3)):
        x = jnp.ones((1, side, side, 1))
        _, state = jax.eval_shape(lambda x: module.init_with_output(KEY, x, train=True, capture_intermediates=True), x)
        drops = [name for name in state["intermediates"] if name.startswith("Dropout")]
        assert len(drops) == layers
        sides = [state["intermediates"][name]["__call__"][0].shape[1] for name in drops]
        assert sides == [2, 4, 8][:layers]


@pytest.mark.slow
def test_a_game_samples_with_dropout():
    module = UNetGenerator(norm="instance", sampling_dropout=True, **SMALL)
    source = jax.random.normal(KEY, (2, 16, 16, 1))
    game = jaxgan.gan(
        module,
        networks.PatchDiscriminator(layers=1, width=2),
        loss=losses.non_saturating(),
        condition=conditions.like((16, 16, 1)),
        latent_size=1,
    )
    algorithm = jaxgan.algorithm(game, dynamics.simultaneous(Players(*[optax.sgd(0.01)] * 2)))
    state = jax.jit(algorithm.init)(KEY, Batch(jnp.zeros((2, 16, 16, 2)), source))
    one, same, other = (algorithm.sample(state, jax.random.key(i), 2, source) for i in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 0


def test_bfloat16_lies_between_the_layers_and_images_are_float32():
    module, x = UNetGenerator(dtype=jnp.bfloat16, **SMALL), jnp.ones((2, 16, 16, 1))
    images, variables = jax.eval_shape(lambda: module.init_with_output(KEY, x, train=True, capture_intermediates=True))
    assert images.dtype == jnp.float32
    assert {leaf.dtype for leaf in jax.tree.leaves(variables["params"])} == {jnp.dtype(jnp.float32)}
    inner = variables["intermediates"]
    inner.pop("__call__")
    assert {leaf.dtype for leaf in jax.tree.leaves(inner)} == {jnp.dtype(jnp.bfloat16)}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"norm": "layer"}, "norm must be one of batch, instance, none; got 'layer'"),
        ({"dropout": 1.0}, "dropout must be less than 1, got 1.0"),
        ({"depth": 0}, "depth must be None or a whole number of at least 1, got 0"),
    ],
)
def test_arguments_out_of_range_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        UNetGenerator(**options)


def test_sizes_that_cannot_be_halved_are_refused():
    with pytest.raises(InputError, match="both sides must be even, got images of 8 by 7 pixels"):
        UNetGenerator(**SMALL).init(KEY, jnp.ones((1, 8, 7, 1)), train=False)
    with pytest.raises(InputError, match=r"multiples of 8, got image_size=\(16, 12\)"):
        UNetGenerator(depth=3, **SMALL).init(KEY, jnp.ones((1, 16, 12, 1)), train=False)


@pytest.mark.slow
def test_dropout_in_sampling_needs_a_key():
    module, x = UNetGenerator(norm="instance", sampling_dropout=True, **SMALL), jnp.ones((1, 16, 16, 1))
    network = networks.linen(module)
    params, variables = network.init(KEY, x, None)
    with pytest.raises(InputError, match="sampling_dropout=True needs a random key"):
        network.apply(params, variables, x, None, train=False, key=None)
