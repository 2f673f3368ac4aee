"""Images as they are stored, uint8, and as networks see them, float32 in [-1, 1]."""

import jax
import numpy as np
from jaxtyping import PyTree
from PIL import Image

from jaxgan.core import Batch


def decode(stored: PyTree) -> PyTree:
    """uint8 in [0, 255] to float32 in [-1, 1], (2u − 255)/255; anything else is left as it is. NumPy or JAX arrays.

    Written as a product, with one rounding, so that the host and the device give the same bits: XLA makes one of a
    division by a constant, NumPy does not.
    """
    if stored.dtype != np.uint8:
        return stored
    return (2 * stored.astype(np.float32) - 255) * np.float32(1 / 255)


def decoded(batch: Batch) -> Batch:
    """The batch as networks see it: `real` is decoded, the condition is left as it is, also where it is uint8."""
    return batch._replace(real=jax.tree.map(decode, batch.real))


def encode(images: np.ndarray) -> np.ndarray:
    """float images in [-1, 1] to uint8 in [0, 255], clipped and rounded: the inverse of `decode`."""
    return np.round((np.clip(images, -1, 1) + 1) * 127.5).astype(np.uint8)


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
