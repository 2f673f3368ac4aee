"""The networks of R3GAN: residual blocks with grouped convolutions and no normalisation.

Huang et al., The GAN is dead; long live the GAN! A Modern Baseline GAN, 2024. It is trained by
`losses.relativistic_pairing` with `penalties.r1` and `penalties.r2`.
"""

import math

import flax.linen as nn
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.checks import require
from jaxgan.networks.layers.fir import downsample, upsample
from jaxgan.networks.layers.linear import Conv, Dense
from jaxgan.networks.layers.precision import Computed, at_least_float32
from jaxgan.networks.layers.sides import ImageSize, halved, height_and_width, size_of

SLOPE = 0.2
"""Negative slope of the leaky ReLU."""
unit_gain = nn.initializers.variance_scaling(1.0, "fan_in", "normal")


class R3GANGenerator(nn.Module):
    """Latent `[B, Z]` to images `[B, height, width, channels]`, not bounded.

    A learned feature map times a linear map of the latent, then for each width a stage of residual blocks, with
    bilinear upsampling between them, and a 1×1 convolution to colours. A condition `[B, K]` is embedded linearly in as
    many numbers as the latent has, and appended to it. The defaults are those for 32 pixels, with Z = 64.

    Raises:
        ValueError: on construction, unless both sides can be halved for each width but the first,
            and widths are made of whole groups.

    Examples:
        >>> shape(jaxgan.networks.R3GANGenerator(image_size=8, channels=3, widths=(16, 16), blocks=1), latents)
        (2, 8, 8, 3)
    """

    image_size: ImageSize = 32
    """Pixels per side, or (height, width)."""
    channels: int = 3
    widths: tuple[int, ...] = (768, 768, 768, 768)
    """Channels of each stage, that of the smallest feature map first."""
    blocks: int = 2
    """Residual blocks of each stage."""
    expansion: int = 2
    """Ratio of the channels inside a block to those at its ends."""
    group_size: int = 16
    """Channels of each group of the 3×3 convolutions."""
    dtype: Computed = None
    """Dtype of the computation, see `layers.precision`."""

    def __post_init__(self) -> None:
        _check(self.image_size, self.widths, self.blocks, self.expansion, self.group_size)
        super().__post_init__()

    @nn.compact
    def __call__(
        self,
        latent: Float[Array, "batch size"],
        condition: Float[Array, "batch classes"] | None = None,
        *,
        train: bool,
    ) -> Float[Array, "batch height width channels"]:
        """Make one image for each row."""
        if condition is not None:
            embed = Dense(latent.shape[1], use_bias=False, kernel_init=unit_gain, name="embedding")
            latent = jnp.concatenate([latent, embed(condition, train=train)], axis=1)
        height, width = halved(self.image_size, len(self.widths) - 1)
        basis = self.param("basis", nn.initializers.normal(1.0), (height, width, self.widths[0]))
        scales = Dense(self.widths[0], use_bias=False, kernel_init=unit_gain, name="modulation")(latent, train=train)
        x = basis * scales[:, None, None, :]
        x = x.astype(self.dtype or x.dtype)
        depth = self.blocks * len(self.widths)
        for i, width in enumerate(self.widths):
            if i > 0:
                x = upsample(_with_channels(x, width, train, self.dtype))
            for _ in range(self.blocks):
                x = ResidualBlock(self.expansion, self.group_size, depth, self.dtype)(x, train=train)
        return at_least_float32(_pointwise(self.channels, self.dtype)(x, train=train))


