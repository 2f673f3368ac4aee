"""Sliced Wasserstein distance: the distance of two sets along random directions."""

import numpy as np

from jaxgan.checks import require
from jaxgan.metrics.rows import two_sets

BLOCK = 64
"""Number of directions in one projection."""


def sliced_wasserstein(real: np.ndarray, fake: np.ndarray, *, directions: int = 512, seed: int = 0) -> float:
    """The root of the mean, over random unit vectors θ, of the squared 2-Wasserstein distance of θᵀx and θᵀy.

    Along a line the distance pairs the sorted numbers: it is the mean square of their differences.

    Args:
        real: `[N, size]`, features or flattened pixels.
        fake: `[N, size]`, as many.
        directions: at least 1.
        seed: seed of the directions; compare only distances of one seed.

    Raises:
        ValueError: if the sets do not fit each other, or `directions` is below 1.

    Reference:
        Rabin et al., Wasserstein Barycenter and Its Application to Texture Mixing, 2011.

    Examples:
        >>> rows = np.random.default_rng(0).normal(size=[50, 1])
        >>> round(jaxgan.metrics.sliced_wasserstein.sliced_wasserstein(rows, rows + 3), 3)
        3.0
    """
    require(isinstance(directions, int) and directions >= 1, f"directions must be at least 1, got {directions!r}")
    real, fake = two_sets(real, fake, at_least=1, equal=True)
    drawn = np.random.default_rng(seed).standard_normal((directions, real.shape[1]))
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    squares = 0.0
    for start in range(0, directions, BLOCK):
        seen = [np.sort(rows @ drawn[start : start + BLOCK].T, axis=0) for rows in (real, fake)]
        squares += np.sum((seen[0] - seen[1]) ** 2) / len(real)
    return float(np.sqrt(squares / directions))
