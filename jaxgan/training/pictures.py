"""Pictures of samples: grids of images, clouds of points."""

from pathlib import Path

import numpy as np
from PIL import Image

from jaxgan.data.images import encode

GAP = 2


def save_picture(path: Path, samples: np.ndarray, *, columns: int, around: np.ndarray | None = None) -> None:
    """Save samples `[N, H, W, C]` as a grid or `[N, 2]` as a cloud of points.

    Args:
        path: of the PNG.
        samples: images in [-1, 1] with 1, 3 or 4 channels (the first of any other number is shown), or points.
        columns: of the grid.
        around: points of the data, drawn beneath a cloud; they set its limits.
    """
    if samples.ndim == 4:
        Image.fromarray(grid(samples, columns)).save(path)
    else:
        _save_cloud(path, samples, around)


def save_animation(path: Path, frames: np.ndarray, *, columns: int, frames_per_second: float) -> None:
    """Save `frames` `[F, N, H, W, C]`, each a grid of N images in [-1, 1], as a GIF that goes round for ever."""
    sheets = [Image.fromarray(grid(images, columns)) for images in frames]
    shown = [sheet if sheet.mode == "L" else sheet.convert("RGB") for sheet in sheets]
    shown[0].save(path, save_all=True, append_images=shown[1:], duration=round(1000 / frames_per_second), loop=0)


def grid(images: np.ndarray, columns: int) -> np.ndarray:
    """Images `[N, H, W, C]` in [-1, 1] side by side, row by row: `[height, width(, C)]` uint8.

    Images under 64 pixels are enlarged by whole factors.
    """
    shown = images if images.shape[-1] in (1, 3, 4) else images[..., :1]
    count, height, width, channels = shown.shape
    rows = -(-count // columns)
    sheet = np.full((rows, height + GAP, columns, width + GAP, channels), 255, np.uint8)
    for i, image in enumerate(encode(shown)):
        sheet[i // columns, :height, i % columns, :width] = image
    flat = sheet.reshape(rows * (height + GAP), columns * (width + GAP), channels)[:-GAP, :-GAP]
    factor = max(1, 64 // height)
    flat = flat.repeat(factor, axis=0).repeat(factor, axis=1)
    return flat[..., 0] if channels == 1 else flat


def _save_cloud(path: Path, points: np.ndarray, around: np.ndarray | None) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.subplots()
    if around is not None:
        axes.scatter(around[:, 0], around[:, 1], s=4, c="0.8", linewidths=0, label="data")
    axes.scatter(points[:, 0], points[:, 1], s=4, c="tab:red", alpha=0.5, linewidths=0, label="samples")
    if around is not None:
        axes.legend(loc="upper right", markerscale=3)
    limits = (points if around is None else around)[:, :2]
    low, high = limits.min(), limits.max()
    margin = 0.25 * (high - low)
    axes.set(xlim=(low - margin, high + margin), ylim=(low - margin, high + margin), aspect="equal")
    figure.savefig(path, dpi=100)