class R3GANDiscriminator(nn.Module):
    """Images `[B, H, W, C]` to logits `[B]`: the stages of `R3GANGenerator` in the other order.

    A 1×1 convolution from colours, for each width a stage of residual blocks, with bilinear downsampling between them;
    then each channel of the smallest feature map is weighted over its places and summed (a depthwise convolution as
    large as the map), which are the features φ sown. Without a condition the logit is linear in them. With a condition
    c `[B, K]` it is ⟨Wφ, Vc⟩, W square and V the embedding, and nothing else: zeros for a condition make the logit 0,
    so `label_dropout` has no meaning here.

    Raises:
        ValueError: on construction, if a width is not made of whole groups; when called, unless both sides can be
            halved for each width but the first.

    Examples:
        >>> shape(jaxgan.networks.R3GANDiscriminator(widths=(16, 16), blocks=1), jnp.zeros([2, 8, 8, 3]))
        (2,)
    """

    widths: tuple[int, ...] = (768, 768, 768, 768)
    """Channels of each stage, that of the smallest feature map first, as in the generator."""
    blocks: int = 2
    expansion: int = 2
    group_size: int = 16
    dtype: Computed = None
    """Dtype of all layers but the last two, see `layers.precision`."""

    def __post_init__(self) -> None:
        _check(2 ** (len(self.widths) - 1), self.widths, self.blocks, self.expansion, self.group_size)
        super().__post_init__()

    @nn.compact
    def __call__(
        self,
        x: Float[Array, "batch height width channels"],
        condition: Float[Array, "batch classes"] | None = None,
        *,
        train: bool,
    ) -> Float[Array, "batch"]:
        """Judge each image."""
        _check(size_of(x), self.widths, self.blocks, self.expansion, self.group_size)
        x = _pointwise(self.widths[-1], self.dtype)(x, train=train)
        depth = self.blocks * len(self.widths)
        for i, width in enumerate(reversed(self.widths)):
            if i > 0:
                x = _with_channels(downsample(x), width, train, self.dtype)
            for _ in range(self.blocks):
                x = ResidualBlock(self.expansion, self.group_size, depth, self.dtype)(x, train=train)
        x = at_least_float32(x)
        kernel = self.param("kernel", nn.initializers.normal(1 / math.sqrt(x.shape[1] * x.shape[2])), x.shape[1:])
        features = jnp.sum(x * kernel, axis=(1, 2))
        self.sow("intermediates", "features", features)
        if condition is None:
            return Dense(1, use_bias=False, kernel_init=unit_gain)(features, train=train)[:, 0]
        project = Dense(self.widths[0], use_bias=False, kernel_init=unit_gain, name="projection")
        small = nn.initializers.variance_scaling(1 / self.widths[0], "fan_in", "normal")
        embed = Dense(self.widths[0], use_bias=False, kernel_init=small, name="embedding")
        return jnp.sum(project(features, train=train) * embed(condition, train=train), axis=1)


class ResidualBlock(nn.Module):
    """`[B, H, W, C] -> [B, H, W, C]`: x + W₃·a(W₂ * a(W₁·x)), W₁ and W₃ 1×1, W₂ 3×3 in groups, a leaky ReLU.

    At the start W₃ is 0, and W₁, W₂ are those of He et al. (Delving Deep into Rectifiers, 2015) times depth^(−1/4):
    Fixup (Zhang et al., 2019) for branches of three layers.
    """

    expansion: int
    group_size: int
    depth: int
    """Number of residual blocks of the network."""
    dtype: Computed = None

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch height width channels"], *, train: bool
    ) -> Float[Array, "batch height width channels"]:
        """Add the branch to the input."""
        width = x.shape[-1] * self.expansion
        init = nn.initializers.variance_scaling(2 / (1 + SLOPE**2) / self.depth**0.5, "fan_in", "normal")
        y = nn.leaky_relu(Conv(width, 1, 1, kernel_init=init, dtype=self.dtype)(x, train=train), SLOPE)
        grouped = Conv(width, 3, 1, groups=width // self.group_size, kernel_init=init, dtype=self.dtype)
        y = nn.leaky_relu(grouped(y, train=train), SLOPE)
        last = Conv(x.shape[-1], 1, 1, use_bias=False, kernel_init=nn.initializers.zeros, dtype=self.dtype)
        return x + last(y, train=train)


def _with_channels(x: Array, width: int, train: bool, dtype: Computed) -> Array:
    return x if x.shape[-1] == width else _pointwise(width, dtype)(x, train=train)


def _pointwise(features: int, dtype: Computed) -> Conv:
    return Conv(features, 1, 1, use_bias=False, kernel_init=unit_gain, dtype=dtype)


def _check(image_size: ImageSize, widths: tuple[int, ...], blocks: int, expansion: int, group_size: int) -> None:
    for name, value in (("blocks", blocks), ("expansion", expansion), ("group_size", group_size)):
        require(isinstance(value, int) and value >= 1, f"{name} must be a whole number of at least 1, got {value!r}")
    require(len(widths) >= 1, "widths must name at least one stage, got ()")
    for width in widths:
        require(
            width >= 1 and width * expansion % group_size == 0,
            f"widths times expansion={expansion} must be multiples of group_size={group_size}, got {widths}",
        )
    doublings = len(widths) - 1
    require(
        all(side % 2**doublings == 0 for side in height_and_width(image_size)),
        f"image_size must be a multiple of {2**doublings} for {len(widths)} widths, got {image_size}",
    )
