"""Data sets from arrays."""

from collections.abc import Mapping

import numpy as np

from jaxgan.checks import require
from jaxgan.data.dataset import Dataset


def arrays(name: str, given: Mapping[str, np.ndarray], *, num_classes: int | None = None) -> Dataset:
    """The arrays `images` and, if there, `labels`.

    `images`: `[N, H, W, C]` or `[N, H, W]`, uint8, or floats in [-1, 1]; or points `[N, D]`, any finite floats.
    `labels`: `[N]` integers from 0 on, or vectors `[N, K]` of finite floats for `jaxgan.gan(condition_size=K)`.

    Args:
        name: of the data set.
        given: the arrays; others are not looked at.
        num_classes: counted by the largest label, but at least 2, if None; None for vectors.

    Raises:
        ValueError: if the arrays are not as above; the message says which and how.
    """
    require("images" in given, f"{name} has no array 'images'; it has {sorted(given) or 'nothing'}")
    images = given["images"]
    shape = images.shape
    require(len(shape) in (2, 3, 4), f"{name}: images must be [N, H, W, C], [N, H, W] or [N, D], got shape {shape}")
    if images.ndim == 3:
        images = images[..., None]
    check_values(f"{name}: images", images)
    if images.dtype != np.uint8:
        images = images.astype(np.float32)
    labels = given.get("labels")
    if labels is None:
        require(num_classes is None, f"{name}: num_classes={num_classes} needs labels")
        return Dataset(name, images)
    if labels.ndim == 2 and np.issubdtype(labels.dtype, np.floating):
        require(num_classes is None, f"{name}: num_classes={num_classes} has no meaning for labels that are vectors")
        check_values(f"{name}: labels", labels)
        return Dataset(name, images, labels.astype(np.float32))
    require(np.issubdtype(labels.dtype, np.integer), f"{name}: labels must be integers, got {labels.dtype}")
    require(labels.shape == images.shape[:1], f"{name}: labels must have shape {images.shape[:1]}, got {labels.shape}")
    counted = max(2, int(labels.max(initial=0)) + 1)
    return Dataset(name, images, labels.astype(np.int32), counted if num_classes is None else num_classes)


def check_values(what: str, values: np.ndarray) -> None:
    """Raise `ValueError` unless these are bytes or finite floats and, where they are images, in [-1, 1]."""
    if values.dtype == np.uint8:
        return
    require(np.issubdtype(values.dtype, np.floating), f"{what} must be uint8 or floating, got {values.dtype}")
    require(bool(np.isfinite(values).all()), f"{what} hold values that are not finite")
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
    require(
        values.ndim < 3 or (low >= -1 and high <= 1),
        f"{what} must be in [-1, 1], got values from {low:g} to {high:g}",
    )
