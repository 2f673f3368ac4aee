"""Data sets from a NumPy archive."""

import zipfile
from pathlib import Path

import numpy as np

from jaxgan.checks import require
from jaxgan.data.dataset import Dataset


def npz(path: str | Path) -> Dataset:
    """Read `images` and, if there, `labels` from an `.npz` file.

    `images`: `[N, H, W, C]` or `[N, H, W]`, uint8, or floats in [-1, 1]; or points `[N, D]`, any finite floats.
    `labels`: `[N]` integers from 0 on.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is no archive, or its arrays are not as above; the message says which and how.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"npz: no file {path}")
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = dict(archive)
    except (zipfile.BadZipFile, ValueError, EOFError, TypeError, AttributeError) as error:
        raise ValueError(f"npz: {path} is not a readable .npz archive of plain arrays ({error})") from error
    require("images" in arrays, f"npz: {path} has no array 'images'; it has {sorted(arrays) or 'nothing'}")
    images = arrays["images"]
    shape = images.shape
    require(len(shape) in (2, 3, 4), f"npz: images must be [N, H, W, C], [N, H, W] or [N, D], got shape {shape}")
    if images.ndim == 3:
        images = images[..., None]
    if images.dtype != np.uint8:
        require(np.issubdtype(images.dtype, np.floating), f"npz: images must be uint8 or floating, got {images.dtype}")
        require(bool(np.isfinite(images).all()), "npz: images hold values that are not finite")
        low, high = (float(images.min()), float(images.max())) if images.size else (0.0, 0.0)
        require(
            images.ndim == 2 or (low >= -1 and high <= 1),
            f"npz: floating images must be in [-1, 1], got values from {low:g} to {high:g}",
        )
        images = images.astype(np.float32)
    labels = arrays.get("labels")
    if labels is None:
        return Dataset(f"npz:{path.name}", images)
    require(np.issubdtype(labels.dtype, np.integer), f"npz: labels must be integers, got {labels.dtype}")
    require(labels.shape == images.shape[:1], f"npz: labels must have shape {images.shape[:1]}, got {labels.shape}")
    return Dataset(f"npz:{path.name}", images, labels.astype(np.int32), max(2, int(labels.max(initial=0)) + 1))
