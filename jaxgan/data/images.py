"""Images of files to arrays of one size."""

import numpy as np
from PIL import Image

from jaxgan.data.media.images import decode as decode
from jaxgan.data.media.images import encode as encode


def square(image: Image.Image, size: int) -> Image.Image:
    """Crop the centre square and resize it to `size` pixels a side (bicubic, antialiased)."""
    if image.size == (size, size):
        return image
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side)).resize((size, size), Image.Resampling.BICUBIC)


def to_array(image: Image.Image) -> np.ndarray:
    """`[H, W, C]` uint8; C is 1 for grayscale."""
    array = np.asarray(image, dtype=np.uint8)
    return array[..., None] if array.ndim == 2 else array
