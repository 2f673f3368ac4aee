"""Resampling with a blur against its closed forms, and the networks that use it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from layers_for_tests import conv, instance_norm

from jaxgan.networks import PatchDiscriminator, ResNetTranslator
from jaxgan.networks.layers.antialiased import blurred_double, blurred_half
from jaxgan.networks.layers.small_kernels import SMALL_KERNELS

KEY = jax.random.key(0)
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(2, 6, 8, 3)).astype(np.float32)


def halved(x):
    """The definition, with one loop for each place."""
    x = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="reflect")
    taps = np.outer([1, 2, 1], [1, 2, 1])[None, :, :, None] / 16
    rows, columns = range(0, x.shape[1] - 2, 2), range(0, x.shape[2] - 2, 2)
    return np.stack([np.stack([(x[:, i : i + 3, j : j + 3] * taps).sum((1, 2)) for j in columns], 1) for i in rows], 1)


def bilinear(x):
    batch, height, width, channels = x.shape
    return jax.image.resize(x, (batch, 2 * height, 2 * width, channels), "bilinear")


@pytest.mark.parametrize("size", [(6, 8), (5, 7)])
def test_half_is_the_blur_at_every_second_pixel(size):
    x = X[:, : size[0], : size[1]]
    assert blurred_half(x).shape == (2, 3, 4, 3)
    np.testing.assert_allclose(blurred_half(x), halved(x), atol=1e-6)


def test_half_drops_what_every_second_pixel_would_alias():
    checkers = (-1.0) ** np.add.outer(np.arange(6), np.arange(8))[None, :, :, None]
    np.testing.assert_allclose(blurred_half(checkers), 0, atol=1e-7)
    np.testing.assert_allclose(blurred_half(np.ones_like(checkers)), 1)


def test_double_is_bilinear():
    np.testing.assert_allclose(blurred_double(X), bilinear(X), atol=1e-6)


def test_the_translator_is_that_of_cut_layer_by_layer():
    module, x = ResNetTranslator(channels=2, width=2, blocks=1, antialias=True), X[..., :1].repeat(2, 1)
    shapes = jax.eval_shape(lambda: module.init(KEY, jnp.asarray(x), train=False))["params"]
    params = jax.tree.map(lambda leaf: RANDOM.normal(size=leaf.shape), shapes)
    convs = [params[f"Conv_{i}"] for i in range(8)]

    def normal(y):
        return np.maximum(instance_norm(y), 0)

    y, maps = normal(conv(x, convs[0], 1, 3, "reflect")), [x]
    for layer in convs[1:3]:
        maps.append(conv(y, layer, 1, 1))
        y = halved(normal(maps[-1]))
    inner = normal(conv(y, convs[3], 1, 1, "reflect"))
    y = y + instance_norm(conv(inner, convs[4], 1, 1, "reflect"))
    maps.append(y)
    for layer in convs[5:7]:
        y = normal(
            conv(
                np.asarray(jax.image.resize(y, (2, 2 * y.shape[1], 2 * y.shape[2], y.shape[3]), "bilinear")),
                layer,
                1,
                1,
            )
        )
    expected = np.tanh(conv(y, convs[7], 1, 3, "reflect"))
    found, moved = jax.jit(lambda p, x: module.apply({"params": p}, x, train=False, mutable=["intermediates"]))(
        params, x
    )
    np.testing.assert_allclose(found, expected, atol=1e-4)
    for one, other in zip(moved["intermediates"]["maps"], maps, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)


@pytest.mark.parametrize(("layers", "side"), [(1, 18), (2, 40)])
def test_a_patch_has_as_many_pixels_as_the_layers_reach(layers, side):
    """4 + 2 for the first layer with its blur, 3·2ⁱ + 2·2ⁱ for each further one, and 2·3·2ⁿ for the last two."""
    module = PatchDiscriminator(layers, width=1, norm="none", antialias=True)
    image = jnp.asarray(RANDOM.normal(size=(1, 64, 64, 1)), jnp.float32)
    shapes = jax.eval_shape(lambda: module.init(KEY, image, train=False))
    params = jax.tree.map(lambda leaf: jnp.ones(leaf.shape), shapes)
    logits, vjp = jax.vjp(lambda x: module.apply(params, x, train=False), image)
    assert logits.shape == (1, 64 // 2**layers - 2, 64 // 2**layers - 2)
    middle = jnp.zeros_like(logits).at[0, logits.shape[1] // 2, logits.shape[2] // 2].set(1.0)
    seen = np.flatnonzero(np.abs(vjp(middle)[0]).sum((0, 2, 3)))
    assert seen[-1] - seen[0] + 1 == side


def test_kernels_begin_at_the_deviations_of_xavier_normal_times_0_02():
    kernel = SMALL_KERNELS["glorot"](KEY, (3, 3, 64, 128))
    np.testing.assert_allclose(np.std(kernel), 0.02 * np.sqrt(2 / (9 * 64 + 9 * 128)), rtol=0.01)
    np.testing.assert_allclose(np.std(SMALL_KERNELS["normal"](KEY, (3, 3, 64, 128))), 0.02, rtol=0.01)
