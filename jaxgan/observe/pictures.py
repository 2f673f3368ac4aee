"""Pictures of samples, by their shape."""

from pathlib import Path

import numpy as np

from jaxgan.data.media.images import grid as grid
from jaxgan.data.media.images import save_animation as save_animation
from jaxgan.data.media.images import save_grid
from jaxgan.data.media.medium import View
from jaxgan.data.media.points import save_points


def save_picture(
    path: Path, samples: np.ndarray, *, columns: int, around: np.ndarray | None = None, title: str = ""
) -> None:
    """Save samples `[N, H, W, C]` as a grid, `[N, D]` as a cloud of their first two numbers, `[N, 1]` as a histogram.

    Args:
        path: of the PNG.
        samples: images in [-1, 1] with 1, 3 or 4 channels (the first of any other number is shown), or points.
        columns: of the grid.
        around: points of the data, drawn beneath; they set the limits.
        title: above a cloud or a histogram.
    """
    if samples.ndim == 4:
        save_grid(path, samples, columns)
    else:
        save_points(path, samples, View(columns, around, title))
