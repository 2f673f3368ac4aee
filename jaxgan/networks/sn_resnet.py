"""The residual networks of SNGAN for images of 8 to 128 pixels; by options those of WGAN-GP and SAGAN.

Miyato et al., Spectral Normalization for Generative Adversarial Networks, 2018, tables 4 to 6. For WGAN-GP (Gulrajani
et al., Improved Training of Wasserstein GANs, 2017, appendix F) the generator has half the default width, and the
discriminator no spectral norm, `pooling="mean"` and, if anything, layer norm. For SAGAN (Zhang et al., Self-Attention
Generative Adversarial Networks, 2019) both players have spectral norm and attention at 32.
"""

from functools import partial
from typing import Any

import flax.linen as nn
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from jaxgan.checks import require_choice
from jaxgan.networks.layers.attention import SelfAttention, check_attention
from jaxgan.networks.layers.batch_norm import batch_norm
from jaxgan.networks.layers.conditional_norm import ConditionalBatchNorm
from jaxgan.networks.layers.linear import Conv, Dense, SpectralNorm
from jaxgan.networks.layers.precision import Computed, at_least_float32
from jaxgan.networks.layers.projection import POOLINGS, Pooling, ProjectionHead
from jaxgan.networks.layers.residual import DownBlock, Layer, Layout, UpBlock, layout_at, layout_of
from jaxgan.networks.layers.sides import ImageSize, halved

LAYOUTS = {
    8: Layout(4, 4, (4,), (2,), (2,)),
    16: Layout(4, 4, (4, 4), (2, 2), (2, 2)),
    28: Layout(7, 4, (4, 4), (2, 2), (2, 2)),
    32: Layout(4, 4, (4, 4, 4), (2, 2), (2, 2)),
    48: Layout(6, 8, (4, 2, 1), (1, 2, 4, 8), (16,)),
    64: Layout(4, 16, (8, 4, 2, 1), (1, 2, 4, 8, 16), ()),
    128: Layout(4, 16, (16, 8, 4, 2, 1), (1, 2, 4, 8, 16), (16,)),
}
"""By the shorter side of an image. 32, 48 and 128 are the paper's, for CIFAR-10, STL-10 and ImageNet; 64 is that of the
authors' code for cGANs with Projection Discriminator; 8, 16 and 28 shorten or widen that of 32."""

MODULATION = 32
"""Hidden units of self-modulation."""

EPSILON = 2e-5
"""Epsilon of batch normalisation, as in the authors' programs."""

kernel_init = nn.initializers.glorot_uniform()


def block_init(key: Key[Array, ""], shape: tuple[int, ...], dtype: Any = jnp.float32) -> Float[Array, "..."]:
    """Kernels within the blocks: `kernel_init`, for those of 3×3 times √2, as in the authors' programs."""
    gain = 2.0 if shape[0] == 3 else 1.0
    return nn.initializers.variance_scaling(gain, "fan_avg", "uniform")(key, shape, dtype)


