"""Resampling of images by 2 with a blur that keeps the borders, as the program of CUT has it.

Zhang, Making Convolutional Networks Shift-Invariant Again, 2019, section 3.2.
"""

import jax.numpy as jnp
from jaxtyping import Array, Float


def blurred_half(x: Float[Array, "batch height width channels"]) -> Float[Array, "batch rows columns channels"]:
    """`[B, H, W, C] -> [B, ⌈H/2⌉, ⌈W/2⌉, C]`: y[i] = (x[2i − 1] + 2·x[2i] + x[2i + 1]) / 4 along each side.

    The image is mirrored about the pixels of its border, so sides are at least 2 pixels.
    """
    x = jnp.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="reflect")
    rows = (x[:, :-2:2] + 2 * x[:, 1:-1:2] + x[:, 2::2]) / 4
    return (rows[:, :, :-2:2] + 2 * rows[:, :, 1:-1:2] + rows[:, :, 2::2]) / 4


def blurred_double(x: Float[Array, "batch height width channels"]) -> Float[Array, "batch 2*height 2*width channels"]:
    """`[B, H, W, C] -> [B, 2H, 2W, C]`: bilinear interpolation, y[2i] = (x[i − 1] + 3·x[i]) / 4 and
    y[2i + 1] = (3·x[i] + x[i + 1]) / 4 along each side. Pixels of the border are repeated outside.
    """
    for axis in (1, 2):
        x = jnp.moveaxis(x, axis, 1)
        before = jnp.concatenate([x[:, :1], x[:, :-1]], axis=1)
        after = jnp.concatenate([x[:, 1:], x[:, -1:]], axis=1)
        both = jnp.stack([before + 3 * x, 3 * x + after], axis=2) / 4
        x = jnp.moveaxis(both.reshape(x.shape[0], 2 * x.shape[1], *x.shape[2:]), 1, axis)
    return x
