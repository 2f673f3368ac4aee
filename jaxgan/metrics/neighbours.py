"""Distances to nearest neighbours, and who lies in whose ball; in blocks, so that no matrix of all pairs is held."""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Bool, Float
from sklearn.metrics import pairwise_distances_chunked
from sklearn.neighbors import NearestNeighbors

MEMORY = 256
"""MiB of distances at once."""


def radii(rows: Float[np.ndarray, "rows size"], neighbours: int) -> Float[np.ndarray, "rows"]:
    """Euclidean distance of each row to its k-th nearest other, k = `neighbours` below the number of rows."""
    found = NearestNeighbors(n_neighbors=neighbours, algorithm="brute").fit(rows)
    return found.kneighbors()[0][:, -1]


def within(
    points: Float[np.ndarray, "points size"],
    centres: Float[np.ndarray, "centres size"],
    radius: Float[np.ndarray, "centres"],
) -> Iterator[Bool[np.ndarray, "block centres"]]:
    """Whether each point lies in the closed ball around each centre, a block of points at a time."""
    for distances in pairwise_distances_chunked(points, centres, working_memory=MEMORY):
        yield distances <= radius
