"""DCGAN with convolutions over time as well as places, for clips.

Vondrick et al., Generating Videos with Scene Dynamics, 2016: the stream of their generator that makes whole clips,
without that of the background, and their discriminator; the layers are those of the authors' program.
"""

import flax.linen as nn
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.checks import require
from jaxgan.networks.dcgan import LAYOUTS, kernel_init
from jaxgan.networks.layers.batch_norm import batch_norm
from jaxgan.networks.layers.clips import Conv3D, ConvTranspose3D
from jaxgan.networks.layers.linear import Dense
from jaxgan.networks.layers.precision import Computed, at_least_float32
from jaxgan.networks.layers.sides import ImageSize, chosen, halved, size_of


class DCGAN3DGenerator(nn.Module):
    """Latent `[B, Z]` to clips `[B, frames, height, width, channels]` in [-1, 1].

    A dense layer to the smallest feature map of width·2^(doublings − 1) channels, then 4×4×4 transposed convolutions
    that double frames and sides, each halving the channels; batch normalisation and ReLU between them, tanh at the end.

    Raises:
        ValueError: on construction, for an image size without a layout, or frames that cannot be halved as often.

    Examples:
        >>> shape(jaxgan.networks.DCGAN3DGenerator(frames=8, image_size=16, width=4), latents)
        (2, 8, 16, 16, 1)
    """

    frames: int = 32
    image_size: ImageSize = 64
    """Pixels per side of a frame, or (height, width): 8, 16, 28, 32, 64 or 128 for the shorter side."""
    channels: int = 1
    width: int = 64
    dtype: Computed = None
    """Dtype of the convolutions, see `layers.precision`."""

    def __post_init__(self) -> None:
        _, doublings = chosen(self.image_size, LAYOUTS)
        halved(self.image_size, doublings)
        moments_of(self.frames, doublings)
        super().__post_init__()

    @nn.compact
    def __call__(
        self, latent: Float[Array, "batch size"], *, train: bool
    ) -> Float[Array, "batch times height width channels"]:
        """Make one clip for each row."""
        _, doublings = chosen(self.image_size, LAYOUTS)
        smallest = (moments_of(self.frames, doublings), *halved(self.image_size, doublings))
        features = self.width * 2 ** (doublings - 1)
        size = smallest[0] * smallest[1] * smallest[2] * features
        x = Dense(size, use_bias=False, kernel_init=kernel_init, dtype=self.dtype)(latent, train=train)
        x = nn.relu(batch_norm(train=train, dtype=self.dtype)(x.reshape(-1, *smallest, features)))
        for _ in range(doublings - 1):
            features //= 2
            x = ConvTranspose3D(features, use_bias=False, kernel_init=kernel_init, dtype=self.dtype)(x)
            x = nn.relu(batch_norm(train=train, dtype=self.dtype)(x))
        x = ConvTranspose3D(self.channels, kernel_init=kernel_init, dtype=self.dtype)(x)
        return jnp.tanh(at_least_float32(x))


class DCGAN3DDiscriminator(nn.Module):
    """Clips `[B, T, H, W, C]`, the shorter side of a frame in `dcgan.LAYOUTS`, to logits `[B]`.

    4×4×4 convolutions that halve frames and sides, each doubling the channels from `width`, with leaky ReLU (slope 0.2)
    and, after the first, batch normalisation; then one dense layer. The last feature map is sown as features.

    Raises:
        ValueError: when called with frames of a size without a layout, or with too few to be halved as often.

    Examples:
        >>> shape(jaxgan.networks.DCGAN3DDiscriminator(width=4), jnp.zeros([2, 8, 16, 16, 1]))
        (2,)
    """

    width: int = 64
    batch_norm: bool = True
    """Without it, layers have biases."""
    dtype: Computed = None
    """Dtype of the convolutions and of what lies between them, see `layers.precision`."""

    @nn.compact
    def __call__(self, x: Float[Array, "batch times height width channels"], *, train: bool) -> Float[Array, "batch"]:
        """Judge each clip."""
        require(x.ndim == 5, f"expected clips [B, T, H, W, C], got shape {x.shape}")
        sides = size_of(x[:, 0])
        _, doublings = chosen(sides, LAYOUTS)
        halved(sides, doublings)
        moments_of(x.shape[1], doublings)
        for i in range(doublings):
            normalised = self.batch_norm and i > 0
            x = Conv3D(
                self.width << i,
                time_stride=2,
                time_padding=(1, 1),
                use_bias=not normalised,
                kernel_init=kernel_init,
                dtype=self.dtype,
            )(x)
            x = nn.leaky_relu(batch_norm(train=train, dtype=self.dtype)(x) if normalised else x, 0.2)
        x = at_least_float32(x)
        flat = x.reshape(x.shape[0], -1)
        self.sow("intermediates", "features", flat)
        return Dense(1, kernel_init=kernel_init)(flat, train=train)[:, 0]


def moments_of(frames: int, doublings: int) -> int:
    """Frames of the smallest feature map.

    Raises:
        ValueError: unless the number of frames can be halved so often.
    """
    require(
        isinstance(frames, int) and frames >= 1 and frames % 2**doublings == 0,
        f"frames must be a multiple of {2**doublings}, to be halved as often as the sides; got {frames!r}",
    )
    return frames // 2**doublings
