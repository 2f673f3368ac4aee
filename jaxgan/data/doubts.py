"""Problems of a data set that are likely to spoil a run, found before it begins."""

import jax
import numpy as np

from jaxgan.data.dataset import NO_LABEL, Dataset
from jaxgan.data.iterable import IterableDataset
from jaxgan.data.media.images import range_note

FEW = 500
"""Number of rows below which a discriminator soon memorises them."""
UNEQUAL = 10
"""Largest ratio of the largest class to the smallest that causes no doubt."""
LOOKED_AT = 2000
"""Number of rows that are compared, to find constant data."""


def doubts(dataset: Dataset | IterableDataset) -> list[str]:
    """A sentence or two on each doubt: few rows, rows without content, channels first, floats of another range, a
    single class, unequal classes.

    What the origin of the data notes already is not said again. Of an iterable of batches nothing is known but that.
    """
    if not isinstance(dataset, Dataset):
        return []
    found = [_few(dataset), *(_constant(np.asarray(leaf)) for leaf in jax.tree.leaves(dataset.real))]
    if dataset.medium.name == "images" and not any("floats from" in note for note in dataset.origin.notes):
        found += [range_note(np.asarray(leaf)) for leaf in jax.tree.leaves(dataset.real) if leaf.nbytes < 2**30]
    if dataset.medium.name == "images":
        found += [_channels_first(leaf.shape[1:]) for leaf in jax.tree.leaves(dataset.real)]
    found.append(_classes(dataset))
    return [f"{dataset.name}: {text}" for text in found if text]


def _few(dataset: Dataset) -> str | None:
    rows = min(len(leaf) for leaf in jax.tree.leaves(dataset.real))
    if rows >= FEW:
        return None
    return (
        f"{rows} rows are few: the discriminator will soon know them by heart. More data help most, then augmentation "
        f"and a gradient penalty. With --held-out 0.1, the run reports when that happens"
    )


def _channels_first(shape: tuple[int, ...]) -> str | None:
    if shape[0] not in (1, 3, 4) or shape[-1] <= 4:
        return None
    return (
        f"rows of shape {shape} are taken for images of height {shape[0]} with {shape[-1]} channels. If their channels "
        f"come first, pass images.transpose(0, 2, 3, 1)"
    )


def _constant(rows: np.ndarray) -> str | None:
    """Doubt about rows of several numbers that do not vary."""
    if rows.ndim < 3:
        return None
    looked = rows[np.linspace(0, len(rows) - 1, min(len(rows), LOOKED_AT)).astype(np.int64)].reshape(
        min(len(rows), LOOKED_AT), -1
    )
    if len(looked) > 1 and bool(np.all(looked == looked[0])):
        return "all rows are the same"
    count = int(np.sum(looked.min(axis=1) == looked.max(axis=1)))
    if not count:
        return None
    number = f"{count} of {len(looked)} rows that were checked" if len(looked) < len(rows) else f"{count} rows"
    return f"{number} hold one value throughout, like empty images; the generator will learn to make such images"


def _classes(dataset: Dataset) -> str | None:
    if dataset.num_classes is None or dataset.labels is None:
        return None
    counts = np.bincount(dataset.labels[dataset.labels != NO_LABEL], minlength=dataset.num_classes)
    names = dataset.class_names or tuple(map(str, range(dataset.num_classes)))
    filled = np.flatnonzero(counts)
    if len(filled) == 0:
        return None
    if len(filled) == 1:
        return f"all rows with a label are of one class, {names[filled[0]]}: labels are of no use to the networks"
    largest, smallest = counts.argmax(), filled[counts[filled].argmin()]
    if counts[largest] <= UNEQUAL * counts[smallest]:
        return None
    return (
        f"classes are very unequal: {counts[largest]:,} rows of {names[largest]}, {counts[smallest]:,} of "
        f"{names[smallest]}. Samples of rare classes may all look alike"
    )
