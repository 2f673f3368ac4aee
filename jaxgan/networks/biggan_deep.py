"""The networks of BigGAN-deep for images of 8 to 256 pixels: two bottleneck blocks where BigGAN has one.

Brock et al., Large Scale GAN Training for High Fidelity Natural Image Synthesis, 2019, appendix B, tables 7 and 8.
"""

from functools import partial
from itertools import pairwise
from typing import Any

import flax.linen as nn
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.networks.biggan import LAYOUTS, kernel_init
from jaxgan.networks.layers.attention import SelfAttention, check_attention
from jaxgan.networks.layers.batch_norm import batch_norm
from jaxgan.networks.layers.conditional_norm import ConditionalBatchNorm
from jaxgan.networks.layers.linear import Conv, Dense, SpectralNorm
from jaxgan.networks.layers.precision import Computed, at_least_float32
from jaxgan.networks.layers.projection import ProjectionHead
from jaxgan.networks.layers.resampling import downsample, upsample
from jaxgan.networks.layers.residual import Layer, layout_at, layout_of
from jaxgan.networks.layers.sides import ImageSize, halved

BOTTLENECK = 4
"""Factor by which the 3×3 convolutions have fewer channels."""


class BigGANDeepGenerator(nn.Module):
    """Latent `[B, Z]` to images `[B, height, width, channels]` in [-1, 1].

    An embedding of the condition `[B, K]` is appended to the latent. From both a dense layer makes the smallest feature
    map, and the scales and shifts of the batch normalisation in all blocks are linear in them. Each stage has two
    blocks, of which the second doubles the sides. Then batch normalisation, ReLU, a 3×3 convolution and tanh. The
    blocks' convolutions have no biases, for batch normalisation follows. Initialisation is orthogonal.

    Raises:
        ValueError: on construction, for an image size without a layout or attention where there is no feature map.

    Examples:
        >>> generator = jaxgan.networks.BigGANDeepGenerator(image_size=32, channels=3, width=8)
        >>> shape(generator, latents, labels)
        (2, 32, 32, 3)
    """

    image_size: ImageSize = 32
    """Pixels per side, or (height, width); the shorter side must have a layout, and the longer is halved as often."""
    channels: int = 3
    width: int = 128
    """Base number of channels of the layout."""
    embedding_size: int = 128
    attention: tuple[int, ...] = ()
    """Self-attention after the stages that reach these sides (the shorter ones); the paper's is at 64."""
    spectral_norm: SpectralNorm = True
    """Apply spectral norm to all layers but the embedding."""
    dtype: Computed = None
    """Dtype of the computation, see `layers.precision`."""

    def __post_init__(self) -> None:
        check_attention(self.attention, layout_at(self.image_size, LAYOUTS).up_sides())
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
        layout = layout_at(self.image_size, LAYOUTS)
        height, width = halved(self.image_size, len(layout.up))
        shared: dict[str, Any] = {"kernel_init": kernel_init, "spectral_norm": self.spectral_norm, "dtype": self.dtype}
        conv: Layer = partial(Conv, stride=1, use_bias=False, **shared)
        block: Layer = partial(DeepUpBlock, conv=conv, norm=partial(ConditionalBatchNorm, **shared))
        if condition is not None:
            embed = Dense(self.embedding_size, use_bias=False, kernel_init=kernel_init, name="embedding")
            latent = jnp.concatenate([latent, embed(condition, train=train)], axis=-1)
        x = Dense(height * width * layout.first * self.width, **shared)(latent, train=train)
        x = x.reshape(-1, height, width, layout.first * self.width)
        for before, after in pairwise((layout.first, *layout.up)):
            x = block(before * self.width, up=False)(x, latent, train=train)
            x = block(after * self.width, up=True)(x, latent, train=train)
            if min(x.shape[1:3]) in self.attention:
                x = SelfAttention(conv)(x, train=train)
        x = nn.relu(batch_norm(train=train, dtype=self.dtype)(x))
        x = conv(self.channels, kernel_size=3, use_bias=True)(x, train=train)
        return jnp.tanh(at_least_float32(x))


