"""Layouts for images that need not be square: they follow the shorter side."""

from collections.abc import Mapping
from typing import TypeVar

import numpy as np
from jaxtyping import Array, Float

from jaxgan.checks import require, require_choice

T = TypeVar("T")
ImageSize = int | tuple[int, int]
"""Pixels per side, or (height, width)."""


def height_and_width(image_size: ImageSize) -> tuple[int, int]:
    """Height and width of images of this size.

    Raises:
        ValueError: unless it is one whole number of at least 1, or two.
    """
    sides = tuple(image_size) if isinstance(image_size, tuple | list) else (image_size, image_size)
    require(
        len(sides) == 2 and all(isinstance(side, int | np.integer) and side >= 1 for side in sides),
        f"image_size must be a whole number of at least 1, or (height, width), got {image_size!r}",
    )
    return sides[0], sides[1]


def size_of(x: Float[Array, "batch height width channels"]) -> ImageSize:
    """Size of images; one number for squares.

    Raises:
        ValueError: if the array has no four axes.
    """
    require(x.ndim == 4, f"expected images [B, H, W, C], got shape {x.shape}")
    _, height, width, _ = x.shape
    return height if height == width else (height, width)


def chosen(image_size: ImageSize, layouts: Mapping[int, T]) -> T:
    """The layout of the shorter side.

    Raises:
        ValueError: if there is none.
    """
    if isinstance(image_size, int):
        require_choice("image_size", image_size, tuple(layouts))
        return layouts[image_size]
    shorter = min(height_and_width(image_size))
    require_choice(f"the shorter side of image_size={image_size}", shorter, tuple(layouts))
    return layouts[shorter]


def halved(image_size: ImageSize, times: int) -> tuple[int, int]:
    """Both sides, halved so many times.

    Raises:
        ValueError: unless they stay whole.
    """
    height, width = height_and_width(image_size)
    require(
        height % 2**times == 0 and width % 2**times == 0,
        f"both sides of an image must be multiples of {2**times}, got image_size={(height, width)}",
    )
    return height >> times, width >> times
