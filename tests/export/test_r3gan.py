"""Weights of the authors' R3GAN: our network makes of them what their program makes, written here in NumPy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.errors import InputError
from jaxgan.export.r3gan import from_r3gan, is_r3gan
from jaxgan.networks import R3GANGenerator
from jaxgan.program import inheritance

LATENT, CLASSES, BLOCKS, EXPANSION, GROUP = 3, 2, 2, 2, 4
WIDTHS = (8, 8, 4)
RANDOM = np.random.default_rng(0)


def weights(conditional):
    """Arrays by the names of R3GAN/Networks.py, with random numbers; of equal widths there is no transition layer."""
    arrays = {
        "MainLayers.0.Layers.0.Basis": (WIDTHS[0], 4, 4),
        "MainLayers.0.Layers.0.LinearLayer.weight": (WIDTHS[0], LATENT * (1 + conditional)),
        "MainLayers.2.Layers.0.LinearLayer.Layer.weight": (WIDTHS[2], WIDTHS[1], 1, 1),
        "MainLayers.1.Layers.0.Resampler.Kernel": (4, 4),
        "AggregationLayer.Layer.weight": (3, WIDTHS[2], 1, 1),
    }
    if conditional:
        arrays["EmbeddingLayer.weight"] = (LATENT, CLASSES)
    for stage, width in enumerate(WIDTHS):
        for layer in range(1, 1 + BLOCKS):
            block, wide = f"MainLayers.{stage}.Layers.{layer}", width * EXPANSION
            arrays |= {
                f"{block}.LinearLayer1.Layer.weight": (wide, width, 1, 1),
                f"{block}.LinearLayer2.Layer.weight": (wide, GROUP, 3, 3),
                f"{block}.LinearLayer3.Layer.weight": (width, wide, 1, 1),
                f"{block}.NonLinearity1.Bias": (wide,),
                f"{block}.NonLinearity2.Bias": (wide,),
            }
    return {f"Model.{name}": RANDOM.normal(0, 0.3, shape) for name, shape in arrays.items()}


def pointwise(x, weight):
    return np.einsum("nchw,oc->nohw", x, weight[:, :, 0, 0])


def grouped(x, weight):
    """3×3, padded by 1, with groups of `GROUP` channels."""
    n, channels, height, width = x.shape
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    parts = []
    for first in range(0, channels, GROUP):
        own = slice(first, first + GROUP)
        y = np.zeros((n, GROUP, height, width))
        for i in range(3):
            for j in range(3):
                y += np.einsum("nchw,oc->nohw", padded[:, own, i : i + height, j : j + width], weight[own, :, i, j])
        parts.append(y)
    return np.concatenate(parts, axis=1)


def doubled(x):
    """The transposed convolution of stride 2 with the filter [1, 2, 1] * [1, 1] along each side, cropped by 1."""
    taps = np.convolve([1, 2, 1], [1, 1])
    kernel = 4 * np.outer(taps, taps) / np.outer(taps, taps).sum()
    n, channels, height, width = x.shape
    y = np.zeros((n, channels, 2 * height + 2, 2 * width + 2))
    for i in range(4):
        for j in range(4):
            y[:, :, i : i + 2 * height : 2, j : j + 2 * width : 2] += kernel[i, j] * x
    return y[:, :, 1:-1, 1:-1]


def activated(x, bias):
    x = x + bias[:, None, None]
    return np.where(x > 0, x, 0.2 * x)


def reference(arrays, z, y):
    """The `Generator` of R3GAN/Networks.py."""
    arrays = {name.removeprefix("Model."): array for name, array in arrays.items()}
    z = np.concatenate([z, y @ arrays["EmbeddingLayer.weight"].T], axis=1)
    scales = z @ arrays["MainLayers.0.Layers.0.LinearLayer.weight"].T
    x = arrays["MainLayers.0.Layers.0.Basis"] * scales[:, :, None, None]
    for stage in range(len(WIDTHS)):
        change = f"MainLayers.{stage}.Layers.0.LinearLayer.Layer.weight"
        x = pointwise(x, arrays[change]) if change in arrays else x
        x = doubled(x) if stage > 0 else x
        for layer in range(1, 1 + BLOCKS):
            own = f"MainLayers.{stage}.Layers.{layer}"
            h = pointwise(x, arrays[f"{own}.LinearLayer1.Layer.weight"])
            h = grouped(activated(h, arrays[f"{own}.NonLinearity1.Bias"]), arrays[f"{own}.LinearLayer2.Layer.weight"])
            h = activated(h, arrays[f"{own}.NonLinearity2.Bias"])
            x = x + pointwise(h, arrays[f"{own}.LinearLayer3.Layer.weight"])
    return pointwise(x, arrays["AggregationLayer.Layer.weight"]).transpose(0, 2, 3, 1)


@pytest.mark.slow
def test_our_generator_makes_the_same_images():
    arrays = weights(conditional=True)
    assert is_r3gan(arrays)
    z, y = RANDOM.normal(size=(2, LATENT)), np.eye(CLASSES)
    module = R3GANGenerator(16, widths=WIDTHS, blocks=BLOCKS, expansion=EXPANSION, group_size=GROUP)
    given = jnp.asarray(z, jnp.float32), jnp.asarray(y, jnp.float32)
    start = jax.jit(lambda: module.init(jax.random.key(0), *given, train=False))()
    filled = inheritance._filled("generator", jax.device_get(start), from_r3gan(arrays))
    assert not filled.new
    assert not filled.left
    images = jax.jit(lambda tree: module.apply(tree, *given, train=False))(filled.tree)
    expected = reference(arrays, z, y)
    assert np.std(expected) > 0.1
    np.testing.assert_allclose(images, expected, atol=1e-3 * np.abs(expected).max())


def test_a_file_of_the_authors_is_recognised(tmp_path):
    save_file = pytest.importorskip("safetensors.numpy").save_file
    arrays = weights(conditional=False)
    save_file(arrays, tmp_path / "r3gan.safetensors")
    _, generator, discriminator = inheritance.parent_at(tmp_path / "r3gan.safetensors")
    assert generator["params.basis"].shape == (4, 4, WIDTHS[0])
    assert {array.dtype for array in generator.values()} == {np.dtype(np.float32)}
    assert not discriminator
    assert not is_r3gan(generator)
    incomplete = {name: array for name, array in arrays.items() if "Aggregation" not in name}
    with pytest.raises(InputError, match="AggregationLayer"):
        from_r3gan(incomplete)
