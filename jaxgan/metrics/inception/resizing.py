"""Images to the Inception network's size, in the ways of three programs of the literature.

They do not give the same Fréchet distance (Parmar et al., On Aliased Resizing and Surprising Subtleties in GAN
Evaluation, 2022), so a figure means nothing without its resizer:

- `tensorflow`: bilinear as the graph of 2015-12-05 itself, `resize_bilinear` of TensorFlow 1: output pixel i looks at
  input i·n/299, without the half pixel that centres would need, and no antialiasing. Then (u − 128)/128. In the
  programs of Heusel et al., 2017, of StyleGAN, and in torch-fidelity.
- `pytorch`: bilinear as `interpolate(align_corners=False)`: output i looks at (i + 1/2)·n/299 − 1/2, and no
  antialiasing. Then (u − 127.5)/127.5. In pytorch-fid.
- `clean`: bicubic with a = −1/2, widened by n/299 against aliasing when it shrinks, as Pillow resizes a channel of
  floats. The result is clipped to [0, 255], for edges overshoot, but not rounded. Then (u − 128)/128. In clean-fid
  since version 0.1.21 of March 2022; earlier versions did not clip.

u is the 8-bit value that the image would have in a file. Up to the clipping, which changes nothing in the bilinear
ones, all three are linear and treat rows and columns alike. So each is a matrix of weights [299, n], which is exact:
the coordinates are rounded as there, to float32 in the bilinear ones. The sums are float32; what differs from the
originals is their rounding, under 1e-4 of 255 grey values.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float

from jaxgan.checks import require
from jaxgan.metrics.inception.network import SIDE


class Resizer(NamedTuple):
    """A resizer and the scaling that its program applies after it."""

    weights: Callable[[int], np.ndarray]
    """Function from n, the pixels of a side, to weights `[299, n]`."""
    zero: float
    """The 8-bit value that becomes 0; 0 becomes -1."""


def resized(images: Float[Array, "batch height width channels"], resizer: Resizer) -> Float[Array, "batch side side 3"]:
    """Round images to 8 bits, resize and scale them for the network.

    Args:
        images: `[B, H, W, C]` in [-1, 1], clipped to it; C is 3, or 1 for grey, which is repeated.
        resizer: one of `RESIZERS`.

    Raises:
        ValueError: if there are neither 1 nor 3 channels.
    """
    _, height, width, _ = images.shape
    square = resized_to(images, resizer.weights(height), resizer.weights(width))
    return (square - resizer.zero) / resizer.zero


def resized_to(
    images: Float[Array, "batch height width channels"], rows: np.ndarray, columns: np.ndarray
) -> Float[Array, "batch rows columns 3"]:
    """Round images to 8 bits and resize them: values in [0, 255].

    Args:
        images: `[B, H, W, C]` in [-1, 1], clipped to it; C is 3, or 1 for grey, which is repeated.
        rows: weights `[rows, H]`.
        columns: weights `[columns, W]`.

    Raises:
        ValueError: if there are neither 1 nor 3 channels.
    """
    channels = images.shape[-1]
    require(channels in (1, 3), f"images must have 1 or 3 channels, got shape {images.shape}")
    stored = jnp.round((jnp.clip(images, -1, 1) + 1) * 127.5)
    wide = jnp.einsum("jw,bhwc->bhjc", columns, stored, precision=lax.Precision.HIGHEST)
    square = jnp.einsum("ih,bhjc->bijc", rows, wide, precision=lax.Precision.HIGHEST)
    return jnp.broadcast_to(jnp.clip(square, 0, 255), (*square.shape[:3], 3))


def _tensorflow(size: int) -> np.ndarray:
    return _bilinear(np.arange(SIDE, dtype=np.float32) * _scale(size), size)


def _pytorch(size: int) -> np.ndarray:
    """Weights of PyTorch. Its coordinates come from a fused product and sum, so they are rounded once."""
    centres = np.arange(SIDE) + 0.5
    return _bilinear(np.maximum(centres * np.float64(_scale(size)) - 0.5, 0).astype(np.float32), size)


def _scale(size: int) -> np.float32:
    return np.float32(size) / np.float32(SIDE)


def _bilinear(coordinates: np.ndarray, size: int) -> np.ndarray:
    """Weights 1 − t and t of the pixels before and after, the last pixel once more after itself."""
    before = coordinates.astype(int)
    part = coordinates - before.astype(np.float32)
    pixels = np.arange(size)
    after = np.minimum(before + 1, size - 1)
    return (pixels == before[:, None]) * (1 - part)[:, None] + (pixels == after[:, None]) * part[:, None]


def clean_weights(size: int, side: int = SIDE) -> np.ndarray:
    """Weights `[side, size]` of `clean`; the rows sum to one.

    Reference:
        Keys, Cubic Convolution Interpolation for Digital Image Processing, 1981, equation 15.
    """
    stretch = max(size / side, 1.0)
    centres = (np.arange(side) + 0.5) * (size / side)
    x = np.abs(np.arange(size) + 0.5 - centres[:, None]) / stretch
    near = (1.5 * x - 2.5) * x * x + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    weights = np.where(x < 1, near, np.where(x < 2, far, 0))
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


RESIZERS = {
    "tensorflow": Resizer(_tensorflow, 128.0),
    "pytorch": Resizer(_pytorch, 127.5),
    "clean": Resizer(clean_weights, 128.0),
}
