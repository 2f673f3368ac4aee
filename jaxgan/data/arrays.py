"""Data sets from arrays."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from jaxgan.checks import require
from jaxgan.data.dataset import NO_LABEL, Dataset, Origin
from jaxgan.data.images import ImageSize, height_and_width, resized
from jaxgan.data.media.deduction import are_vectors, as_float32, of, understood
from jaxgan.data.media.images import range_note
from jaxgan.data.mixtures import mixture_around
from jaxgan.data.paths import shown

MOST_CLASSES = 2**20
KNOWN = ("held_out", "centres", "weights", "sigma")
"""Arrays that describe the distribution of points."""
NAMES = ("images", "labels", "class_names", *KNOWN)
"""Names of the arrays that are read; a file may hold others."""


class Classes(NamedTuple):
    """Labels as they are stored, and their meaning."""

    labels: np.ndarray
    """`[N]` int32 in [0, number of classes), or `NO_LABEL`."""
    names: tuple[str, ...]
    note: str | None = None
    """Note about the labels for the reader."""


def arrays(
    name: str, given: Mapping[str, np.ndarray], *, num_classes: int | None = None, image_size: ImageSize | None = None
) -> Dataset:
    """The arrays `images` and, if there, `labels` and `class_names`.

    `images`: `[N, H, W, C]` or `[N, H, W]`, uint8, uint16, or floats in [-1, 1]; or points `[N, D]`, any finite floats.
    `labels`: `[N]` integers, or vectors `[N, K]` of finite floats for `jaxgan.gan(condition_size=K)`. A row without a
    label has -1. `class_names`: `[K]` texts; label i has the i-th. Without them and without `num_classes`, the labels
    that occur are the classes, in order, and are their names.

    Of points `[N, D]` also what is known of their distribution, all of it for `jaxgan.metrics.points` alone: `held_out`
    `[M, D]`, rows that are not trained on; `centres` `[K, D]` of the modes of a mixture of Gaussians, with `weights`
    `[K]` and one number `sigma`, see `jaxgan.data.mixtures.mixture_around` for what is taken without these.

    Args:
        name: name of the data set.
        given: the arrays; others are not looked at.
        num_classes: labels are in [0, num_classes), whether each occurs or not; None counts those that occur.
        image_size: pixels a side or (height, width): crop the centre of that shape and resize it; None keeps them.

    Raises:
        ValueError: if the arrays are not as above; the message says which and how.
    """
    require("images" in given, f"{name} has no array 'images'; it has {sorted(given) or 'nothing'}")
    note = range_note(given["images"])
    images = understood(f"{name}: images", given["images"])
    require(len(images) > 0, f"{name}: no data")
    notes = [] if note is None else [f"{name}: {note}"]
    if image_size is not None:
        images = _resized(name, images, image_size)
    known = _known(name, images, given)
    return replace(_labelled(name, images, given, num_classes, notes), **known)


def _known(name: str, images: np.ndarray, given: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Description of the distribution of points."""
    there = [key for key in KNOWN if key in given]
    if not there:
        return {}
    require(
        of(images).name == "points",
        f"{name}: {', '.join(there)} are of points [N, D], got rows of shape {images.shape[1:]}",
    )
    found: dict[str, Any] = {}
    if "held_out" in given:
        found["held_out"] = understood(f"{name}: held_out", given["held_out"])
    if "centres" in given:
        sigma = given.get("sigma", np.array(None))
        require(sigma.size == 1, f"{name}: sigma must be one number, got shape {sigma.shape}")
        number = sigma.item()
        found["modes"] = mixture_around(name, images, given["centres"], number, given.get("weights"))
    else:
        lost = [key for key in ("weights", "sigma") if key in given]
        require(not lost, f"{name}: {' and '.join(lost)} need centres")
    return found


def _labelled(
    name: str, images: np.ndarray, given: Mapping[str, np.ndarray], num_classes: int | None, notes: list[str]
) -> Dataset:
    labels = given.get("labels")
    if labels is None:
        require(num_classes is None, f"{name}: num_classes={num_classes} needs labels")
        return Dataset(name, images, origin=Origin(notes=tuple(notes)))
    if are_vectors(labels):
        require(num_classes is None, f"{name}: num_classes={num_classes} has no effect on labels that are vectors")
        vectors = as_float32(f"{name}: labels", labels)
        return Dataset(name, images, vectors, origin=Origin(notes=tuple(notes)))
    require(np.issubdtype(labels.dtype, np.integer), f"{name}: labels must be integers, got {labels.dtype}")
    require(labels.shape == images.shape[:1], f"{name}: labels must have shape {images.shape[:1]}, got {labels.shape}")
    found = _classes(name, labels, given.get("class_names"), num_classes)
    notes += [f"{name}: {found.note}"] if found.note else []
    if not found.names:
        return Dataset(name, images, origin=Origin(notes=tuple(notes)))
    return Dataset(
        name, images, found.labels, len(found.names), class_names=found.names, origin=Origin(notes=tuple(notes))
    )


def _classes(name: str, labels: np.ndarray, class_names: np.ndarray | None, num_classes: int | None) -> Classes:
    """Classes of labels that are any integers."""
    low, high = (int(labels.min()), int(labels.max())) if labels.size else (0, 0)
    require(low >= NO_LABEL, f"{name}: labels must be at least 0, or -1 for rows that have none; got {low}")
    if class_names is not None:
        texts = np.asarray(class_names)
        require(
            texts.ndim == 1 and texts.dtype.kind == "U" and num_classes in (None, len(texts)),
            f"{name}: class_names must be one text per class, got {texts.dtype} of shape {texts.shape}",
        )
        names = tuple(shown(str(text)) for text in texts)
    elif num_classes is not None:
        require(
            isinstance(num_classes, int) and 1 <= num_classes <= MOST_CLASSES,
            f"{name}: num_classes must be a whole number from 1 to {MOST_CLASSES}, got {num_classes!r}",
        )
        names = tuple(map(str, range(num_classes)))
    else:
        return _occurring(labels)
    require(high < len(names), f"{name}: labels must be in [0, {len(names)}), got values from {low} to {high}")
    return Classes(labels.astype(np.int32), names)


def _occurring(labels: np.ndarray) -> Classes:
    """The labels that occur, numbered in order."""
    values, numbers = np.unique(labels, return_inverse=True)
    unlabelled = int(values.size > 0 and int(values[0]) == NO_LABEL)
    names = tuple(map(str, values[unlabelled:]))
    if len(names) < 2:
        only = f"the label of every row is {names[0]}" if names else "no row has a label"
        return Classes(labels[:0], (), f"{only}: the data have no classes")
    note = None
    if names != tuple(map(str, range(len(names)))):
        note = f"labels are {len(names)} numbers from {names[0]} to {names[-1]}: class i is the i-th of them, from 0 on"
    return Classes((numbers.reshape(labels.shape) - unlabelled).astype(np.int32), names, note)


def _resized(name: str, images: np.ndarray, size: ImageSize) -> np.ndarray:
    shape = images.shape[1:]
    require(of(images).name == "images", f"{name}: image_size={size} is for images, got rows of shape {shape}")
    return images if shape[:2] == height_and_width(size) else np.stack([resized(x, size) for x in images])
