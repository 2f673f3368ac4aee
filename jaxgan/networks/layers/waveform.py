"""Convolution and transposed convolution of waveforms: of one axis, for kernels that are long beside their stride."""

from typing import Literal

import flax.linen as nn
import jax
import jax.numpy as jnp
from flax.linen.dtypes import promote_dtype
from jax import lax
from jaxtyping import Array, Float

from jaxgan.checks import require, require_choice
from jaxgan.devices import platform
from jaxgan.networks.layers.convolution import IMAGES, conv, same_padding
from jaxgan.networks.layers.linear import Initializer, shifted
from jaxgan.networks.layers.precision import Computed
from jaxgan.networks.layers.spectral_norm import spectrally_normalized
from jaxgan.networks.layers.weight_norm import weight_normalized

KernelNorm = Literal["none", "weight", "spectral"]


class Conv1D(nn.Module):
    """`[B, T, C] -> [B, ceil(T/stride), features]` if padded to "SAME" with zeros.

    Raises:
        ValueError: when called, if an argument is out of range, or `groups` do not divide both channels.

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
    bias_init: Initializer = nn.initializers.zeros
    padding: Literal["SAME"] | tuple[int, int] = "SAME"
    """Zeros before and after."""
    groups: int = 1
    """Shares of the channels and of the features; each share of the features sees one of the channels."""
    dilation: int = 1
    """Distance of neighbouring taps; 1 with a stride."""
    kernel_norm: KernelNorm = "none"
    """Nothing, weight normalisation of each feature, or spectral normalisation of the kernel of one group with all
    features, see `layers.spectral_norm`."""

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch times channels"], *, train: bool = False
    ) -> Float[Array, "batch times_out features"]:
        """Convolve; `train` moves the vector of spectral normalisation."""
        require_choice("kernel_norm", self.kernel_norm, ("none", "weight", "spectral"))
        shape = (self.kernel_size, x.shape[-1] // self.groups, self.features)
        kernel = self.param("kernel", self.kernel_init, shape)
        if self.kernel_norm == "weight":
            kernel = weight_normalized(self, kernel)
        if self.kernel_norm == "spectral":
            kernel = spectrally_normalized(self, kernel, train)
        bias = self.param("bias", self.bias_init, (self.features,))
        x, kernel = promote_dtype(x, kernel, dtype=self.dtype)
        return shifted(conv_1d(x, kernel, self.stride, self.padding, self.groups, self.dilation), bias)


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
    bias_init: Initializer = nn.initializers.zeros
    weight_norm: bool = False
    """Weight normalisation of each input channel, as programs in PyTorch have it."""

    @nn.compact
    def __call__(self, x: Float[Array, "batch times channels"]) -> Float[Array, "batch times_out features"]:
        """Convolve with the stride on the output's side."""
        kernel = self.param("kernel", self.kernel_init, (self.kernel_size, x.shape[-1], self.features))
        if self.weight_norm:
            kernel = weight_normalized(self, kernel, axis=1)
        bias = self.param("bias", self.bias_init, (self.features,))
        x, kernel = promote_dtype(x, kernel, dtype=self.dtype)
        return shifted(conv_transpose_1d(x, kernel, self.stride), bias)


def conv_1d(
    x: Float[Array, "batch times inputs"],
    kernel: Float[Array, "taps inputs_of_group outputs"],
    stride: int,
    padding: Literal["SAME"] | tuple[int, int] = "SAME",
    groups: int = 1,
    dilation: int = 1,
) -> Float[Array, "batch times_out outputs"]:
    """`lax.conv_general_dilated(x, kernel, (stride,), padding)` of waveforms, channels last, in their dtype.

    It is a convolution of stride 1 over blocks of `stride` samples, which lie side by side as channels. So each
    derivative is a matrix product on the CPU, see `layers.convolution.conv`, which says what the arguments are and
    raises; rounding differs.
    """
    require(1 in (stride, dilation), f"dilation must be 1 with a stride, got {dilation} with stride {stride}")
    batch, times, channels = x.shape
    taps, of_group, features = kernel.shape
    reach = dilation * (taps - 1) + 1
    low, high = lax.padtype_to_pads((times,), (reach,), (stride,), "SAME")[0] if padding == "SAME" else padding
    if stride == 1:
        return conv(x[:, None], kernel[None], 1, ((0, 0), (low, high)), groups, dilation)[:, 0]
    blocks, out = -(-taps // stride), (times + low + high - taps) // stride + 1
    needed = stride * (out + blocks - 1)
    x = lax.pad(x, jnp.zeros((), x.dtype), [(0, 0, 0), (low, needed - times - low, 0), (0, 0, 0)])
    x = x.reshape(batch, needed // stride, stride, groups, channels // groups).swapaxes(2, 3)
    kernel = jnp.pad(kernel, ((0, blocks * stride - taps), (0, 0), (0, 0)))
    kernel = kernel.reshape(1, blocks, stride * of_group, features)
    x = x.reshape(batch, 1, needed // stride, stride * channels)
    return conv(x, kernel, 1, ((0, 0), (0, 0)), groups)[:, 0]


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
