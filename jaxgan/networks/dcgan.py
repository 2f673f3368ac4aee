"""The networks of DCGAN for images of 8, 16, 28, 32, 64 and 128 pixels.

Radford et al., Unsupervised Representation Learning with Deep Convolutional Generative Adversarial Networks, 2016.
"""

import flax.linen as nn
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.networks.layers.batch_norm import batch_norm
from jaxgan.networks.layers.linear import Conv, ConvTranspose, Dense
from jaxgan.networks.layers.precision import Computed, at_least_float32
from jaxgan.networks.layers.sides import ImageSize, chosen, halved, size_of
from jaxgan.networks.layers.small_kernels import SMALL_KERNELS

LAYOUTS = {8: (4, 1), 16: (4, 2), 28: (7, 2), 32: (4, 3), 64: (4, 4), 128: (4, 5)}
"""Shorter side of an image to the side of the smallest feature map and the number of times it is doubled."""

kernel_init = SMALL_KERNELS["normal"]


class DCGANGenerator(nn.Module):
    """Latent `[B, Z]` to images `[B, height, width, channels]` in [-1, 1].

    A dense layer to the smallest feature map of width·2^(doublings − 1) channels, then 4×4 transposed convolutions of
    stride 2, each halving the channels; batch normalisation and ReLU between them, tanh at the end. A condition
    `[B, K]` is appended to the latent. Layers before batch normalisation have no bias.

    Raises:
        ValueError: on construction, for an image size without a layout.

    Examples:
        >>> shape(jaxgan.networks.DCGANGenerator(image_size=16, channels=1, width=8), latents)
        (2, 16, 16, 1)
    """

    image_size: ImageSize = 32
    """Pixels per side, or (height, width); the shorter side must have a layout, and the longer is halved as often."""
    channels: int = 1
    width: int = 64
    dtype: Computed = None
    """Dtype of the computation, see `layers.precision`."""

    def __post_init__(self) -> None:
        halved(self.image_size, chosen(self.image_size, LAYOUTS)[1])
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
        _, doublings = chosen(self.image_size, LAYOUTS)
        height, width = halved(self.image_size, doublings)
        x = latent if condition is None else jnp.concatenate([latent, condition], axis=-1)
        features = self.width * 2 ** (doublings - 1)
        x = Dense(height * width * features, use_bias=False, kernel_init=kernel_init, dtype=self.dtype)(x, train=train)
        x = nn.relu(batch_norm(train=train, dtype=self.dtype)(x.reshape(-1, height, width, features)))
        for _ in range(doublings - 1):
            features //= 2
            x = ConvTranspose(features, use_bias=False, kernel_init=kernel_init, dtype=self.dtype)(x)
            x = nn.relu(batch_norm(train=train, dtype=self.dtype)(x))
        x = ConvTranspose(self.channels, kernel_init=kernel_init, dtype=self.dtype)(x)
        return jnp.tanh(at_least_float32(x))


class DCGANDiscriminator(nn.Module):
    """Images `[B, H, W, C]`, the shorter side in `LAYOUTS`, to logits `[B]`.

    4×4 convolutions of stride 2 down to the smallest feature map, each doubling the channels from `width`, with leaky
    ReLU (slope 0.2) and, after the first, batch normalisation; then one dense layer. A condition `[B, K]` adds the
    inner product of its linear embedding with the features summed over places (projection; Miyato & Koyama, cGANs with
    Projection Discriminator, 2018, equation 3). The last feature map is sown as features.

    Raises:
        ValueError: when called with images of a size without a layout, or whose longer side cannot be halved as often.

    Examples:
        >>> shape(jaxgan.networks.DCGANDiscriminator(width=8), images)
        (2,)
    """

    width: int = 64
    batch_norm: bool = True
    spectral_norm: bool = False
    """Divide every kernel by its largest singular value; usually instead of batch normalisation."""
    dtype: Computed = None
    """Dtype of the convolutions and of what lies between them, see `layers.precision`."""

    @nn.compact
    def __call__(
        self,
        x: Float[Array, "batch height width channels"],
        condition: Float[Array, "batch classes"] | None = None,
        *,
        train: bool,
    ) -> Float[Array, "batch"]:
        """Judge each image."""
        _, doublings = chosen(size_of(x), LAYOUTS)
        halved(size_of(x), doublings)
        for i in range(doublings):
            normalised = self.batch_norm and i > 0
            x = Conv(
                self.width * 2**i,
                use_bias=not normalised,
                kernel_init=kernel_init,
                spectral_norm=self.spectral_norm,
                dtype=self.dtype,
            )(x, train=train)
            x = nn.leaky_relu(batch_norm(train=train, dtype=self.dtype)(x) if normalised else x, 0.2)
        x = at_least_float32(x)
        flat = x.reshape(x.shape[0], -1)
        self.sow("intermediates", "features", flat)
        logits = Dense(1, kernel_init=kernel_init, spectral_norm=self.spectral_norm)(flat, train=train)[:, 0]
        if condition is not None:
            embed = Dense(
                x.shape[-1], use_bias=False, kernel_init=kernel_init, spectral_norm=self.spectral_norm, name="embedding"
            )
            logits = logits + jnp.sum(embed(condition, train=train) * jnp.sum(x, axis=(1, 2)), axis=-1)
        return logits
