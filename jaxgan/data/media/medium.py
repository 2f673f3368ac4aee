"""The contract of a medium."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from jaxgan.checks import require
from jaxgan.data.fingerprint import sampled

Rows = Any
"""A NumPy array, or a JAX array while traced; the same kind comes out as goes in."""


class View(NamedTuple):
    """How rows are shown."""

    columns: int = 8
    """Columns of a grid."""
    data: np.ndarray | None = None
    """Decoded rows of the data: clouds and histograms show them beneath, and take their limits from them."""
    title: str = ""
    """Above a diagram; grids of images have none."""


def eight_rows(columns: int) -> int:
    """Samples in eight rows of a grid."""
    return 8 * columns


class Medium(NamedTuple):
    """What one datum is. A data set applies it to every leaf of its rows."""

    name: str
    check: Callable[[str, np.ndarray], None]
    """`(what, stored)` raises `InputError` if the rows `[N, ...]` are not as they must be; the message begins with
    `what`."""
    decode: Callable[[Rows], Rows]
    """Stored rows to float32 as networks see them; of NumPy arrays and of JAX arrays, with the same bits."""
    encode: Callable[[np.ndarray], np.ndarray]
    """Samples to stored rows: clipped and rounded."""
    save: Callable[[Path, np.ndarray, View], Path]
    """`(path, samples, view)` writes something to look at and returns its file. `path` has no suffix; other files may
    be written beside it."""
    mirror: Callable[[Rows], Rows] | None = None
    """Stored rows flipped left to right; None if that has no meaning."""
    shown: Callable[[int], int] = eight_rows
    """`(columns) -> rows` of a picture."""
    features: tuple[str, ...] = ("pixels",)
    """What metrics may look at; "pixels" are the numbers themselves."""
    rate: int | None = None
    """Samples a second of sound; None of all else."""


def with_suffix(path: Path, suffix: str) -> Path:
    """The path with a suffix behind its whole name, dots included."""
    return path.with_name(path.name + suffix)


def flipped(rows: Rows) -> Rows:
    """`[..., W, C]` from right to left."""
    return rows[..., ::-1, :]


def check_floats(what: str, rows: np.ndarray, *, bounded: bool) -> None:
    """Raise `InputError` unless floats are finite and, if `bounded`, in [-1, 1]; of many rows, a sample is read."""
    rows = sampled(rows)
    require(bool(np.isfinite(rows).all()), f"{what} hold values that are not finite")
    low, high = float(rows.min()), float(rows.max())
    advice = "; divide those from 0 to 255 by 127.5 and subtract 1, or keep them as uint8" if 2 < high <= 256 else ""
    require(
        not bounded or (low >= -1 and high <= 1),
        f"{what} must be in [-1, 1], got values from {low:g} to {high:g}{advice}",
    )
