"""Dense layers, convolutions and transposed convolutions with float32 kernels, and with bias and spectral norm as
options."""

from typing import Literal

import flax.linen as nn
import jax.numpy as jnp
from flax.linen.dtypes import promote_dtype
from jaxtyping import Array, Float

from jaxgan.checks import require
from jaxgan.networks.layers.convolution import Padding, conv, conv_transpose
from jaxgan.networks.layers.precision import Computed
from jaxgan.networks.layers.spectral_norm import spectrally_normalized

Initializer = nn.initializers.Initializer
SpectralNorm = bool | int
"""Number of power iterations per pass, see `layers.spectral_norm`; True: one, False: no spectral norm."""
NOTHING = ((0, 0), (0, 0))
"""No padding."""


class Dense(nn.Module):
    """`[B, C] -> [B, features]`.

    Examples:
        >>> layer = jaxgan.networks.layers.Dense(8)
        >>> layer.init_with_output(jax.random.key(0), jnp.zeros([2, 3]), train=True)[0].shape
        (2, 8)
    """

    features: int
    use_bias: bool = True
    kernel_init: Initializer = nn.initializers.lecun_normal()
    spectral_norm: SpectralNorm = False
    dtype: Computed = None

    @nn.compact
    def __call__(self, x: Float[Array, "batch channels"], *, train: bool) -> Float[Array, "batch features"]:
        """Apply x·W + b."""
        kernel = self.param("kernel", self.kernel_init, (x.shape[-1], self.features))
        if self.spectral_norm:
            kernel = spectrally_normalized(self, kernel, train, int(self.spectral_norm))
        bias = self.param("bias", nn.initializers.zeros, (self.features,)) if self.use_bias else None
        x, kernel = promote_dtype(x, kernel, dtype=self.dtype)
        return shifted(x @ kernel, bias)


class Conv(nn.Module):
    """`[B, H, W, C] -> [B, H/stride, W/stride, features]` if padded to "SAME".

    Raises:
        ValueError: when called, if `groups` do not divide both channels, or with `spectral_norm`, which is that of one
            matrix.

    Examples:
        >>> layer = jaxgan.networks.layers.Conv(8, 3, stride=2)
        >>> layer.init_with_output(jax.random.key(0), jnp.zeros([1, 8, 8, 3]), train=True)[0].shape
        (1, 4, 4, 8)
    """

    features: int
    kernel_size: int = 4
    stride: int = 2
    groups: int = 1
    use_bias: bool = True
    kernel_init: Initializer = nn.initializers.lecun_normal()
    spectral_norm: SpectralNorm = False
    padding: Padding | Literal["REFLECT"] = "SAME"
    """As `layers.convolution.conv` takes it, or "REFLECT": half a kernel of pixels mirrored about those of the border,
    as `numpy.pad` does."""
    dtype: Computed = None

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch height width channels"], *, train: bool
    ) -> Float[Array, "batch height_out width_out features"]:
        """Convolve."""
        require(self.groups == 1 or not self.spectral_norm, f"spectral_norm needs groups=1, got {self.groups}")
        shape = (self.kernel_size, self.kernel_size, x.shape[-1] // self.groups, self.features)
        kernel = self.param("kernel", self.kernel_init, shape)
        if self.spectral_norm:
            kernel = spectrally_normalized(self, kernel, train, int(self.spectral_norm))
        bias = self.param("bias", nn.initializers.zeros, (self.features,)) if self.use_bias else None
        x, kernel = promote_dtype(x, kernel, dtype=self.dtype)
        padding: Padding = NOTHING if self.padding == "REFLECT" else self.padding
        if self.padding == "REFLECT":
            mirrored = ((self.kernel_size - 1) // 2, self.kernel_size // 2)
            x = jnp.pad(x, ((0, 0), mirrored, mirrored, (0, 0)), mode="reflect")
        return shifted(conv(x, kernel, self.stride, padding, self.groups), bias)


class ConvTranspose(nn.Module):
    """`[B, H, W, C] -> [B, 2H, 2W, features]` if padded to "SAME"; the stride is 2.

    Examples:
        >>> layer = jaxgan.networks.layers.ConvTranspose(8, 4)
        >>> layer.init_with_output(jax.random.key(0), jnp.zeros([1, 8, 8, 3]))[0].shape
        (1, 16, 16, 8)
    """

    features: int
    kernel_size: int = 4
    use_bias: bool = True
    kernel_init: Initializer = nn.initializers.lecun_normal()
    padding: Padding = "SAME"
    """As `layers.convolution.conv_transpose` takes it."""
    dtype: Computed = None

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch height width channels"]
    ) -> Float[Array, "batch height_out width_out features"]:
        """Convolve with the stride on the output's side."""
        shape = (self.kernel_size, self.kernel_size, x.shape[-1], self.features)
        kernel = self.param("kernel", self.kernel_init, shape)
        bias = self.param("bias", nn.initializers.zeros, (self.features,)) if self.use_bias else None
        x, kernel = promote_dtype(x, kernel, dtype=self.dtype)
        return shifted(conv_transpose(x, kernel, padding=self.padding), bias)


def shifted(y: Array, bias: Array | None) -> Array:
    """y + b in the dtype of y, added in that of b: the derivative by b is a sum over rows and places."""
    return y if bias is None else (y + bias).astype(y.dtype)
