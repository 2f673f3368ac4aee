"""What a classifier's predictions say about samples: which classes they cover, and whether they show the requested
class."""

from typing import NamedTuple

import numpy as np

from jaxgan.checks import require

REPRESENTED = 0.1
"""Smallest share of the expected number of samples at which a class counts."""


class ClassCoverage(NamedTuple):
    """Coverage of K classes."""

    classes: int
    """Number of the K classes with at least one sample."""
    reverse_kl: float
    """KL(samples' histogram ‖ expected one), in nats; (K − 1)/2N is left of N samples of a perfect sampler. Infinite if
    a sample is of a class that is not expected at all."""
    represented: int
    """Number of classes with at least a tenth of their expected share of the samples, and at least one sample. So a
    single wrong prediction does not count for a class."""


def class_coverage(predictions: np.ndarray, count: int, *, expected: np.ndarray | None = None) -> ClassCoverage:
    """Count classes like the literature on stacked MNIST, where each of the 1,000 numbers is a mode.

    Args:
        predictions: `[N]` classes in [0, count).
        count: K.
        expected: `[count]`, shares of at least 0 that sum to 1, as of the data; uniform if None.

    Raises:
        ValueError: if an array is not as above.

    Reference:
        Srivastava et al., [VEEGAN](https://arxiv.org/abs/1705.07761), 2017, section 4.2; Lin et al.,
        [PacGAN](https://arxiv.org/abs/1712.04086), 2018, section 4.
    """
    _check(predictions, count)
    against = np.full(count, 1 / count) if expected is None else np.asarray(expected, np.float64)
    require(
        against.shape == (count,) and bool((against >= 0).all()) and abs(float(against.sum()) - 1) < 1e-6,
        f"expected must be {count} shares of at least 0 that sum to 1",
    )
    share = np.bincount(predictions, minlength=count) / len(predictions)
    seen = share > 0
    with np.errstate(divide="ignore"):
        kl = float(np.sum(share[seen] * np.log(share[seen] / against[seen])))
    represented = seen & (share >= REPRESENTED * against)
    return ClassCoverage(int(seen.sum()), kl, int(represented.sum()))


def stacked(digits: np.ndarray) -> np.ndarray:
    """100a + 10b + c of three digits: the mode of a stacked image.

    Args:
        digits: `[N, 3]`, what a classifier says of each channel alone.

    Raises:
        ValueError: if there are not three of them, each from 0 to 9.
    """
    require(digits.ndim == 2 and digits.shape[1] == 3, f"digits must be [N, 3], got shape {digits.shape}")
    _check(digits.ravel(), 10)
    return digits @ np.array([100, 10, 1])


def obeyed(predictions: np.ndarray, asked: np.ndarray) -> float:
    """Share of samples whose predicted class is the requested one.

    A classifier errs too: it is to be read beside the classifier's own accuracy.

    Args:
        predictions: `[N]` classes.
        asked: `[N]` labels.

    Raises:
        ValueError: if there are none, or not as many of both.

    Examples:
        >>> float(jaxgan.metrics.classes.obeyed(np.array([3, 1, 4]), np.array([3, 1, 5]))) > 0.66
        True
    """
    require(
        predictions.shape == asked.shape and predictions.ndim == 1 and len(asked) >= 1,
        f"predictions and asked must be as many labels [N], got shapes {predictions.shape} and {asked.shape}",
    )
    return float(np.mean(predictions == asked))


def _check(predictions: np.ndarray, count: int) -> None:
    whole = predictions.ndim == 1 and len(predictions) >= 1 and np.issubdtype(predictions.dtype, np.integer)
    require(whole, f"predictions must be whole numbers [N], got {predictions.dtype} of shape {predictions.shape}")
    low, high = int(predictions.min()), int(predictions.max())
    require(low >= 0 and high < count, f"predictions must be in [0, {count}), got values from {low} to {high}")
