"""The encoder and the decoder of VQGAN: residual blocks with group normalisation, swish and attention.

Esser et al., Taming Transformers for High-Resolution Image Synthesis, 2021, appendix A and table 7; the layers are
those of the authors' program.
"""

import math
from functools import partial
from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.checks import require
from jaxgan.networks.layers.linear import Conv
from jaxgan.networks.layers.precision import Computed, at_least_float32
from jaxgan.networks.layers.resampling import upsample

GROUPS = 32
"""Groups of the normalisation, if they divide the channels."""
kernel_init = nn.initializers.variance_scaling(1 / 3, "fan_in", "uniform")


class VQGANEncoder(nn.Module):
    """Images `[B, H, W, C]` to codes `[B, h, w, size]`, h = H / 2^(levels − 1), before they are quantized.

    Each level has `blocks` residual blocks with `width` times its entry of `multipliers` channels; between two levels a
    3×3 convolution halves the sides. Two blocks around self-attention follow, then two convolutions to the codes.

    Raises:
        ValueError: when called, if the sides cannot be halved so often.

    Examples:
        >>> shape(jaxgan.networks.VQGANEncoder(size=4, width=8, multipliers=(1, 2), blocks=1), images)
        (2, 16, 16, 4)
    """

    size: int = 256
    """Numbers in a code."""
    width: int = 128
    multipliers: tuple[int, ...] = (1, 1, 2, 2, 4)
    blocks: int = 2
    """Number of residual blocks in each level."""
    attention: tuple[int, ...] = (16,)
    """Sides of the feature maps whose blocks are followed by self-attention, besides the smallest."""
    dtype: Computed = None
    """Dtype of the computation, see `layers.precision`."""

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch height width channels"], *, train: bool
    ) -> Float[Array, "batch rows columns size"]:
        """Encode each image."""
        factor = 2 ** (len(self.multipliers) - 1)
        require(
            x.ndim == 4 and x.shape[1] % factor == 0 and x.shape[2] % factor == 0,
            f"{len(self.multipliers)} levels need images [B, H, W, C] whose sides are multiples of {factor}, got shape "
            f"{x.shape}",
        )
        conv = partial(Conv, kernel_size=3, stride=1, kernel_init=kernel_init, dtype=self.dtype)
        x = conv(self.width)(x, train=train)
        for level, multiplier in enumerate(self.multipliers):
            if level > 0:
                x = conv(x.shape[-1], stride=2, padding=((0, 1), (0, 1)))(x, train=train)
            for _ in range(self.blocks):
                x = ResidualBlock(self.width * multiplier, self.dtype)(x, train=train)
                x = AttentionBlock(self.dtype)(x, train=train) if x.shape[1] in self.attention else x
        x = nn.swish(_norm(self.dtype, x)(_middle(x, self.dtype, train)))
        x = conv(self.size)(x, train=train)
        return at_least_float32(conv(self.size, kernel_size=1)(x, train=train))


class VQGANDecoder(nn.Module):
    """Codes `[B, h, w, size]` to feature maps `[B, H, W, F]`; `jaxgan.autoencoder` makes images of them.

    The levels of `VQGANEncoder` from the smallest to the largest, each with one block more; between two levels the
    nearest neighbours and a 3×3 convolution double the sides. F is `width` times the first of `multipliers`.

    Examples:
        >>> codes = jnp.zeros([2, 4, 4, 6])
        >>> shape(jaxgan.networks.VQGANDecoder(width=8, multipliers=(1, 2), blocks=1), codes)
        (2, 8, 8, 8)
    """

    width: int = 128
    multipliers: tuple[int, ...] = (1, 1, 2, 2, 4)
    blocks: int = 2
    """Each level has one residual block more."""
    attention: tuple[int, ...] = (16,)
    """Sides of the feature maps whose blocks are followed by self-attention, besides the smallest."""
    dtype: Computed = None
    """Dtype of the computation, see `layers.precision`."""

    @nn.compact
    def __call__(
        self, codes: Float[Array, "batch rows columns size"], *, train: bool
    ) -> Float[Array, "batch height width features"]:
        """Decode each map of codes."""
        conv = partial(Conv, kernel_size=3, stride=1, kernel_init=kernel_init, dtype=self.dtype)
        x = conv(codes.shape[-1], kernel_size=1)(codes, train=train)
        x = _middle(conv(self.width * self.multipliers[-1])(x, train=train), self.dtype, train)
        for level, multiplier in enumerate(reversed(self.multipliers)):
            if level > 0:
                x = conv(x.shape[-1])(upsample(x), train=train)
            for _ in range(self.blocks + 1):
                x = ResidualBlock(self.width * multiplier, self.dtype)(x, train=train)
                x = AttentionBlock(self.dtype)(x, train=train) if x.shape[1] in self.attention else x
        return at_least_float32(nn.swish(_norm(self.dtype, x)(x)))


class ResidualBlock(nn.Module):
    """x + W₂ * s(N(W₁ * s(N(x)))) with s swish, N group normalisation and 3×3 convolutions; where the channels change,
    x goes through a 1×1 convolution.

    Examples:
        >>> shape(jaxgan.networks.vqgan.ResidualBlock(8), images)
        (2, 32, 32, 8)
    """

    channels: int
    dtype: Computed = None

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch height width _channels"], *, train: bool
    ) -> Float[Array, "batch height width {self.channels}"]:
        """Add the residual."""
        conv = partial(Conv, self.channels, stride=1, kernel_init=kernel_init, dtype=self.dtype)
        y = conv(kernel_size=3)(nn.swish(_norm(self.dtype, x)(x)), train=train)
        y = conv(kernel_size=3)(nn.swish(_norm(self.dtype, y)(y)), train=train)
        return y + (x if x.shape[-1] == self.channels else conv(kernel_size=1)(x, train=train))


class AttentionBlock(nn.Module):
    """x_j + W Σ_i softmax_i(q_j · k_i / √C) v_i over all places i, with q, k, v 1×1 convolutions of N(x) to C channels.

    Examples:
        >>> shape(jaxgan.networks.vqgan.AttentionBlock(), images)
        (2, 32, 32, 3)
    """

    dtype: Computed = None

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch height width channels"], *, train: bool
    ) -> Float[Array, "batch height width channels"]:
        """Attend."""
        channels, y = x.shape[-1], _norm(self.dtype, x)(x)
        conv = partial(Conv, channels, kernel_size=1, stride=1, kernel_init=kernel_init, dtype=self.dtype)
        query, key, value = (conv()(y, train=train).reshape(x.shape[0], -1, channels) for _ in range(3))
        scores = at_least_float32(jnp.einsum("bqc,bkc->bqk", query, key)) / math.sqrt(channels)
        attended = jnp.einsum("bqk,bkc->bqc", jax.nn.softmax(scores).astype(value.dtype), value)
        return x + conv()(attended.reshape(x.shape), train=train)


def _middle(x: Array, dtype: Computed, train: bool) -> Array:
    """Two blocks around self-attention; they belong to the module in whose compact method this is called."""
    x = ResidualBlock(x.shape[-1], dtype)(x, train=train)
    x = AttentionBlock(dtype)(x, train=train)
    return ResidualBlock(x.shape[-1], dtype)(x, train=train)


def _norm(dtype: Computed, x: Array) -> Any:
    return nn.GroupNorm(math.gcd(GROUPS, x.shape[-1]), epsilon=1e-6, dtype=dtype)
