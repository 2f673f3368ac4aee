"""Precision and recall: the share of samples that lie among the data, and the reverse."""

from typing import NamedTuple

import numpy as np

from jaxgan.checks import require
from jaxgan.metrics.neighbours import radii, whole, within
from jaxgan.metrics.rows import two_sets


class PrecisionRecall(NamedTuple):
    """Both in [0, 1]."""

    precision: float
    """Share of samples among the data: quality."""
    recall: float
    """Share of data among the samples: variety."""


def precision_recall(real: np.ndarray, fake: np.ndarray, *, neighbours: int = 3) -> PrecisionRecall:
    """A set is taken to be the union of balls around its rows, each as large as the distance to the k-th nearest other.

    Both depend on the counts: compare equal ones.

    Args:
        real: features `[N, size]`.
        fake: features `[M, size]`.
        neighbours: k, from 1 to below N and M.

    Raises:
        ValueError: if the features do not fit each other, or there are too few rows.

    Reference:
        Kynkäänniemi et al., [Improved Precision and Recall Metric for Assessing Generative
        Models](https://arxiv.org/abs/1904.06991), 2019, equations 1 and 2.

    Examples:
        >>> rows = np.random.default_rng(0).normal(size=[20, 4])
        >>> jaxgan.metrics.precision_recall.precision_recall(rows, rows)
        PrecisionRecall(precision=1.0, recall=1.0)
    """
    require(isinstance(neighbours, int) and neighbours >= 1, f"neighbours must be at least 1, got {neighbours!r}")
    real, fake = whole(*two_sets(real, fake, at_least=neighbours + 1))
    return PrecisionRecall(_covered(fake, real, neighbours), _covered(real, fake, neighbours))


def _covered(points: np.ndarray, support: np.ndarray, neighbours: int) -> float:
    inside = within(points, support, radii(support, neighbours))
    return sum(int(block.any(axis=1).sum()) for block in inside) / len(points)