class BigGANDeepDiscriminator(nn.Module):
    """Images `[B, H, W, C]`, the shorter side in `LAYOUTS`, to logits `[B]`.

    A 3×3 convolution and stages of two blocks, of which the first halves the sides and may have more channels; then
    ReLU, the sum over places, and a dense layer, to which a condition `[B, K]` adds its projection (see
    `ProjectionHead`). What is pooled is sown as features. Initialisation is orthogonal.

    Raises:
        ValueError: when called with images of a size without a layout, or attention where there is no feature map.

    Examples:
        >>> shape(jaxgan.networks.BigGANDeepDiscriminator(width=8), images, labels)
        (2,)
    """

    width: int = 128
    """Base number of channels of the layout."""
    attention: tuple[int, ...] = ()
    """Self-attention after the stages that reach these sides (the shorter ones); the paper's is at 64."""
    spectral_norm: SpectralNorm = True
    dtype: Computed = None
    """Dtype of the blocks, see `layers.precision`."""

    @nn.compact
    def __call__(
        self,
        x: Float[Array, "batch height width channels"],
        condition: Float[Array, "batch classes"] | None = None,
        *,
        train: bool,
    ) -> Float[Array, "batch"]:
        """Judge each image."""
        layout = layout_of(x, LAYOUTS, self.attention)
        shared: dict[str, Any] = {"kernel_init": kernel_init, "spectral_norm": self.spectral_norm}
        conv: Layer = partial(Conv, stride=1, dtype=self.dtype, **shared)
        stem, *stages = (features * self.width for features in layout.down + layout.flat)
        x = conv(stem, kernel_size=3)(x, train=train)
        for i, features in enumerate(stages):
            down = i < len(layout.down)
            x = DeepDownBlock(features, conv, down)(x, train=train)
            x = DeepDownBlock(features, conv, down=False)(x, train=train)
            if down and min(x.shape[1:3]) in self.attention:
                x = SelfAttention(conv)(x, train=train)
        return ProjectionHead(**shared)(x, condition, train=train)


class DeepUpBlock(nn.Module):
    """`[B, H, W, C] -> [B, H, W, features]`, or with sides doubled: norm, ReLU and convolution, four times, beside x.

    The convolutions are 1×1, 3×3, 3×3 and 1×1, of C/4 channels but for the last. Of x the first channels are kept, so
    there may not be more features than C.
    """

    features: int
    conv: Layer
    """Called with its channels and `kernel_size`."""
    norm: Layer
    """Called with nothing; its layer is called with the images, the condition and `train`."""
    up: bool
    """Double the sides before the second convolution."""

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch height width channels"], condition: Float[Array, "batch size"], *, train: bool
    ) -> Float[Array, "batch height_out width_out features"]:
        """Add."""
        hidden = x.shape[-1] // BOTTLENECK
        h = x
        for i, (features, size) in enumerate([(hidden, 1), (hidden, 3), (hidden, 3), (self.features, 1)]):
            h = nn.relu(self.norm()(h, condition, train=train))
            h = upsample(h) if self.up and i == 1 else h
            h = self.conv(features, kernel_size=size)(h, train=train)
        x = x[..., : self.features]
        return h + (upsample(x) if self.up else x)


class DeepDownBlock(nn.Module):
    """`[B, H, W, C] -> [B, H, W, features]`, or with sides halved: ReLU and convolution, four times, beside x.

    The convolutions are 1×1, 3×3, 3×3 and 1×1, of features/4 channels but for the last. To x the channels that it lacks
    are appended, a 1×1 convolution of it.
    """

    features: int
    conv: Layer
    """Called with its channels and `kernel_size`."""
    down: bool
    """Average squares of 2×2 before the last convolution."""

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch height width channels"], *, train: bool
    ) -> Float[Array, "batch height_out width_out features"]:
        """Add."""
        hidden = self.features // BOTTLENECK
        h = x
        for size in (1, 3, 3):
            h = self.conv(hidden, kernel_size=size)(nn.relu(h), train=train)
        h = nn.relu(h)
        if self.down:
            h, x = downsample(h), downsample(x)
        h = self.conv(self.features, kernel_size=1)(h, train=train)
        more = self.features - x.shape[-1]
        if more > 0:
            x = jnp.concatenate([x, self.conv(more, kernel_size=1)(x, train=train)], axis=-1)
        return h + x
