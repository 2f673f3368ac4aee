"""Inception score: how confident a classifier is about each sample, and how evenly the samples spread over its
classes."""

from typing import NamedTuple

import numpy as np

from jaxgan.checks import require


class InceptionScore(NamedTuple):
    """Mean and standard deviation over the splits."""

    mean: float
    """From 1 to the number of classes."""
    deviation: float
    """Standard deviation over single splits, with n as in the paper's program."""


def inception_score(probabilities: np.ndarray, *, splits: int = 10) -> InceptionScore:
    """exp(E KL(p(y|x) ‖ p(y))), for each of as many consecutive parts of the samples as there are splits.

    It sees no real data: one perfect sample of each class, over and over, has the highest score.

    Args:
        probabilities: `[N, classes]`, rows that sum to 1.
        splits: from 1 to N/2; each has a p(y) of its own, so one of a single sample would have the score 1.

    Raises:
        ValueError: if the probabilities are none, or a split has fewer than two rows.

    Reference:
        Salimans et al., [Improved Techniques for Training GANs](https://arxiv.org/abs/1606.03498), 2016, section 4.

    Examples:
        >>> sure = np.tile(np.eye(10), [10, 1])  # every class as often, each without doubt
        >>> round(jaxgan.metrics.inception_score.inception_score(sure).mean, 3)
        10.0
    """
    require(probabilities.ndim == 2, f"probabilities must be [N, classes], got shape {probabilities.shape}")
    given = np.asarray(probabilities, np.float64)
    require(
        bool((given >= 0).all()) and np.allclose(given.sum(axis=1), 1, atol=1e-3),
        "probabilities must be at least 0 and sum to 1 in each row",
    )
    require(
        isinstance(splits, int) and 1 <= splits <= len(given) // 2,
        f"splits must be from 1 to {len(given) // 2}, two of {len(given)} rows each; got {splits!r}",
    )
    scores = [_score(part) for part in np.array_split(given, splits)]
    return InceptionScore(float(np.mean(scores)), float(np.std(scores)))


def _score(conditional: np.ndarray) -> float:
    marginal = conditional.mean(axis=0)
    ratio = np.divide(conditional, marginal, out=np.ones_like(conditional), where=conditional > 0)
    return float(np.exp(np.sum(conditional * np.log(ratio), axis=1).mean()))
