"""The motion of what is bright in a clip."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from jaxgan.checks import require

FAINT = 0.1
"""Brightness, of 1 between black and white, up to which a pixel counts as background."""


class Motion(NamedTuple):
    """Motion of each clip, in pixels."""

    speed: Float[np.ndarray, "rows"]
    """Distance from one frame to the next."""
    error: Float[np.ndarray, "rows"]
    """Distance of a frame's centre from where a straight line at constant speed has it after the two frames before."""


def motion(clips: Float[np.ndarray, "rows times height width channels"]) -> Motion:
    """How fast the centre of brightness of each clip moves, and how steadily.

    With c_t the centre in frame t, the speed along one axis is the median of |c_t - c_{t-1}| over the frames, and the
    error that of |c_t - 2·c_{t-1} + c_{t-2}|; of two axes it is the root of the sum of squares. A straight line at
    constant speed has the error 0, and so has one that bounces off the borders in fewer than half of the frames.

    Args:
        clips: in [-1, 1], of at least three frames; something bright before a dark background.

    Raises:
        ValueError: if there are fewer frames.

    Examples:
        >>> clips = np.full([1, 4, 8, 8, 1], -1.0)
        >>> clips[0, range(4), range(0, 8, 2), 5] = 1  # two pixels a frame
        >>> jaxgan.metrics.motion.motion(clips)
        Motion(speed=array([2.]), error=array([0.]))
    """
    require(
        clips.ndim == 5 and clips.shape[1] >= 3, f"clips must be [N, T, H, W, C] of 3 frames or more, got {clips.shape}"
    )
    places = centres(clips)
    once = np.diff(places, axis=1)
    twice = np.diff(once, axis=1)
    return Motion(*(np.linalg.norm(np.median(np.abs(each), axis=1), axis=-1) for each in (once, twice)))


def centres(clips: Float[np.ndarray, "rows times height width channels"]) -> Float[np.ndarray, "rows times 2"]:
    """Row and column of the centre of brightness of each frame, above the background; that of the frame if all of it is
    background. The background is as bright as the median of the frame, and up to 0.1 brighter.

    Examples:
        >>> jaxgan.metrics.motion.centres(np.full([1, 1, 5, 9, 1], -1.0))
        array([[[2., 4.]]])
    """
    bright = np.asarray(clips, np.float64).mean(axis=4) / 2
    bright = np.maximum(bright - np.median(bright, axis=(2, 3), keepdims=True) - FAINT, 0)
    total = bright.sum(axis=(2, 3))
    found = []
    for side, others in ((clips.shape[2], 3), (clips.shape[3], 2)):
        moment = bright.sum(axis=others) @ np.arange(side)
        found.append(np.where(total > 0, moment / np.maximum(total, np.finfo(float).tiny), (side - 1) / 2))
    return np.stack(found, axis=-1)
