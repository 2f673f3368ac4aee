"""Points, or any other numbers: a cloud, or a histogram of single numbers."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from jaxgan.checks import require
from jaxgan.data.media.medium import Medium, Rows, View, check_floats, with_suffix

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BINS = 80
DATA, SAMPLES = "tab:blue", "tab:red"


def check(what: str, stored: np.ndarray) -> None:
    """Raise `InputError` unless these are finite float32 numbers, `[N, D]` or of a larger shape."""
    require(stored.ndim >= 2 and 0 not in stored.shape[1:], f"{what} must be points [N, D], got shape {stored.shape}")
    require(stored.dtype == np.float32, f"{what} must be float32 points, got {stored.dtype}")
    check_floats(what, stored, bounded=False)


def decode(stored: Rows) -> Rows:
    """The numbers as they are."""
    return stored


def encode(samples: np.ndarray) -> np.ndarray:
    """The numbers as float32."""
    return np.asarray(samples, np.float32)


def save_points(path: Path, samples: np.ndarray, view: View) -> None:
    """Save a cloud of the first two numbers of each row, or a histogram of rows with one number.

    With data in the view, its limits are those of the data; samples beyond them are marked at the edge and counted.
    """
    points = samples.reshape(len(samples), -1)
    around = None if view.data is None else view.data.reshape(len(view.data), -1)
    if points.shape[1] == 1:
        _save_histogram(path, points[:, 0], None if around is None else around[:, 0], view.title)
    else:
        _save_cloud(path, points, around, view.title)


def _save(path: Path, samples: np.ndarray, view: View) -> Path:
    file = with_suffix(path, ".png")
    save_points(file, samples, view)
    return file


def _save_cloud(path: Path, points: np.ndarray, around: np.ndarray | None, title: str) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.subplots()
    if around is not None:
        axes.scatter(around[:, 0], around[:, 1], s=6, c=DATA, alpha=0.6, linewidths=0, label="data")
    axes.scatter(points[:, 0], points[:, 1], s=4, c=SAMPLES, alpha=0.5, linewidths=0, label="samples")
    limits = _limits((points if around is None else around)[:, :2])
    _mark_outside(axes, points[:, :2], limits, limits)
    axes.set(xlim=limits, ylim=limits, aspect="equal", title=title, xlabel="first number", ylabel="second number")
    if around is not None:
        axes.legend(loc="upper right", markerscale=2)
    figure.savefig(path, dpi=100)


def _save_histogram(path: Path, numbers: np.ndarray, around: np.ndarray | None, title: str) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.subplots()
    edges = np.linspace(*_limits(numbers if around is None else around), BINS + 1)
    if around is not None:
        axes.stairs(np.histogram(around, edges)[0] / len(around), edges, color=DATA, alpha=0.4, fill=True, label="data")
    axes.stairs(np.histogram(numbers, edges)[0] / len(numbers), edges, color=SAMPLES, label="samples")
    height = axes.get_ylim()
    _mark_outside(axes, np.stack([numbers, np.zeros_like(numbers)], axis=1), (edges[0], edges[-1]), height)
    axes.set_ylim(height)
    if around is not None:
        axes.legend(loc="upper right")
    axes.set(xlim=(edges[0], edges[-1]), title=title, xlabel="value", ylabel="share of rows")
    figure.savefig(path, dpi=100)


def _mark_outside(axes: "Axes", points: np.ndarray, across: tuple[float, float], up: tuple[float, float]) -> None:
    """Mark finite points beyond the limits at the nearest place of the edge, and show their number."""
    low, high = np.transpose([across, up])
    outside = points[np.isfinite(points).all(axis=1) & np.any((points < low) | (points > high), axis=1)]
    if len(outside):
        edge = np.clip(outside, low, high)
        label = f"{len(outside):,} outside"
        axes.scatter(edge[:, 0], edge[:, 1], s=25, c=SAMPLES, marker="x", clip_on=False, zorder=3, label=label)


def _limits(numbers: np.ndarray) -> tuple[float, float]:
    """Limits a quarter of the range beyond the finite numbers on either side."""
    finite = numbers[np.isfinite(numbers)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    margin = 0.25 * (high - low) or 1.0
    return low - margin, high + margin


def _many(columns: int) -> int:
    return 2500


points = Medium("points", check, decode, encode, _save, shown=_many)
"""`[N, D]` float32, or numbers of any other shape, used as they are."""
