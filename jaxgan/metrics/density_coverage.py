"""Density and coverage: precision and recall that are robust to outliers."""

from typing import NamedTuple

import numpy as np

from jaxgan.checks import require
from jaxgan.metrics.neighbours import radii, whole, within
from jaxgan.metrics.rows import two_sets


class DensityCoverage(NamedTuple):
    """Two sets of one distribution have density 1 and coverage 1 − Π(N − i)/(2N − i), i from 1 to k."""

    density: float
    """At least 0; above 1 where samples crowd into the densest places."""
    coverage: float
    """In [0, 1]: share of the data with a sample near."""


def density_coverage(real: np.ndarray, fake: np.ndarray, *, neighbours: int = 5) -> DensityCoverage:
    """Around each of N data lies a ball as large as the distance to its k-th nearest other; M samples fall into some.

        density = (balls that a sample lies in, summed over samples)/(kM),    coverage = (balls with a sample in them)/N

    Args:
        real: features `[N, size]`.
        fake: features `[M, size]`; the coverage depends on M/N.
        neighbours: k, from 1 to below N.

    Raises:
        ValueError: if the features do not fit each other, or there are too few rows.

    Reference:
        Naeem et al., [Reliable Fidelity and Diversity Metrics for Generative Models](https://arxiv.org/abs/2002.09797),
        2020, section 3.2.

    Examples:
        >>> rows = np.random.default_rng(0).normal(size=[20, 4])
        >>> jaxgan.metrics.density_coverage.density_coverage(rows, rows + 100)
        DensityCoverage(density=0.0, coverage=0.0)
    """
    require(isinstance(neighbours, int) and neighbours >= 1, f"neighbours must be at least 1, got {neighbours!r}")
    real, fake = two_sets(real, fake, at_least=1)
    require(len(real) > neighbours, f"real must have more rows than neighbours={neighbours}, got {len(real)}")
    real, fake = whole(real, fake)
    hits, reached = 0, np.zeros(len(real), bool)
    for inside in within(fake, real, radii(real, neighbours)):
        hits += int(inside.sum())
        reached |= inside.any(axis=0)
    return DensityCoverage(hits / (neighbours * len(fake)), float(reached.mean()))
