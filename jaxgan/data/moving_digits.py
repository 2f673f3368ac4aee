"""Clips of a handwritten digit that moves: their motion is known."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, UInt8

from jaxgan.checks import require, require_choice
from jaxgan.data.dataset import Dataset
from jaxgan.data.digits import digits
from jaxgan.data.media.clips import clips

SIZES = (16, 32)
"""Pixels a side of a frame; a digit has half of them."""
FRAMES = 16
TIMES = 3
"""Number of clips of each digit."""
SLOWEST, FASTEST = 1 / 32, 3 / 32
"""Lowest and highest speed, in sides of a frame from one frame to the next."""


class Moving(NamedTuple):
    """Clips with the motion of what is in them."""

    clips: UInt8[np.ndarray, "rows frames height width 1"]
    corners: Float[np.ndarray, "rows frames 2"]
    """Row and column of the upper left corner of the digit, in pixels."""
    velocities: Float[np.ndarray, "rows 2"]
    """Velocity in the first frame, in pixels a frame along rows and columns."""


def moving_digits(image_size: int = 16, frames: int = FRAMES) -> Dataset:
    """5,391 clips of the bundled digits, each in three of them, with their classes as labels.

    They are drawn once and for all: a digit moves in a straight line at a constant speed, and bounces off the borders.

    Args:
        image_size: pixels a side of a frame, 16 or 32; a digit has half of them.
        frames: frames of each clip, at least 2.

    Raises:
        ValueError: for another size, or fewer frames.

    Reference:
        Srivastava et al., [Unsupervised Learning of Video Representations using
        LSTMs](https://arxiv.org/abs/1502.04681), 2015, who move digits of MNIST like this, two in each clip.
    """
    require_choice("image_size", image_size, SIZES)
    require(isinstance(frames, int) and frames >= 2, f"frames must be a whole number of at least 2, got {frames!r}")
    still = digits(image_size)
    labels = np.repeat(np.asarray(still.labels), TIMES)
    made = drawn(np.random.default_rng(0), np.repeat(still.real[..., 0], TIMES, axis=0), frames)
    return Dataset("moving_digits", made.clips, labels, still.num_classes, medium=clips())


def drawn(random: np.random.Generator, images: UInt8[np.ndarray, "rows side side"], frames: int) -> Moving:
    """Clips `[rows, frames, side, side, 1]` in which each image moves on black, with half its sides.

    Places in the first frame and directions are uniform, and so are speeds from 1/32 to 3/32 of a side. An image is
    drawn between pixels by linear interpolation on a frame of twice the size, whose sides are then halved by the means
    of 2×2 pixels: both keep its centre of brightness where it belongs.
    """
    rows, size = images.shape[:2]
    room = size / 2
    angle = random.uniform(0, 2 * np.pi, rows)
    speed = size * random.uniform(SLOWEST, FASTEST, rows)
    velocities = speed[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    unfolded = random.uniform(0, room, (rows, 1, 2)) + np.arange(frames)[:, None] * velocities[:, None]
    corners = room - np.abs(unfolded % (2 * room) - room)
    offsets = np.arange(2 * size)[:, None] - np.arange(size)
    made = np.zeros((rows, frames, size, size, 1), np.uint8)
    for clip, image, corner in zip(made, images, corners, strict=True):
        weights = np.maximum(0, 1 - np.abs(offsets - 2 * corner[..., None, None]))
        down, right = weights.reshape(frames, 2, size, 2, size).mean(axis=3).swapaxes(0, 1)
        clip[..., 0] = np.round(down @ image @ right.swapaxes(1, 2))
    return Moving(made, corners, velocities)
