"""Detector of samples that are too alike."""

from typing import NamedTuple

import numpy as np

from jaxgan.checks import require
from jaxgan.diagnostics.finding import Finding

ROWS = 512
"""Rows that are compared at most, of each kind."""
PAIRWISE, NEAREST = 0.5, 0.25
"""A ratio below these is a collapse."""


class Diversity(NamedTuple):
    """Distances among samples over those among as many rows of data; 1 where the samples vary as the data do."""

    pairwise: float
    """Mean of all pairs: falls when whole modes are gone."""
    nearest: float
    """Median of each row's distance to the nearest other: falls when samples repeat one another, in however many
    places. A median, because the few rows alone in their mode would make a mean."""


def diversity(samples: np.ndarray, real: np.ndarray) -> Diversity:
    """Compare distances among samples `[N, ...]` with those among rows of data `[M, ...]`, Euclidean and flattened.

    The first min(N, M, 512) rows of each are taken, for the distance to the nearest depends on their number. Pass
    features of both for a distance other than that of pixels. Where the data do not vary, the ratio is 1.

    Raises:
        ValueError: if there are not two rows of each, or the rows differ in size.
    """
    rows = min(len(samples), len(real), ROWS)
    require(rows >= 2, f"diversity needs two rows of each, got {len(samples)} samples and {len(real)} of data")
    made, true = (np.asarray(x[:rows], np.float64).reshape(rows, -1) for x in (samples, real))
    require(made.shape == true.shape, f"samples are of size {made.shape[1]}, rows of data of {true.shape[1]}")
    return Diversity(*(a / b if b > 0 else 1.0 for a, b in zip(_distances(made), _distances(true), strict=True)))


def mode_collapse(found: Diversity) -> Finding:
    """Fires where pairs of samples are less than half as far apart as pairs of data, or nearest ones a quarter.

    Seen from few samples: it finds a generator that makes little of what there is, not one that misses a mode of many;
    for mixtures of Gaussians see `jaxgan.metrics.modes`.
    """
    fired = found.pairwise < PAIRWISE or found.nearest < NEAREST
    pairwise, nearest = (f"{ratio:.2g}" for ratio in found)
    seen = f"pairs of samples lie {pairwise} times as far apart as pairs of data, nearest ones {nearest}"
    cure = "the generator repeats itself: try relativistic_pairing with R1 and R2, or a slower generator"
    return Finding("mode collapse", fired, min(found), f"{seen}; {cure}" if fired else seen)


def _distances(x: np.ndarray) -> tuple[float, float]:
    """Mean of all pairs, and median of each row to the nearest other."""
    centred = x - x.mean(axis=0)
    squares = np.sum(centred**2, axis=1)
    distances = np.sqrt(np.maximum(squares[:, None] + squares - 2 * centred @ centred.T, 0))
    others = ~np.eye(len(x), dtype=bool)
    nearest = distances.min(axis=1, where=others, initial=np.inf)
    return float(distances[others].mean()), float(np.median(nearest))
