"""Convolution of clips, over time as well as places."""

import flax.linen as nn
import jax.numpy as jnp
from flax.linen.dtypes import promote_dtype
from jaxtyping import Array, Float

from jaxgan.checks import require
from jaxgan.networks.layers.convolution import conv
from jaxgan.networks.layers.linear import Initializer, shifted
from jaxgan.networks.layers.precision import Computed


class Conv3D(nn.Module):
    """`[B, T, H, W, C] -> [B, T - kernel_size + 1, H/stride, W/stride, features]`: only whole windows of time, while
    places are padded to "SAME".

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
    """Stride over places; that over time is 1."""
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
        return shifted(conv_3d(x, kernel, self.stride), bias)


def conv_3d(
    x: Float[Array, "batch times height width inputs"],
    kernel: Float[Array, "moments rows columns inputs outputs"],
    stride: int,
) -> Float[Array, "batch times_out height_out width_out outputs"]:
    """`lax.conv_general_dilated(x, kernel, (1, stride, stride), padding)` of clips, channels last, where `padding` is
    "VALID" over time and "SAME" over places.

    It is a convolution of images whose channels are those of all frames of a window. So each derivative is a matrix
    product on the CPU, see `layers.convolution.conv`; rounding differs.

    Raises:
        ValueError: if there are fewer frames than moments of the kernel.
    """
    batch, times, *sides, channels = x.shape
    size = kernel.shape[0]
    require(times >= size, f"clips must have at least {size} frames here, got shape {x.shape}")
    out = times - size + 1
    windows = jnp.concatenate([x[:, i : i + out] for i in range(size)], axis=-1)
    joined = jnp.moveaxis(kernel, 0, 2).reshape(*kernel.shape[1:3], size * channels, -1)
    y = conv(windows.reshape(batch * out, *sides, size * channels), joined, stride)
    return y.reshape(batch, out, *y.shape[1:])
