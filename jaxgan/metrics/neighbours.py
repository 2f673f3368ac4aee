"""Distances to nearest neighbours, and which points lie in which balls. They are computed in blocks, so that no matrix
of all pairs is in memory."""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Bool, Float, Int

BLOCK = 2**25
"""Number of distances in memory at once."""


def whole(
    real: Float[np.ndarray, "real size"], fake: Float[np.ndarray, "fake size"]
) -> tuple[Float[np.ndarray, "real size"], Float[np.ndarray, "fake size"]]:
    """Both sets on one grid of integers, for which squared distances are exact.

    A sum of products is rounded differently in different places of a matrix product, and a copy of a row would be
    nearer or farther than the row itself. The grid is as fine as it can be with all sums below 2⁵³: features of 2048
    numbers are rounded to a millionth of their range. Its step is a power of two, so whole numbers are not rounded.
    """
    low = np.minimum(real.min(axis=0), fake.min(axis=0))
    high = np.maximum(real.max(axis=0), fake.max(axis=0))
    centre, reach = (low + high) / 2, float(np.max(high - low)) / 2
    most = np.sqrt(2**51 / real.shape[1])
    scale = 2.0 ** np.floor(np.log2((most - 2) / reach)) if reach > 0 else 1.0
    offset = np.rint(centre * scale)
    return np.rint(real * scale) - offset, np.rint(fake * scale) - offset


def radii(rows: Float[np.ndarray, "rows size"], neighbours: int) -> Float[np.ndarray, "rows"]:
    """Squared distance of each row to its k-th nearest other, k = `neighbours` below the number of rows; of `whole`."""
    # each row is among its own neighbours, at 0
    return np.concatenate([np.partition(block, neighbours, axis=1)[:, neighbours] for block in _squares(rows, rows)])


def within(
    points: Float[np.ndarray, "points size"],
    centres: Float[np.ndarray, "centres size"],
    radius: Float[np.ndarray, "centres"],
) -> Iterator[Bool[np.ndarray, "block centres"]]:
    """Whether each point lies in the closed ball around each centre, a block of points at a time.

    Args:
        points: rows of `whole`, as the centres are.
        centres: centres of the balls.
        radius: squared, of `radii`.
    """
    for squares in _squares(points, centres):
        yield squares <= radius


def nearest(
    points: Float[np.ndarray, "points size"], centres: Float[np.ndarray, "centres size"], count: int
) -> Int[np.ndarray, "points count"]:
    """Indices of the centres that are nearest to each point, the nearest first; of equal ones, the earlier first.

    Args:
        points: rows of `whole`, as the centres are.
        centres: at least `count`.
        count: at least 1.
    """
    return np.concatenate([np.argsort(block, axis=1, kind="stable")[:, :count] for block in _squares(points, centres)])


def _squares(
    points: Float[np.ndarray, "points size"], centres: Float[np.ndarray, "centres size"]
) -> Iterator[Float[np.ndarray, "block centres"]]:
    """Exact squared distances of integers: every intermediate sum is an integer below 2⁵³."""
    lengths = np.sum(centres**2, axis=1)
    count = max(1, BLOCK // len(centres))
    for start in range(0, len(points), count):
        block = points[start : start + count]
        yield np.sum(block**2, axis=1)[:, None] + lengths - 2 * (block @ centres.T)
