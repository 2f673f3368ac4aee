"""The plainest resampling of images by a factor of two."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.checks import require


def upsample(x: Float[Array, "batch height width channels"]) -> Float[Array, "batch 2*height 2*width channels"]:
    """Nearest neighbour: every pixel becomes a square of 2×2."""
    return jnp.repeat(jnp.repeat(x, 2, axis=1), 2, axis=2)


def downsample(x: Float[Array, "batch height width channels"]) -> Float[Array, "batch height/2 width/2 channels"]:
    """The average of each square of 2×2 pixels.

    Raises:
        ValueError: if a side is odd.
    """
    return jnp.mean(_squares(x), axis=(2, 4))


def max_pool(x: Float[Array, "batch height width channels"]) -> Float[Array, "batch height/2 width/2 channels"]:
    """The largest value of each square of 2×2 pixels.

    Raises:
        ValueError: if a side is odd.
    """
    return jnp.max(_squares(x), axis=(2, 4))


def _squares(x: Array) -> Array:
    batch, height, width, channels = x.shape
    require(height % 2 == 0 and width % 2 == 0, f"sides must be even, got images of shape {x.shape}")
    return x.reshape(batch, height // 2, 2, width // 2, 2, channels)
