"""The generator of ESRGAN: images to larger ones, by residual blocks of dense blocks without normalisation.

Wang et al., ESRGAN: Enhanced Super-Resolution Generative Adversarial Networks, 2018, section 3.1.
"""

from functools import partial

import flax.linen as nn
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.checks import require
from jaxgan.networks.layers.linear import Conv
from jaxgan.networks.layers.precision import Computed, at_least_float32
from jaxgan.networks.layers.resampling import upsample

RESIDUAL = 0.2
"""Factor of each residual, β of figure 4."""
small_init = nn.initializers.variance_scaling(0.02, "fan_in", "normal")
"""Initialisation of He et al., times a tenth."""
kernel_init = nn.initializers.variance_scaling(1 / 3, "fan_in", "uniform")


class RRDBGenerator(nn.Module):
    """Images `[B, H, W, C]` of any size to images `[B, s·H, s·W, channels]`, s = 2^doublings, not bounded.

    The source is the condition if there is one, and the input is then a latent that is not used; without a condition
    the source is the input, see `UNetGenerator`.

    A 3×3 convolution to `width` channels, x + conv(blocks(x)), for each doubling nearest-neighbour upsampling and a
    3×3 convolution, and two further 3×3 convolutions; leaky ReLU (slope 0.2) follows all from the doublings on but the
    last.

    Raises:
        ValueError: on construction, if an argument is out of range.

    Examples:
        >>> shape(jaxgan.networks.RRDBGenerator(channels=3, doublings=1, width=8, blocks=1, growth=4), latents, images)
        (2, 64, 64, 3)
    """

    channels: int = 3
    doublings: int = 2
    """2 for four times the sides; 0 keeps the size."""
    width: int = 64
    blocks: int = 23
    """Number of residual blocks, each of three dense blocks with five convolutions."""
    growth: int = 32
    """Channels that each convolution of a dense block adds."""
    dtype: Computed = None
    """Dtype of the computation, see `layers.precision`."""

    def __post_init__(self) -> None:
        for name in ("doublings", "blocks"):
            value = getattr(self, name)
            require(
                isinstance(value, int) and value >= 0, f"{name} must be a whole number of at least 0, got {value!r}"
            )
        super().__post_init__()

    @nn.compact
    def __call__(
        self,
        x: Float[Array, "batch ..."],
        condition: Float[Array, "batch height width source"] | None = None,
        *,
        train: bool,
    ) -> Float[Array, "batch height_out width_out channels"]:
        """Enlarge each image."""
        x = x if condition is None else condition
        require(x.ndim == 4, f"expected images [B, H, W, C], got shape {x.shape}")
        conv = partial(Conv, kernel_size=3, stride=1, kernel_init=kernel_init, dtype=self.dtype)
        x = conv(self.width)(x, train=train)
        y = x
        for _ in range(self.blocks):
            z = y
            for _ in range(3):
                z = DenseBlock(self.growth, self.dtype)(z, train=train)
            y = y + RESIDUAL * z
        x = x + conv(self.width)(y, train=train)
        for _ in range(self.doublings):
            x = nn.leaky_relu(conv(self.width)(upsample(x), train=train), 0.2)
        x = nn.leaky_relu(conv(self.width)(x, train=train), 0.2)
        return at_least_float32(conv(self.channels)(x, train=train))


class DenseBlock(nn.Module):
    """`[B, H, W, C] -> [B, H, W, C]`: x + 0.2·W₅ * [x, y₁, …, y₄], y_i the leaky ReLU of W_i * [x, y₁, …, y_(i−1)]."""

    growth: int
    dtype: Computed = None

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch height width channels"], *, train: bool
    ) -> Float[Array, "batch height width channels"]:
        """Add."""
        conv = partial(Conv, kernel_size=3, stride=1, kernel_init=small_init, dtype=self.dtype)
        joined = x
        for _ in range(4):
            y = nn.leaky_relu(conv(self.growth)(joined, train=train), 0.2)
            joined = jnp.concatenate([joined, y], axis=-1)
        return x + RESIDUAL * conv(x.shape[-1])(joined, train=train)
