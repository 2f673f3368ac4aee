"""A number that identifies the content of a data set, wherever it is stored."""

import hashlib
import json
from typing import TYPE_CHECKING

import jax
import numpy as np

if TYPE_CHECKING:
    from jaxgan.data.dataset import Dataset

WHOLE = 2 * 2**30
"""Largest size in bytes at which all rows are read."""
SAMPLE = 1024
"""Number of rows that are read from larger data sets."""
CHUNK = 2**24


def fingerprint(dataset: "Dataset") -> str:
    """32 hexadecimal digits of BLAKE2b over shapes, rows and conditions as they are stored, `mirror` and `crop`.

    Equal for equal rows in equal order, whatever the name and the place of the data set. Images that `store.make`
    decoded are all read, however many there are. Of other rows beyond 2 GiB, those memory-mapped by the caller for
    example, 1024 are read, evenly spread from the first to the last: a change between them is not noticed.
    """
    rows, structure = jax.tree.flatten(dataset.real)
    conditions = jax.tree.leaves(dataset.condition)
    known = hashlib.blake2b(digest_size=16)
    if len(rows) > 1:
        known.update(str(structure).encode())
    for leaf in rows:
        described = [leaf.shape, leaf.dtype.str, dataset.mirror, conditions[0].dtype.str if conditions else None]
        described += [] if dataset.crop is None else [dataset.crop]
        known.update(json.dumps(described).encode())
        known.update((dataset.origin.digest or digest(leaf)).encode())
    if dataset.labels is not None:
        known.update(np.ascontiguousarray(dataset.labels).data)
        return known.hexdigest()
    for leaf in conditions:
        known.update(json.dumps([leaf.shape, leaf.dtype.str]).encode())
        known.update(digest(leaf).encode())
    return known.hexdigest()


def sampled(rows: np.ndarray) -> np.ndarray:
    """The rows, or 1024 of them, evenly spread, if they are beyond 2 GiB."""
    return rows if rows.nbytes <= WHOLE else rows[np.linspace(0, len(rows) - 1, SAMPLE).astype(np.int64)]


def digest(rows: np.ndarray) -> str:
    """Digest of the rows alone."""
    hashed = new_digest()
    rows = sampled(rows)
    step = max(1, CHUNK * len(rows) // max(rows.nbytes, 1))
    for start in range(0, len(rows), step):
        hashed.update(np.ascontiguousarray(rows[start : start + step]).data)
    return hashed.hexdigest()


def new_digest() -> hashlib.blake2b:
    """Takes the bytes of the rows, one row after another."""
    return hashlib.blake2b(digest_size=32)
