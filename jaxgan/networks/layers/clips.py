"""Convolution and transposed convolution of clips, over time as well as places."""

import flax.linen as nn
import jax
import jax.numpy as jnp
from flax.linen.dtypes import promote_dtype
from jaxtyping import Array, Float

from jaxgan.checks import require
from jaxgan.networks.layers.convolution import conv
from jaxgan.networks.layers.linear import Initializer, shifted
from jaxgan.networks.layers.precision import Computed


class Conv3D(nn.Module):
    """`[B, T, H, W, C] -> [B, T_out, H/stride, W/stride, features]`, T_out = ⌊(T + padding − kernel_size) /
    time_stride⌋ + 1: places are padded to "SAME", and times by `time_padding`.

    Raises:
        ValueError: when called with fewer frames than `kernel_size`.

    Examples:
        >>> layer = jaxgan.networks.layers.Conv3D(8)
        >>> layer.init_with_output(jax.random.key(0), jnp.zeros([1, 16, 8, 8, 3]))[0].shape
        (1, 13, 4, 4, 8)
    """

    features: int
    kernel_size: int = 4
    stride: int = 2
    """Stride over places."""
    time_stride: int = 1
    time_padding: tuple[int, int] = (0, 0)
    """Dark frames before and after: without them, only whole windows of time."""
    use_bias: bool = True
    kernel_init: Initializer = nn.initializers.lecun_normal()
    dtype: Computed = None

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch times height width channels"]
    ) -> Float[Array, "batch times_out height_out width_out features"]:
        """Convolve."""
        size = self.kernel_size
        kernel = self.param("kernel", self.kernel_init, (size, size, size, x.shape[-1], self.features))
        bias = self.param("bias", nn.initializers.zeros, (self.features,)) if self.use_bias else None
        x, kernel = promote_dtype(x, kernel, dtype=self.dtype)
        return shifted(conv_3d(x, kernel, self.stride, self.time_stride, self.time_padding), bias)


class ConvTranspose3D(nn.Module):
    """`[B, T, H, W, C] -> [B, 2T, 2H, 2W, features]`.

    Examples:
        >>> layer = jaxgan.networks.layers.ConvTranspose3D(8)
        >>> layer.init_with_output(jax.random.key(0), jnp.zeros([1, 4, 8, 8, 3]))[0].shape
        (1, 8, 16, 16, 8)
    """

    features: int
    use_bias: bool = True
    kernel_init: Initializer = nn.initializers.lecun_normal()
    dtype: Computed = None

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch times height width channels"]
    ) -> Float[Array, "batch times_out height_out width_out features"]:
        """Convolve by 4×4×4 numbers with the strides on the output's side."""
        kernel = self.param("kernel", self.kernel_init, (4, 4, 4, x.shape[-1], self.features))
        bias = self.param("bias", nn.initializers.zeros, (self.features,)) if self.use_bias else None
        x, kernel = promote_dtype(x, kernel, dtype=self.dtype)
        return shifted(conv_transpose_3d(x, kernel), bias)


def conv_3d(
    x: Float[Array, "batch times height width inputs"],
    kernel: Float[Array, "moments rows columns inputs outputs"],
    stride: int,
    time_stride: int = 1,
    time_padding: tuple[int, int] = (0, 0),
) -> Float[Array, "batch times_out height_out width_out outputs"]:
    """`lax.conv_general_dilated(x, kernel, (time_stride, stride, stride), padding)` of clips, channels last, where
    `padding` is `time_padding` and "SAME" over places.

    It is a convolution of images whose channels are those of all frames of a window. So each derivative is a matrix
    product on the CPU, see `layers.convolution.conv`; rounding differs.

    Raises:
        ValueError: if there are fewer frames, with the padding, than moments of the kernel.
    """
    size, shape = kernel.shape[0], x.shape
    x = jnp.pad(x, ((0, 0), time_padding, (0, 0), (0, 0), (0, 0)))
    batch, times, *sides, channels = x.shape
    require(times >= size, f"clips must have at least {size - sum(time_padding)} frames here, got shape {shape}")
    out = (times - size) // time_stride + 1
    last = (out - 1) * time_stride + 1
    windows = jnp.concatenate([x[:, i : i + last : time_stride] for i in range(size)], axis=-1)
    joined = jnp.moveaxis(kernel, 0, 2).reshape(*kernel.shape[1:3], size * channels, -1)
    y = conv(windows.reshape(batch * out, *sides, size * channels), joined, stride)
    return y.reshape(batch, out, *y.shape[1:])


def conv_transpose_3d(
    x: Float[Array, "batch times height width inputs"],
    kernel: Float[Array, "4 4 4 inputs outputs"],
) -> Float[Array, "batch times_out height_out width_out outputs"]:
    """`lax.conv_transpose(x, kernel, (2, 2, 2), "SAME")` of clips, channels last: times and sides are doubled.

    The transpose, in the sense of linear algebra, of `conv_3d` with the kernel turned around.
    """
    batch, *sizes, _ = x.shape
    clips = jax.ShapeDtypeStruct((batch, *(2 * size for size in sizes), kernel.shape[-1]), x.dtype)
    turned = kernel[::-1, ::-1, ::-1].swapaxes(3, 4)
    return jax.linear_transpose(lambda y: conv_3d(y, turned, 2, 2, (1, 1)), clips)(x)[0]
