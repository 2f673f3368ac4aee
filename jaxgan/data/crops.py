"""Crops of images, each at its own place."""

from types import ModuleType

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxgan.data.images import ImageSize, height_and_width
from jaxgan.data.media.medium import Rows

CENTRE = 0
"""Number of the central place. Places from 1 on count the corners row by row, from the upper left."""


def places(numbers: Rows, shape: tuple[int, ...], size: ImageSize, step: int = 1) -> Rows:
    """Turn random uint32 numbers into places of parts of this size, from 1 on.

    Args:
        numbers: array of any shape.
        shape: shape of the images, `[..., H, W, C]`.
        size: size of the parts.
        step: pixels between corners.
    """
    down, across = _ways(shape, size, step)
    return 1 + numbers % np.uint32(down * across)


def cropped(images: Rows, place: Rows, size: ImageSize, step: int = 1) -> Rows:
    """The parts of this size of images or clips `[N, ..., H, W, C]` at the places `[N]`; NumPy or JAX arrays."""
    height, width = height_and_width(size)
    if isinstance(images, np.ndarray):
        tops, lefts = _corners(place, images.shape, size, step, np)
        cut = np.empty((*images.shape[:-3], height, width, images.shape[-1]), images.dtype)
        for i, (top, left) in enumerate(zip(tops.tolist(), lefts.tolist(), strict=True)):
            cut[i] = images[i, ..., top : top + height, left : left + width, :]
        return cut

    def one(image: jax.Array, top: jax.Array, left: jax.Array) -> jax.Array:
        first = (0,) * (image.ndim - 3)
        return lax.dynamic_slice(image, (*first, top, left, 0), (*image.shape[:-3], height, width, image.shape[-1]))

    return jax.vmap(one)(images, *_corners(place, images.shape, size, step, jnp))


def _corners(place: Rows, shape: tuple[int, ...], size: ImageSize, step: int, xp: ModuleType) -> tuple[Rows, Rows]:
    down, across = _ways(shape, size, step)
    number = xp.asarray(place, xp.int32) - 1
    centre = number < CENTRE
    top = xp.where(centre, (down - 1) // 2, number // across)
    left = xp.where(centre, (across - 1) // 2, number % across)
    return top * step, left * step


def _ways(shape: tuple[int, ...], size: ImageSize, step: int) -> tuple[int, int]:
    """Number of rows and columns of possible corners."""
    height, width = height_and_width(size)
    return (shape[-3] - height) // step + 1, (shape[-2] - width) // step + 1
