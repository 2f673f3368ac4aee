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
    """Options of a picture of rows."""

    columns: int = 8
    """Columns of a grid."""
    data: np.ndarray | None = None
    """Decoded rows of the data: clouds and histograms show them in the background, and use their limits."""
    title: str = ""
    """Title of a diagram; grids of images have none."""


def eight_rows(columns: int) -> int:
    """Samples in eight rows of a grid."""
    return 8 * columns


class Medium(NamedTuple):
    """Kind of a datum. A data set applies it to every leaf of its rows."""

    name: str
    check: Callable[[str, np.ndarray], None]
    """`(what, stored)` raises `InputError` if the rows `[N, ...]` are not as they must be; the message begins with
    `what`."""
    decode: Callable[[Rows], Rows]
    """Decode stored rows to float32, as networks see them; NumPy and JAX arrays give the same bits."""
    encode: Callable[[np.ndarray], np.ndarray]
    """Encode samples as stored rows: clip and round them."""
    save: Callable[[Path, np.ndarray, View], Path]
    """`(path, samples, view)` writes something to look at and returns its file. `path` has no suffix; other files may
    be written beside it."""
    mirror: Callable[[Rows], Rows] | None = None
    """Stored rows flipped left to right; None if that has no meaning."""
    shown: Callable[[int], int] = eight_rows
    """`(columns) -> rows` of a picture."""
    features: tuple[str, ...] = ("pixels",)
    """Features that metrics may use; "pixels" are the numbers themselves."""
    rate: int | None = None
    """Sample rate of sound in hertz; None for other media."""
    frames_per_second: float | None = None
    """Speed at which clips are shown; None for other media."""
    vocabulary: tuple[str, ...] | None = None
    """Texts of the tokens; None for other media."""


def with_suffix(path: Path, suffix: str) -> Path:
    """The path with a suffix after its whole name, including dots."""
    return path.with_name(path.name + suffix)


def flipped(rows: Rows) -> Rows:
    """`[..., W, C]` from right to left."""
    return rows[..., ::-1, :]


def check_floats(what: str, rows: np.ndarray, *, bounded: bool) -> None:
    """Raise `InputError` unless floats are finite and, if `bounded`, in [-1, 1]; only a sample of many rows is read."""
    rows = sampled(rows)
    require(bool(np.isfinite(rows).all()), f"{what} hold values that are not finite")
    low, high = float(rows.min()), float(rows.max())
    advice = "; divide those from 0 to 255 by 127.5 and subtract 1, or keep them as uint8" if 2 < high <= 256 else ""
    require(
        not bounded or (low >= -1 and high <= 1),
        f"{what} must be in [-1, 1], got values from {low:g} to {high:g}{advice}",
    )
