"""The residual translator of CycleGAN: its parameters, its borders and the sizes that it takes."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from layers_for_tests import conv, conv_transpose, instance_norm

from jaxgan.errors import InputError
from jaxgan.networks import ResNetTranslator

KEY = jax.random.key(0)
RANDOM = np.random.default_rng(0)
SMALL = {"channels": 2, "width": 2, "blocks": 1}


def authors_parameters(blocks, halvings=2, width=64, inputs=3, outputs=3):
    """Number of parameters in the authors' PyTorch program with instance norm: every convolution has a bias."""
    widths = [width * 2**i for i in range(halvings + 1)]
    total = 49 * inputs * width + width + 49 * width * outputs + outputs
    for narrow, wide in itertools.pairwise(widths):
        total += 2 * 9 * narrow * wide + wide + narrow
    return total + blocks * 2 * (9 * widths[-1] ** 2 + widths[-1])


def without_effect(blocks, halvings=2, width=64):
    """Biases before an instance normalisation: all but the last layer's."""
    widths = [width * 2**i for i in range(halvings + 1)]
    return sum(widths) + blocks * 2 * widths[-1] + sum(widths[:-1])


def counted(module):
    shapes = jax.eval_shape(lambda: module.init(KEY, jnp.ones((1, 256, 256, 3)), train=False))
    return sum(leaf.size for leaf in jax.tree.leaves(shapes["params"]))


@pytest.mark.parametrize("blocks", [9, 6])
def test_it_has_the_published_parameters_but_for_biases_without_effect(blocks):
    assert authors_parameters(9) == 11378179  # which the authors' program prints, in its issue 169
    assert counted(ResNetTranslator(blocks=blocks)) == authors_parameters(blocks) - without_effect(blocks)


def test_with_four_halvings_it_is_the_global_generator_of_pix2pixhd():
    expected = authors_parameters(9, 4) - without_effect(9, 4)
    assert counted(ResNetTranslator(halvings=4)) == expected


def test_without_a_normalisation_every_layer_has_its_bias():
    assert counted(ResNetTranslator(blocks=1, width=4, norm="none")) == authors_parameters(1, width=4)


def test_it_is_the_network_of_the_authors_layer_by_layer():
    """With one block and random weights."""
    module, x = ResNetTranslator(**SMALL), RANDOM.normal(size=(2, 8, 12, 1))
    shapes = jax.eval_shape(lambda: module.init(KEY, jnp.asarray(x), train=False))["params"]
    params = jax.tree.map(lambda leaf: RANDOM.normal(size=leaf.shape), shapes)
    convs = [params[f"Conv_{i}"] for i in range(6)]

    def normal(y):
        return np.maximum(instance_norm(y), 0)

    y = normal(conv(x, convs[0], 1, 3, "reflect"))
    y = normal(conv(normal(conv(y, convs[1], 2, 1)), convs[2], 2, 1))
    inner = normal(conv(y, convs[3], 1, 1, "reflect"))
    y = y + instance_norm(conv(inner, convs[4], 1, 1, "reflect"))
    for i in range(2):
        y = normal(conv_transpose(y, params[f"ConvTranspose_{i}"], 1, output_padding=1))
    expected = np.tanh(conv(y, convs[5], 1, 3, "reflect"))
    found = jax.jit(lambda params, x: module.apply({"params": params}, x, train=False))(params, x)
    np.testing.assert_allclose(found, expected, atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize(("size", "norm"), [((8, 24), "instance"), ((28, 28), "batch")])
def test_images_keep_their_size_and_are_in_range(size, norm):
    source = 1e3 * jax.random.normal(KEY, (3, *size, 1))
    module = ResNetTranslator(norm=norm, **SMALL)
    images, _ = jax.jit(lambda x: module.init_with_output(KEY, x, train=True))(source)
    assert images.shape == (3, *size, 2)
    assert 0 < np.abs(images).max() <= 1


def test_a_flat_image_has_no_border():
    """Zeros at the border would show; the layers of stride 2, which add some, are left out."""
    module, x = ResNetTranslator(width=8, blocks=1, halvings=0, norm="none"), jnp.ones((1, 12, 12, 1))
    image, _ = jax.jit(lambda: module.init_with_output(KEY, x, train=False))()
    assert np.abs(image).min() > 0
    np.testing.assert_allclose(image, jnp.broadcast_to(image[:, 5:6, 5:6], image.shape), rtol=1e-5)


@pytest.mark.slow
def test_a_pixel_is_made_of_those_about_its_own_place():
    """The layers of stride 2 down and up are centred on the same pixels."""
    module, x = ResNetTranslator(norm="none", **SMALL), jnp.zeros((1, 64, 64, 1))
    variables = jax.jit(lambda: module.init(KEY, x, train=False))()
    x = jax.random.normal(KEY, x.shape)
    slope = jax.jit(jax.grad(lambda x: module.apply(variables, x, train=False)[0, 32, 32, 0]))(x)
    rows = np.flatnonzero(np.abs(slope[0, :, :, 0]).max(axis=1))
    assert rows[0] + rows[-1] == 2 * 32


@pytest.mark.slow
def test_the_source_is_the_condition_if_there_is_one():
    module, source = ResNetTranslator(**SMALL), jax.random.normal(KEY, (2, 8, 8, 1))
    variables = jax.jit(lambda: module.init(KEY, source, train=False))()
    one = module.apply(variables, source, train=False)
    for latent in (jnp.ones((2, 5)), -source):
        np.testing.assert_array_equal(module.apply(variables, latent, source, train=False), one)
    assert np.abs(one[0] - one[1]).max() > 1e-4


def test_bfloat16_lies_between_the_layers_and_images_are_float32():
    module, x = ResNetTranslator(dtype=jnp.bfloat16, **SMALL), jnp.ones((2, 16, 16, 1))
    images, variables = jax.eval_shape(lambda: module.init_with_output(KEY, x, train=True, capture_intermediates=True))
    assert images.dtype == jnp.float32
    assert {leaf.dtype for leaf in jax.tree.leaves(variables["params"])} == {jnp.dtype(jnp.float32)}
    inner = variables["intermediates"]
    inner.pop("__call__")
    inner.pop("maps")
    assert {leaf.dtype for leaf in jax.tree.leaves(inner)} == {jnp.dtype(jnp.bfloat16)}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"norm": "layer"}, "norm must be one of batch, instance, none; got 'layer'"),
        ({"blocks": -1}, "blocks must be a whole number of at least 0, got -1"),
        ({"halvings": 1.5}, "halvings must be a whole number of at least 0, got 1.5"),
    ],
)
def test_arguments_out_of_range_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        ResNetTranslator(**options)


@pytest.mark.parametrize(
    ("size", "message"),
    [((8, 10), r"multiples of 4, got image_size=\(8, 10\)"), ((4, 8), "at least 8 pixels with 2 halvings, .* 4 by 8")],
)
def test_images_of_other_sizes_are_refused(size, message):
    with pytest.raises(InputError, match=message):
        ResNetTranslator(**SMALL).init(KEY, jnp.ones((1, *size, 1)), train=False)
