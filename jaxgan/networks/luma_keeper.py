"""A generator that colours gray images and leaves their luma as it is."""

import flax.linen as nn
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.checks import require

RED, GREEN, BLUE = 0.299, 0.587, 0.114
"""Shares of the colours in the luma."""


class LumaKeeper(nn.Module):
    """Gray images `[B, H, W, 1]` to colour images `[B, H, W, 3]` with the same luma Y = 0.299 R + 0.587 G + 0.114 B.

    The network makes the two colour differences of JPEG, b and r in [-1, 1], and R = Y + 1.402 r, B = Y + 1.772 b, G =
    (Y − 0.299 R − 0.114 B) / 0.587. As all luma is in [-1, 1], colours may be a little outside; files clip them.

    Raises:
        ValueError: when called, unless the source has one channel and the network makes two.

    Reference:
        ITU-R BT.601; Hamilton, JPEG File Interchange Format, 1992. Zhang et al., [Colorful Image
        Colorization](https://arxiv.org/abs/1603.08511), 2016, predict colours beside a given lightness, in CIELAB.
    """

    network: nn.Module
    """Generator of two channels from images, such as `networks.UNetGenerator(channels=2)`."""

    @nn.compact
    def __call__(
        self,
        x: Float[Array, "batch ..."],
        condition: Float[Array, "batch height width 1"] | None = None,
        *,
        train: bool,
    ) -> Float[Array, "batch height width 3"]:
        """Colour each image."""
        luma = x if condition is None else condition
        require(luma.shape[-1] == 1, f"sources must have one channel, got shape {list(luma.shape)}")
        colours = self.network(x, condition, train=train)
        require(colours.shape[-1] == 2, f"the network must make two channels, got {colours.shape[-1]}")
        red, blue = luma + 1.402 * colours[..., 1:], luma + 1.772 * colours[..., :1]
        green = (luma - RED * red - BLUE * blue) / GREEN
        return jnp.concatenate([red, green, blue], axis=-1)
