"""Clips of several frames: a grid in an animated GIF, and a PNG in which frames lie side by side."""

from functools import partial
from pathlib import Path

import numpy as np

from jaxgan.checks import require, require_number
from jaxgan.data.media.images import decode, encode, save_animation, save_grid
from jaxgan.data.media.medium import Medium, View, flipped, with_suffix

RATE = 8.0
"""Default frames per second."""
FASTEST = 100
SHOWN = 8
COLUMNS = 16
"""Largest number of clips in a PNG, and of frames of each."""


def clips(frames_per_second: float = RATE) -> Medium:
    """`[N, F, H, W, C]` uint8: F frames each, which are images.

    Args:
        frames_per_second: at which they are shown.

    Raises:
        ValueError: unless it is above 0 and at most 100, which a GIF can hold.

    Examples:
        >>> jaxgan.data.media.clips(frames_per_second=8).name
        'clips'
    """
    require_number("frames_per_second", frames_per_second)
    require(
        0 < frames_per_second <= FASTEST,
        f"frames_per_second must be above 0 and at most {FASTEST}, got {frames_per_second}",
    )
    return Medium(
        "clips",
        check,
        decode,
        encode,
        partial(_save, frames_per_second),
        mirror=flipped,
        frames_per_second=frames_per_second,
    )


def check(what: str, stored: np.ndarray) -> None:
    """Raise `InputError` unless these are clips `[N, F, H, W, C]` of uint8."""
    shape = stored.shape
    require(stored.ndim == 5 and 0 not in shape[1:], f"{what} must be clips [N, F, H, W, C], got shape {shape}")
    require(stored.dtype == np.uint8, f"{what} must be uint8 clips, got {stored.dtype}")


def _save(frames_per_second: float, path: Path, samples: np.ndarray, view: View) -> Path:
    file = with_suffix(path, ".gif")
    frames = samples.swapaxes(0, 1)
    save_animation(file, frames, columns=view.columns, frames_per_second=frames_per_second)
    save_grid(with_suffix(path, ".png"), *strips(samples))
    return file


def strips(samples: np.ndarray) -> tuple[np.ndarray, int]:
    """Frames `[n·columns, H, W, C]` of the first clips, a line for each, and the number of columns: all frames, or 16
    evenly from the first to the last."""
    count = samples.shape[1]
    columns = min(COLUMNS, count)
    places = np.linspace(0, count - 1, columns).round().astype(int)
    return samples[:SHOWN, places].reshape(-1, *samples.shape[2:]), columns
