"""Denoisers: networks that are told how much noise is on their input, for points and for images.

Karras et al., Elucidating the Design Space of Diffusion-Based Generative Models, 2022, table 1 (EDM).
"""

import math
from functools import partial

import flax.linen as nn
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.checks import require
from jaxgan.networks.layers.fourier import fourier_features
from jaxgan.networks.layers.linear import Conv, Dense
from jaxgan.networks.layers.precision import Computed, at_least_float32
from jaxgan.networks.layers.resampling import downsample, upsample

DEVIATION = 0.5
"""Standard deviation σ_d of the data for which the networks and the noise levels are made."""
OCTAVES = 6
"""Frequencies 1, 2, 4, ... of ln(σ)/4 that networks see."""
GROUPS = 32
"""Groups of the normalisation, if they divide the channels."""


class MLPDenoiser(nn.Module):
    """Rows x `[B, ...]` with noise of standard deviation σ `[B]` on them, to the rows without it:

        D(x; σ) = σ_d²/(σ² + σ_d²) · x + σ·σ_d/√(σ² + σ_d²) · F(u, ln(σ)/4),    u = x/√(σ² + σ_d²),

    where F are dense layers with SiLU, and σ_d = 0.5. The layer in the middle is sown as features.

    With `octaves` F also sees what the noise leaves of sines and cosines of u, exp(−(2ᵏs)²/2) · sin(2ᵏu) with
    s = σ/√(σ² + σ_d²) and k = 0 ... octaves − 1: fine details where there is little noise, and none where there is
    much.

    Reference:
        Karras et al., [Elucidating the Design Space of Diffusion-Based Generative
        Models](https://arxiv.org/abs/2206.00364), 2022, equation 7 and table 1; Barron et al.,
        [Mip-NeRF](https://arxiv.org/abs/2103.13415), 2021, section 3.1, for the sines.

    Examples:
        >>> shape(jaxgan.networks.MLPDenoiser(hidden=(8, 8)), jnp.zeros([2, 3]), jnp.ones([2]))
        (2, 3)
    """

    hidden: tuple[int, ...] = (128, 128, 128, 128)
    octaves: int = 0
    """Number of frequencies 1, 2, 4, ... of the rows whose sines and cosines are seen too."""
    dtype: Computed = None
    """Dtype of the hidden layers, see `layers.precision`."""

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch ..."], level: Float[Array, "batch"], *, train: bool
    ) -> Float[Array, "batch ..."]:
        """Take the noise away."""
        scale = _scale(level)[:, None]
        flat = x.reshape(x.shape[0], -1) * scale
        seen = [flat, _told(level)]
        for frequency in (2.0**k for k in range(self.octaves)):
            left = jnp.exp(-((frequency * level[:, None] * scale) ** 2) / 2)
            seen += [left * jnp.sin(frequency * flat), left * jnp.cos(frequency * flat)]
        y = jnp.concatenate(seen, axis=1)
        for i, width in enumerate(self.hidden):
            y = nn.silu(Dense(width, dtype=self.dtype)(y, train=train))
            if i == (len(self.hidden) - 1) // 2:
                self.sow("intermediates", "features", at_least_float32(y))
        return _mixed(x, Dense(flat.shape[1])(y, train=train).reshape(x.shape), level)


