"""Latents or styles in an `.npz` file, with their classes. An inversion writes it, and `jaxgan sample` draws from
it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int

from jaxgan.checks import require
from jaxgan.data.dataset import NO_LABEL
from jaxgan.data.npz import plain_arrays
from jaxgan.data.paths import shown
from jaxgan.errors import InputError


class LatentsFile(NamedTuple):
    """Content of such a file."""

    latents: Float[np.ndarray, "n size"] | Float[np.ndarray, "n layers style"]
    """Latents, or styles for a network that takes styles."""
    labels: Int[np.ndarray, "n"] | None = None
    """Class numbers."""


def write_latents(path: Path, found: LatentsFile, *, names: tuple[str, ...], psnr: Float[np.ndarray, "n"]) -> None:
    """Write arrays `latents` or `styles`, `names` of the pictures, `psnr` in decibels and, for conditional runs,
    `labels`."""
    arrays: dict[str, Any] = {"latents" if found.latents.ndim == 2 else "styles": found.latents}
    if found.labels is not None:
        arrays["labels"] = found.labels
    np.savez(path, names=np.array(names), psnr=psnr, **arrays)


def read_latents(path: Path, shapes: Mapping[str, tuple[int, ...]], num_classes: int | None) -> LatentsFile:
    """Read the array `latents` `[N, size]` or `styles` `[N, layers, style]` and, of a conditional run, `labels` `[N]`.

    Args:
        path: path of the file.
        shapes: shapes of one row of each array that the run takes.
        num_classes: number of classes of a conditional run, else None.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is damaged, or does not hold such arrays.
    """
    found = plain_arrays(path, ("latents", "styles", "labels"), any_of=tuple(shapes))
    kind = next(name for name in shapes if name in found)
    latents, labels = found[kind], found.get("labels")
    require(
        latents.shape[1:] == shapes[kind] and len(latents) > 0,
        f"{shown(path)}: {kind} must have shape [N, {', '.join(map(str, shapes[kind]))}] for this run, got "
        f"{list(latents.shape)}",
    )
    require(np.issubdtype(latents.dtype, np.floating), f"{shown(path)}: {kind} must be floats, got {latents.dtype}")
    require(bool(np.isfinite(latents).all()), f"{shown(path)}: {kind} must be finite, got nan or inf")
    if num_classes is None:
        return LatentsFile(latents.astype(np.float32))
    if labels is None:
        raise InputError(f"{shown(path)} has no array labels, and this run makes samples of classes")
    require(
        labels.shape == latents.shape[:1] and np.issubdtype(labels.dtype, np.integer),
        f"{shown(path)}: labels must be {len(latents)} integers, got {labels.dtype} of shape {labels.shape}",
    )
    require(
        bool((labels >= NO_LABEL).all() and (labels < num_classes).all()),
        f"{shown(path)}: labels must be in [0, {num_classes}), got {labels.min()} to {labels.max()}",
    )
    return LatentsFile(latents.astype(np.float32), labels.astype(np.int32))
