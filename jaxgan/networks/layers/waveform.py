"""Convolution and transposed convolution of waveforms: of one axis, for kernels that are long beside their stride."""

import flax.linen as nn
import jax
import jax.numpy as jnp
from flax.linen.dtypes import promote_dtype
from jax import lax
from jaxtyping import Array, Float

from jaxgan.devices import platform
from jaxgan.networks.layers.convolution import IMAGES, conv, same_padding
from jaxgan.networks.layers.linear import Initializer, shifted
from jaxgan.networks.layers.precision import Computed


class Conv1D(nn.Module):
    """`[B, T, C] -> [B, ceil(T/stride), features]`, padded with zeros to "SAME".

    Examples:
        >>> layer = jaxgan.networks.layers.Conv1D(8, 25, stride=4)
        >>> layer.init_with_output(jax.random.key(0), jnp.zeros([1, 64, 1]))[0].shape
        (1, 16, 8)
    """

    features: int
    kernel_size: int = 25
    stride: int = 4
    kernel_init: Initializer = nn.initializers.xavier_uniform()
    dtype: Computed = None

    @nn.compact
    def __call__(self, x: Float[Array, "batch times channels"]) -> Float[Array, "batch times_out features"]:
        """Convolve."""
        kernel = self.param("kernel", self.kernel_init, (self.kernel_size, x.shape[-1], self.features))
        bias = self.param("bias", nn.initializers.zeros, (self.features,))
        x, kernel = promote_dtype(x, kernel, dtype=self.dtype)
        return shifted(conv_1d(x, kernel, self.stride), bias)


class ConvTranspose1D(nn.Module):
    """`[B, T, C] -> [B, stride·T, features]`, padded to "SAME".

    Examples:
        >>> layer = jaxgan.networks.layers.ConvTranspose1D(8, 25, stride=4)
        >>> layer.init_with_output(jax.random.key(0), jnp.zeros([1, 16, 1]))[0].shape
        (1, 64, 8)
    """

    features: int
    kernel_size: int = 25
    stride: int = 4
    kernel_init: Initializer = nn.initializers.xavier_uniform()
    dtype: Computed = None

    @nn.compact
    def __call__(self, x: Float[Array, "batch times channels"]) -> Float[Array, "batch times_out features"]:
        """Convolve with the stride on the output's side."""
        kernel = self.param("kernel", self.kernel_init, (self.kernel_size, x.shape[-1], self.features))
        bias = self.param("bias", nn.initializers.zeros, (self.features,))
        x, kernel = promote_dtype(x, kernel, dtype=self.dtype)
        return shifted(conv_transpose_1d(x, kernel, self.stride), bias)


def conv_1d(
    x: Float[Array, "batch times inputs"], kernel: Float[Array, "taps inputs outputs"], stride: int
) -> Float[Array, "batch times_out outputs"]:
    """`lax.conv_general_dilated(x, kernel, (stride,), "SAME")` of waveforms, channels last, in their dtype.

    It is a convolution of stride 1 over blocks of `stride` samples, which lie side by side as channels. So each
    derivative is a matrix product on the CPU, see `layers.convolution.conv`; rounding differs.
    """
    batch, times, channels = x.shape
    taps, _, features = kernel.shape
    blocks, out = -(-taps // stride), -(-times // stride)
    ((low, _),) = lax.padtype_to_pads((times,), (taps,), (stride,), "SAME")
    needed = stride * (out + blocks - 1)
    x = jnp.pad(x, ((0, 0), (low, needed - times - low), (0, 0)))
    kernel = jnp.pad(kernel, ((0, blocks * stride - taps), (0, 0), (0, 0)))
    x = x.reshape(batch, 1, needed // stride, stride * channels)
    return conv(x, kernel.reshape(1, blocks, stride * channels, features), padding=((0, 0), (0, 0)))[:, 0]


def conv_transpose_1d(
    x: Float[Array, "batch times inputs"], kernel: Float[Array, "taps inputs outputs"], stride: int
) -> Float[Array, "batch times_out outputs"]:
    """`lax.conv_transpose(x, kernel, (stride,), "SAME")` of waveforms: their length times the stride.

    It is the transpose, in the sense of linear algebra, of `conv_1d` with the kernel turned.
    """
    if platform() == "onnx":
        pads = ((0, 0), same_padding(kernel.shape[0], stride))
        return lax.conv_general_dilated(x[:, None], kernel[None], (1, 1), pads, (1, stride), dimension_numbers=IMAGES)[
            :, 0
        ]
    turned = kernel[::-1].swapaxes(1, 2)
    wave = jax.ShapeDtypeStruct((x.shape[0], stride * x.shape[1], kernel.shape[2]), x.dtype)
    return jax.linear_transpose(lambda y: conv_1d(y, turned, stride), wave)(x)[0]