class SNResNetGenerator(nn.Module):
    """Latent `[B, Z]` to images `[B, height, width, channels]` in [-1, 1].

    A dense layer to the smallest feature map, residual blocks that each double its sides, batch normalisation, ReLU, a
    3×3 convolution and tanh. A condition `[B, K]` sets the scales and shifts of the batch normalisation in the blocks.
    The blocks' convolutions have no biases, for batch normalisation follows.

    Raises:
        ValueError: on construction, for an image size without a layout or attention where there is no feature map.

    Examples:
        >>> shape(jaxgan.networks.SNResNetGenerator(image_size=32, channels=3, width=8), latents)
        (2, 32, 32, 3)
    """

    image_size: ImageSize = 32
    """Pixels per side, or (height, width); the shorter side must have a layout, and the longer is halved as often."""
    channels: int = 3
    width: int = 64
    """Base number of channels of the layout: 64 gives the paper's tables."""
    attention: tuple[int, ...] = ()
    """Self-attention after the blocks that reach these sides (the shorter ones)."""
    spectral_norm: SpectralNorm = False
    """Apply spectral norm to all convolutions and to the first layer."""
    self_modulated: bool = False
    """Scales and shifts depend on the latent, and on the condition if there is one: on z + E(y) + z ⊙ E'(y) (Chen et
    al., On Self Modulation for Generative Adversarial Networks, 2019)."""
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
        conv: Layer = partial(Conv, stride=1, use_bias=False, **shared | {"kernel_init": block_init})
        hidden = MODULATION if self.self_modulated else None
        norm: Layer = partial(ConditionalBatchNorm, hidden=hidden, epsilon=EPSILON, dtype=self.dtype)
        modulation = self._modulation(latent, condition, train) if self.self_modulated else condition
        x = Dense(height * width * layout.first * self.width, **shared)(latent, train=train)
        x = x.reshape(-1, height, width, layout.first * self.width)
        for features in layout.up:
            x = UpBlock(features * self.width, conv, norm)(x, modulation, train=train)
            if min(x.shape[1:3]) in self.attention:
                x = SelfAttention(conv)(x, train=train)
        x = nn.relu(batch_norm(train=train, epsilon=EPSILON, dtype=self.dtype)(x))
        x = Conv(self.channels, kernel_size=3, stride=1, **shared)(x, train=train)
        return jnp.tanh(at_least_float32(x))

    def _modulation(self, latent: Array, condition: Array | None, train: bool) -> Array:
        if condition is None:
            return latent
        shift, scale = (
            Dense(latent.shape[-1], use_bias=False, dtype=self.dtype, name=name)(condition, train=train)
            for name in ("modulation_shift", "modulation_scale")
        )
        return latent + shift + latent * scale


class SNResNetDiscriminator(nn.Module):
    """Images `[B, H, W, C]`, the shorter side in `LAYOUTS`, to logits `[B]`.

    Residual blocks, the first ones halving the sides, then ReLU, the sum over places, and a dense layer, to which a
    condition `[B, K]` adds its projection (see `ProjectionHead`). Above 32 pixels the dense layer has a bias, as in
    the authors' programs. What is pooled is sown as features.

    Raises:
        ValueError: on construction, for an unknown pooling; when called, for images of a size without a layout, or
            attention where there is no feature map.

    Examples:
        >>> shape(jaxgan.networks.SNResNetDiscriminator(width=8), images)
        (2,)
    """

    width: int = 64
    """Base number of channels of the layout: 64 gives the paper's tables."""
    attention: tuple[int, ...] = ()
    """Self-attention after the blocks that reach these sides (the shorter ones)."""
    spectral_norm: SpectralNorm = True
    """Divide every kernel by its largest singular value."""
    layer_norm: bool = False
    """Normalise each image's feature maps before each ReLU, as WGAN-GP may."""
    pooling: Pooling = "sum"
    dtype: Computed = None
    """Dtype of the blocks, see `layers.precision`."""

    def __post_init__(self) -> None:
        require_choice("pooling", self.pooling, POOLINGS)
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
        layout, side = layout_of(x, LAYOUTS, self.attention), min(x.shape[1:3])
        shared: dict[str, Any] = {"kernel_init": kernel_init, "spectral_norm": self.spectral_norm}
        conv: Layer = partial(Conv, stride=1, dtype=self.dtype, **shared | {"kernel_init": block_init})
        norm: Layer = partial(nn.LayerNorm, 1e-5, reduction_axes=(1, 2, 3), feature_axes=-1, dtype=self.dtype)
        block: Layer = partial(DownBlock, conv=conv, norm=norm if self.layer_norm else None)
        for i, features in enumerate(layout.down):
            x = block(features * self.width, first=i == 0)(x, train=train)
            if min(x.shape[1:3]) in self.attention:
                x = SelfAttention(conv)(x, train=train)
        for features in layout.flat:
            x = block(features * self.width, down=False)(x, train=train)
        return ProjectionHead(self.pooling, use_bias=side > 32, **shared)(x, condition, train=train)
