"""Resampling followed by a convolution, or the other way around: nothing is lost at the border of the image.

By definition both act on the image in a plane of zeros, and the result is cropped once, at the end.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.networks.layers import fir, resampling
from jaxgan.networks.layers.convolution import conv, conv_transpose
from jaxgan.networks.layers.equalized import EqualizedConv
from jaxgan.networks.layers.modulated import modulated_conv

RANDOM = np.random.default_rng(0)
IMAGE = jnp.asarray(RANDOM.normal(size=(1, 6, 6, 2)), jnp.float32)
FRAME = 4


def kernel(size):
    return jnp.asarray(np.random.default_rng(size).normal(size=(size, size, 2, 3)), jnp.float32)


def mean_kernel():
    return jnp.full((3, 3, 1, 1), 1 / 9)


def halved(x, kernel):
    """By `EqualizedConv`, whose scaling of the kernel is undone."""
    size, _, inputs, features = kernel.shape
    layer = EqualizedConv(features, size, down=True, use_bias=False)
    return layer.apply({"params": {"kernel": kernel * np.sqrt(size * size * inputs)}}, x)


def doubled(x, kernel):
    return modulated_conv(x, kernel, jnp.ones((1, x.shape[-1])), demodulate=False, up=True)


def test_a_flat_image_is_halved_by_a_mean_to_known_values():
    """One axis: the filter gives 1/2, 7/8, 1, 1, ... from the place before the image on; its mean of three is 19/24."""
    y = halved(jnp.ones((1, 8, 8, 1)), mean_kernel())[0, :, :, 0]
    np.testing.assert_allclose(y[0], [0.627, 0.792, 0.792, 0.627], atol=5e-4)
    row = np.array([19 / 24, 1, 1, 19 / 24])
    np.testing.assert_allclose(y, np.outer(row, row), rtol=1e-5)


def test_a_flat_image_is_doubled_by_a_mean_to_known_values():
    """One axis: the filter gives 1/4, 3/4, 1, 1, ... from the place before the image on; its mean of three is 2/3."""
    y = doubled(jnp.ones((1, 4, 4, 1)), mean_kernel())[0, :, :, 0]
    np.testing.assert_allclose(y[0, 4], 0.667, atol=5e-4)
    row = np.array([2 / 3, 11 / 12, 1, 1, 1, 1, 11 / 12, 2 / 3])
    np.testing.assert_allclose(y, np.outer(row, row), rtol=1e-5)


DOWN = {
    "StyleGAN2, 3x3": lambda x: halved(x, kernel(3)),
    "StyleGAN2, 1x1 beside it": lambda x: halved(x, kernel(1)),
    "StyleGAN2, a larger kernel": lambda x: halved(x, kernel(5)),
    "R3GAN": lambda x: conv(fir.downsample(x), kernel(1)),
    "SN-ResNet and BigGAN": lambda x: resampling.downsample(conv(x, kernel(3))),
    "SN-ResNet and BigGAN, 1x1 beside it": lambda x: conv(resampling.downsample(x), kernel(1)),
    "DCGAN": lambda x: conv(x, kernel(4), stride=2),
}
UP = {
    "StyleGAN2, 3x3": lambda x: doubled(x, kernel(3)),
    "StyleGAN2, 1x1": lambda x: doubled(x, kernel(1)),
    "StyleGAN2, a larger kernel": lambda x: doubled(x, kernel(5)),
    "R3GAN": lambda x: fir.upsample(conv(x, kernel(1))),
    "SN-ResNet and BigGAN": lambda x: conv(resampling.upsample(x), kernel(3)),
    "DCGAN": lambda x: conv_transpose(x, kernel(4)),
}


@pytest.mark.parametrize("layer", DOWN.values(), ids=DOWN)
def test_halving_an_image_is_halving_it_in_a_plane_of_zeros(layer):
    far = FRAME // 2
    plane = jax.jit(layer)(fir.bordered(IMAGE, FRAME))
    np.testing.assert_allclose(jax.jit(layer)(IMAGE), plane[:, far:-far, far:-far], atol=1e-5)


@pytest.mark.parametrize("layer", UP.values(), ids=UP)
def test_doubling_an_image_is_doubling_it_in_a_plane_of_zeros(layer):
    far = FRAME * 2
    plane = jax.jit(layer)(fir.bordered(IMAGE, FRAME))
    np.testing.assert_allclose(jax.jit(layer)(IMAGE), plane[:, far:-far, far:-far], atol=1e-5)