class UNetDenoiser(nn.Module):
    """Images x `[B, H, W, C]` with noise of standard deviation σ `[B]` on them, to the images without it, as
    `MLPDenoiser` with a U-Net as F.

    The U-Net sees patches of pixels as one. Each level has a residual block on the way down and one on the way up, with
    `width` times its entry of `multipliers` channels; between two levels the sides are halved. One more block lies
    between, and its output is sown as features.

    Raises:
        ValueError: when called, if the sides cannot be halved so often.

    Reference:
        Ho et al., [Denoising Diffusion Probabilistic Models](https://arxiv.org/abs/2006.11239), 2020, appendix B, for
        the blocks.

    Examples:
        >>> shape(jaxgan.networks.UNetDenoiser(width=8), images, jnp.ones([2]))
        (2, 32, 32, 3)
    """

    width: int = 32
    multipliers: tuple[int, ...] = (1, 2)
    patch: int = 2
    """Sides of a patch in pixels."""
    dtype: Computed = None
    """Dtype between the layers, see `layers.precision`."""

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch height width channels"], level: Float[Array, "batch"], *, train: bool
    ) -> Float[Array, "batch height width channels"]:
        """Take the noise away."""
        factor = self.patch * 2 ** (len(self.multipliers) - 1)
        require(
            x.ndim == 4 and x.shape[1] % factor == 0 and x.shape[2] % factor == 0,
            f"{len(self.multipliers)} levels of patches of {self.patch} need images [B, H, W, C] whose sides are "
            f"multiples of {factor}, got shape {x.shape}",
        )
        conv, block = partial(Conv, kernel_size=3, stride=1, dtype=self.dtype), partial(ToldBlock, dtype=self.dtype)
        told = nn.silu(Dense(4 * self.width, dtype=self.dtype)(_told(level), train=train))
        y = conv(self.width)(_patches(x * _scale(level)[:, None, None, None], self.patch), train=train)
        skips = []
        for i, multiplier in enumerate(self.multipliers):
            y = downsample(y) if i > 0 else y
            y = block(self.width * multiplier)(y, told, train=train)
            skips.append(y)
        y = block(y.shape[-1])(y, told, train=train)
        self.sow("intermediates", "features", at_least_float32(y))
        for i, multiplier in reversed(list(enumerate(self.multipliers))):
            y = jnp.concatenate([y, skips[i]], axis=-1)
            y = block(self.width * multiplier)(y, told, train=train)
            y = upsample(y) if i > 0 else y
        y = conv(x.shape[-1] * self.patch**2)(nn.silu(_norm(y, self.dtype)(y)), train=train)
        return _mixed(x, _pixels(at_least_float32(y), self.patch), level)


class ToldBlock(nn.Module):
    """x + W₂ * s(N(W₁ * s(N(x)) + V·c)) with s SiLU, N group normalisation, 3×3 convolutions and a vector c for all
    places; where the channels change, x goes through a 1×1 convolution.

    Examples:
        >>> shape(jaxgan.networks.denoiser.ToldBlock(8), images, latents)
        (2, 32, 32, 8)
    """

    channels: int
    dtype: Computed = None

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch height width _channels"], told: Float[Array, "batch size"], *, train: bool
    ) -> Float[Array, "batch height width {self.channels}"]:
        """Add the residual."""
        conv = partial(Conv, self.channels, stride=1, dtype=self.dtype)
        y = conv(kernel_size=3)(nn.silu(_norm(x, self.dtype)(x)), train=train)
        y += Dense(self.channels, dtype=self.dtype)(told, train=train)[:, None, None]
        y = conv(kernel_size=3)(nn.silu(_norm(y, self.dtype)(y)), train=train)
        return y + (x if x.shape[-1] == self.channels else conv(kernel_size=1)(x, train=train))


def _scale(level: Array) -> Array:
    return 1 / jnp.sqrt(level**2 + DEVIATION**2)


def _told(level: Array) -> Float[Array, "batch features"]:
    return fourier_features(jnp.log(level)[:, None] / 4, OCTAVES)


def _mixed(x: Array, y: Array, level: Array) -> Array:
    """D from x and F."""
    level = level.reshape(-1, *[1] * (x.ndim - 1))
    return (DEVIATION * _scale(level)) ** 2 * x + level * DEVIATION * _scale(level) * y


def _patches(x: Array, patch: int) -> Array:
    batch, height, width, channels = x.shape
    x = x.reshape(batch, height // patch, patch, width // patch, patch, channels)
    return x.transpose(0, 1, 3, 2, 4, 5).reshape(batch, height // patch, width // patch, -1)


def _pixels(x: Array, patch: int) -> Array:
    batch, height, width, _ = x.shape
    x = x.reshape(batch, height, width, patch, patch, -1)
    return x.transpose(0, 1, 3, 2, 4, 5).reshape(batch, height * patch, width * patch, -1)


def _norm(x: Array, dtype: Computed) -> nn.GroupNorm:
    return nn.GroupNorm(math.gcd(GROUPS, x.shape[-1]), dtype=dtype)
