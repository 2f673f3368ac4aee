"""The networks of BigGAN for images of 8 to 256 pixels.

Brock et al., Large Scale GAN Training for High Fidelity Natural Image Synthesis, 2019, appendix B, tables 4 and 5. The
authors also regularise the generator, the embedding left out: the first of its optimizer's chain is then

    optax.masked(optimizers.orthogonal(1e-4), lambda params: {name: name != "embedding" for name in params})
"""

from functools import partial
from typing import Any

import flax.linen as nn
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.checks import require
from jaxgan.networks.layers.attention import SelfAttention, check_attention
from jaxgan.networks.layers.batch_norm import batch_norm
from jaxgan.networks.layers.conditional_norm import ConditionalBatchNorm
from jaxgan.networks.layers.linear import Conv, Dense, Initializer, SpectralNorm
from jaxgan.networks.layers.precision import Computed, at_least_float32
from jaxgan.networks.layers.projection import ProjectionHead
from jaxgan.networks.layers.residual import DownBlock, Layer, Layout, UpBlock, layout_at, layout_of
from jaxgan.networks.layers.sides import ImageSize, halved

LAYOUTS = {
    8: Layout(4, 4, (4,), (4,), (4,)),
    16: Layout(4, 4, (4, 4), (4, 4), (4, 4)),
    28: Layout(7, 4, (4, 4), (4, 4), (4, 4)),
    32: Layout(4, 4, (4, 4, 4), (4, 4), (4, 4)),
    64: Layout(4, 16, (16, 8, 4, 2), (1, 2, 4, 8), (16,)),
    128: Layout(4, 16, (16, 8, 4, 2, 1), (1, 2, 4, 8, 16), (16,)),
    256: Layout(4, 16, (16, 8, 8, 4, 2, 1), (1, 2, 4, 8, 8, 16), (16,)),
}
"""By the shorter side of an image. 128 and 256 are the paper's; 32 (for CIFAR-10) and 64 are those of the first
author's PyTorch code; 8, 16 and 28 shorten or widen that of 32."""

kernel_init = nn.initializers.orthogonal()


class BigGANGenerator(nn.Module):
    """Latent `[B, Z]` to images `[B, height, width, channels]` in [-1, 1].

    The latent is cut into one chunk for the first dense layer and one for each residual block, as even as it goes, the
    longer ones first. The scales and shifts of a block's batch normalisation are linear in its chunk, appended to an
    embedding of the condition `[B, K]` that all blocks share (without a condition, in the chunk alone). Then batch
    normalisation, ReLU, a 3×3 convolution and tanh. The blocks' convolutions have no biases, for batch normalisation
    follows. Initialisation is orthogonal by default.

    Raises:
        ValueError: on construction, for an image size without a layout or attention where there is no feature map; when
            called with latents of fewer numbers than chunks.

    Examples:
        >>> shape(jaxgan.networks.BigGANGenerator(image_size=32, channels=3, width=8), latents, labels)
        (2, 32, 32, 3)
    """

    image_size: ImageSize = 32
    """Pixels per side, or (height, width); the shorter side must have a layout, and the longer is halved as often."""
    channels: int = 3
    width: int = 64
    """Base number of channels of the layout; the paper's is 96."""
    embedding_size: int = 128
    hierarchical: bool = True
    """Latent in chunks and one embedding for all blocks, as above; False: the first dense layer has the whole latent,
    and each block's scales and shifts are those of the class, as in the authors' program for CIFAR-10."""
    kernel_init: Initializer = kernel_init
    """Initializer of all kernels."""
    attention: tuple[int, ...] = ()
    """Self-attention after the blocks that reach these sides (the shorter ones); the paper's is at 64."""
    spectral_norm: SpectralNorm = True
    """Apply spectral norm to all layers but the embedding and the scales and shifts of classes without embedding."""
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
        count = len(layout.up) + 1
        shared: dict[str, Any] = {"kernel_init": self.kernel_init, "spectral_norm": self.spectral_norm}
        shared |= {"dtype": self.dtype}
        conv: Layer = partial(Conv, stride=1, use_bias=False, **shared)
        norm: Layer = partial(ConditionalBatchNorm, **shared)
        first, modulations = latent, [condition] * len(layout.up)
        if self.hierarchical:
            require(latent.shape[-1] >= count, f"latent must have at least {count} numbers, got shape {latent.shape}")
            first, *chunks = jnp.array_split(latent, count, axis=-1)
            if condition is not None:
                embed = Dense(self.embedding_size, use_bias=False, kernel_init=self.kernel_init, name="embedding")
                embedded = embed(condition, train=train)
                chunks = [jnp.concatenate([embedded, chunk], axis=-1) for chunk in chunks]
            modulations = list(chunks)
        else:
            norm = partial(ConditionalBatchNorm, kernel_init=self.kernel_init, dtype=self.dtype)
        x = Dense(height * width * layout.first * self.width, **shared)(first, train=train)
        x = x.reshape(-1, height, width, layout.first * self.width)
        for features, modulation in zip(layout.up, modulations, strict=True):
            x = UpBlock(features * self.width, conv, norm)(x, modulation, train=train)
            if min(x.shape[1:3]) in self.attention:
                x = SelfAttention(conv)(x, train=train)
        x = nn.relu(batch_norm(train=train, dtype=self.dtype)(x))
        x = conv(self.channels, kernel_size=3, use_bias=True)(x, train=train)
        return jnp.tanh(at_least_float32(x))


class BigGANDiscriminator(nn.Module):
    """Images `[B, H, W, C]`, the shorter side in `LAYOUTS`, to logits `[B]`.

    Residual blocks, the first ones halving the sides, then ReLU, the sum over places, and a dense layer, to which a
    condition `[B, K]` adds its projection (see `ProjectionHead`). What is pooled is sown as features. Initialisation is
    orthogonal by default.

    Raises:
        ValueError: when called with images of a size without a layout, or attention where there is no feature map.

    Examples:
        >>> shape(jaxgan.networks.BigGANDiscriminator(width=8), images, labels)
        (2,)
    """

    width: int = 64
    """Base number of channels of the layout; the paper's is 96."""
    attention: tuple[int, ...] = ()
    """Self-attention after the blocks that reach these sides (the shorter ones); the paper's is at 64."""
    kernel_init: Initializer = kernel_init
    """Initializer of all kernels."""
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
        shared: dict[str, Any] = {"kernel_init": self.kernel_init, "spectral_norm": self.spectral_norm}
        conv: Layer = partial(Conv, stride=1, dtype=self.dtype, **shared)
        for i, features in enumerate(layout.down):
            x = DownBlock(features * self.width, conv, first=i == 0, wide=True)(x, train=train)
            if min(x.shape[1:3]) in self.attention:
                x = SelfAttention(conv)(x, train=train)
        for features in layout.flat:
            x = DownBlock(features * self.width, conv, down=False, wide=True)(x, train=train)
        return ProjectionHead(**shared)(x, condition, train=train)
