"""Deduce the medium of arrays from their shape and type."""

from collections.abc import Sequence

import numpy as np

from jaxgan.checks import require
from jaxgan.data.media.clips import clips
from jaxgan.data.media.images import DEPTHS, images, like
from jaxgan.data.media.medium import Medium
from jaxgan.data.media.points import points
from jaxgan.errors import InputError


def of(stored: np.ndarray) -> Medium:
    """The medium of stored rows: images `[N, H, W, C]`, clips `[N, F, H, W, C]` of uint8, else float32 numbers.

    Raises:
        ValueError: if they are none of these; sound and tokens must be named by the caller.

    Examples:
        >>> jaxgan.data.media.of(np.zeros([4, 2], np.float32)).name
        'points'
    """
    if stored.ndim == 4:
        return like(stored)
    if stored.ndim == 5 and stored.dtype == np.uint8:
        return clips()
    if stored.ndim >= 2 and stored.dtype == np.float32:
        return points
    raise InputError(
        f"data must be images [N, H, W, C], clips [N, F, H, W, C] of uint8 or points [N, D] of float32, or have a "
        f"medium=...; got {stored.dtype} of shape {stored.shape}"
    )


NAMED = {"images": images, "points": points, "clips": clips()}
"""Media that need nothing but their name."""


def named(name: str | None, shape: tuple[int, ...]) -> Medium:
    """The medium of that name; without one, images of rows `[H, W, C]`, else points.

    Raises:
        ValueError: if the name does not say all of it.

    Examples:
        >>> jaxgan.data.media.named(None, (8, 8, 1)).name
        'images'
    """
    name = name or ("images" if len(shape) == 3 else "points")
    require(name in NAMED, f"{name} must be named with all that belongs to it")
    return NAMED[name]


def understood(what: str, given: np.ndarray) -> np.ndarray:
    """Convert images `[N, H, W(, C)]` or points `[N, D]` of any floats, uint8 or uint16 to the form in which they are
    stored.

    Raises:
        ValueError: if they are neither, or hold what float32 does not.
    """
    shape, kind = given.shape, given.dtype.newbyteorder("=")
    require(len(shape) in (2, 3, 4), f"{what} must be [N, H, W, C], [N, H, W] or [N, D], got shape {shape}")
    require(0 not in shape[1:], f"{what} of shape {shape[1:]} hold nothing")
    stored = given[..., None] if len(shape) == 3 else given
    if kind in DEPTHS:
        return np.asarray(stored, kind)
    require(np.issubdtype(kind, np.floating), f"{what} must be uint8, uint16 or floating, got {kind}")
    stored = as_float32(what, stored)
    if stored.size:
        of(stored).check(what, stored)
    return stored


def as_float32(what: str, given: np.ndarray) -> np.ndarray:
    """Finite floats of any precision as float32.

    Raises:
        ValueError: if a number is not finite or beyond float32.
    """
    require(bool(np.isfinite(given).all()), f"{what} hold values that are not finite")
    low, high = (float(given.min()), float(given.max())) if given.size else (0.0, 0.0)
    require(
        max(high, -low) <= float(np.finfo(np.float32).max),
        f"{what} hold values beyond float32, from {low:g} to {high:g}",
    )
    return given.astype(np.float32)


def are_vectors(labels: np.ndarray) -> bool:
    """Whether labels are vectors `[N, K]` instead of class numbers."""
    return labels.ndim == 2 and bool(np.issubdtype(labels.dtype, np.floating))


def common(name: str, leaves: Sequence[np.ndarray]) -> Medium:
    """The medium of all arrays of a data set.

    Raises:
        ValueError: if they are of several, or of none that can be deduced.
    """
    try:
        found = [of(leaf) for leaf in leaves]
    except InputError as error:
        raise InputError(f"{name}: {error}") from None
    names = {medium.name for medium in found}
    require(len(names) == 1, f"{name}: every array must be of one medium, got {' and '.join(sorted(names))}")
    return found[0]
