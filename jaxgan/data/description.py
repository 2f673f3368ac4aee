"""Description of a data set, which a run prints at its start and stores in its folder."""

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np
import PIL
from jaxtyping import PyTree

from jaxgan.data.dataset import NO_LABEL, Dataset
from jaxgan.data.fingerprint import fingerprint, sampled
from jaxgan.data.iterable import IterableDataset
from jaxgan.data.media.images import of_pillow

UNUSABLE = "that cannot be used"
SHOWN = 12
"""Number of classes, sizes or kinds of files that a sentence names."""


def describe(dataset: Dataset | IterableDataset) -> dict[str, Any]:
    """Plain values, for JSON.

    `name`, `fingerprint` (None for batches that someone else makes), `decoded_by` (the version of Pillow, on which
    decoded pixels may depend; None where there are none), `values` (the smallest and the largest number), `classes`
    (rows of each, by name; None without classes), `without_label` (rows), `sizes` (of the images where they lie),
    `left_out` (files, by kind).

    Examples:
        >>> described = jaxgan.data.describe(jaxgan.data.load(np.zeros([10, 8, 8, 1], np.uint8)))
        >>> described["values"]
        [0.0, 0.0]
    """
    if isinstance(dataset, IterableDataset):
        counts = None if dataset.num_classes is None else dict.fromkeys(map(str, range(dataset.num_classes)))
        rest: dict[str, Any] = {"decoded_by": None, "sizes": {}, "left_out": {}, "without_label": None}
        values = _values(dataset.first.real)
        return {"name": dataset.name, "fingerprint": None, "values": values, "classes": counts, **rest}
    left_out = {UNUSABLE: len(dataset.skipped)} if dataset.skipped else {}
    return {
        "name": dataset.name,
        "fingerprint": fingerprint(dataset),
        "decoded_by": f"Pillow {PIL.__version__}" if any(map(of_pillow, jax.tree.leaves(dataset.real))) else None,
        "values": _values(dataset.real),
        "classes": _classes(dataset),
        "without_label": int(np.sum(dataset.labels == NO_LABEL)) if dataset.num_classes else None,
        "sizes": dict(dataset.origin.sizes),
        "left_out": left_out | dict(dataset.origin.others),
    }


def sentence(described: Mapping[str, Any]) -> str:
    """The result of `describe` as a sentence."""
    low, high = described["values"]
    parts = [f"{described['name']}: values from {low:g} to {high:g}"]
    classes, sizes, left_out = described["classes"], described["sizes"], described["left_out"]
    if classes is None:
        parts.append("no classes")
    else:
        named = [name if count is None else f"{name} ({count:,})" for name, count in classes.items()]
        parts.append(f"{len(named)} classes: {_listed(named)}")
    if described["without_label"]:
        parts.append(f"{described['without_label']:,} rows without label")
    if sizes:
        parts.append("stored as " + _listed([f"{size} ({count:,})" for size, count in sizes.items()]))
    if left_out:
        parts.append("left out: " + _listed([f"{count:,} {kind}" for kind, count in left_out.items()]))
    return "; ".join(parts)


def _values(real: PyTree) -> list[float]:
    """Lowest and highest value of all rows, or of as many as a fingerprint reads."""
    each = [sampled(np.asarray(leaf)) for leaf in jax.tree.leaves(real)]
    return [float(min(rows.min() for rows in each)), float(max(rows.max() for rows in each))]


def _classes(dataset: Dataset) -> dict[str, int] | None:
    if dataset.num_classes is None or dataset.labels is None:
        return None
    counts = np.bincount(dataset.labels[dataset.labels != NO_LABEL], minlength=dataset.num_classes)
    names = dataset.class_names or tuple(map(str, range(dataset.num_classes)))
    return dict(zip(names, counts.tolist(), strict=True))


def _listed(items: list[str]) -> str:
    more = f" and {len(items) - SHOWN} more" if len(items) > SHOWN else ""
    return ", ".join(items[:SHOWN]) + more
