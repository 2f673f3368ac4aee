"""Pictures of samples: grids of images, clouds of points."""

from pathlib import Path

import numpy as np
from PIL import Image

from jaxgan.data.images import encode

GAP = 2
BINS = 80
DATA, SAMPLES = "tab:blue", "tab:red"


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
        Image.fromarray(grid(samples, columns)).save(path)
    elif samples.shape[1] == 1:
        _save_histogram(path, samples[:, 0], None if around is None else around[:, 0], title)
    else:
        _save_cloud(path, samples, around, title)


def save_animation(path: Path, frames: np.ndarray, *, columns: int, frames_per_second: float) -> None:
    """Save `frames` `[F, N, H, W, C]`, each a grid of N images in [-1, 1], as a GIF that goes round for ever."""
    sheets = [Image.fromarray(grid(images, columns)) for images in frames]
    shown = [sheet if sheet.mode == "L" else sheet.convert("RGB") for sheet in sheets]
    shown[0].save(path, save_all=True, append_images=shown[1:], duration=round(1000 / frames_per_second), loop=0)


def grid(images: np.ndarray, columns: int) -> np.ndarray:
    """Images `[N, H, W, C]` in [-1, 1] side by side, row by row: `[height, width(, C)]` uint8.

    Images whose longer side is under 64 pixels are enlarged by whole factors.
    """
    shown = images if images.shape[-1] in (1, 3, 4) else images[..., :1]
    count, height, width, channels = shown.shape
    rows = -(-count // columns)
    sheet = np.full((rows, height + GAP, columns, width + GAP, channels), 255, np.uint8)
    for i, image in enumerate(encode(shown)):
        sheet[i // columns, :height, i % columns, :width] = image
    flat = sheet.reshape(rows * (height + GAP), columns * (width + GAP), channels)[:-GAP, :-GAP]
    factor = max(1, 64 // max(height, width))
    flat = flat.repeat(factor, axis=0).repeat(factor, axis=1)
    return flat[..., 0] if channels == 1 else flat


def _save_cloud(path: Path, points: np.ndarray, around: np.ndarray | None, title: str) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.subplots()
    if around is not None:
        axes.scatter(around[:, 0], around[:, 1], s=6, c=DATA, alpha=0.6, linewidths=0, label="data")
    axes.scatter(points[:, 0], points[:, 1], s=4, c=SAMPLES, alpha=0.5, linewidths=0, label="samples")
    limits = _limits((points if around is None else around)[:, :2])
    axes.set(xlim=limits, ylim=limits, aspect="equal", title=title, xlabel="first number", ylabel="second number")
    if around is not None:
        axes.legend(loc="upper right", markerscale=3)
    figure.savefig(path, dpi=100)


def _save_histogram(path: Path, numbers: np.ndarray, around: np.ndarray | None, title: str) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.subplots()
    edges = np.linspace(*_limits(numbers if around is None else around), BINS + 1)
    if around is not None:
        axes.stairs(np.histogram(around, edges)[0] / len(around), edges, color=DATA, alpha=0.4, fill=True, label="data")
    axes.stairs(np.histogram(numbers, edges)[0] / len(numbers), edges, color=SAMPLES, label="samples")
    if around is not None:
        axes.legend(loc="upper right")
    axes.set(xlim=(edges[0], edges[-1]), title=title, xlabel="number", ylabel="share")
    figure.savefig(path, dpi=100)


def _limits(numbers: np.ndarray) -> tuple[float, float]:
    """A quarter beyond the finite numbers on either side."""
    finite = numbers[np.isfinite(numbers)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    margin = 0.25 * (high - low) or 1.0
    return low - margin, high + margin
