"""Images of files and arrays, brought to one size."""

import numpy as np
from PIL import Image

from jaxgan.data.media.images import clipped

ImageSize = int | tuple[int, int]
"""Pixels a side, or (height, width)."""


def height_and_width(size: ImageSize) -> tuple[int, int]:
    """Height and width of an image of this size."""
    return (size, size) if isinstance(size, int) else size


def fitted(image: Image.Image, size: ImageSize) -> Image.Image:
    """Crop the centre that has the shape of `size`, as large as there is, and resize it (bicubic, antialiased)."""
    height, width = height_and_width(size)
    if image.size == (width, height):
        return image
    across = min(image.width, max(1, round(image.height * width / height)))
    down = min(image.height, max(1, round(image.width * height / width)))
    left, top = (image.width - across) // 2, (image.height - down) // 2
    part = image.crop((left, top, left + across, top + down))
    return part.resize((width, height), Image.Resampling.BICUBIC)


def to_array(image: Image.Image) -> np.ndarray:
    """`[H, W, C]` uint8; C is 1 for grayscale."""
    array = np.asarray(image, dtype=np.uint8)
    return array[..., None] if array.ndim == 2 else array


def resized(image: np.ndarray, size: ImageSize) -> np.ndarray:
    """Resize an image `[H, W, C]` of uint8, uint16 or float32 by `fitted`; values beyond its range are clipped."""
    if image.shape[:2] == height_and_width(size):
        return image
    if image.dtype == np.uint8 and image.shape[2] <= 4:
        return to_array(fitted(Image.fromarray(image[..., 0] if image.shape[2] == 1 else image), size))
    channels = [np.asarray(fitted(Image.fromarray(c), size)) for c in np.moveaxis(image.astype(np.float32), 2, 0)]
    return clipped(np.stack(channels, axis=2), image.dtype)
