"""Kernel distance of features (KID): the squared maximum mean discrepancy of a polynomial kernel, without bias."""

from typing import NamedTuple

import numpy as np

from jaxgan.checks import require
from jaxgan.metrics.rows import two_sets


class KernelDistance(NamedTuple):
    """Mean and standard deviation over the subsets."""

    mean: float
    deviation: float
    """Standard deviation of single subsets, with n − 1. It is not the error of the mean. NaN if there is one subset, or
    if each subset is the whole set."""


def kernel_distance(
    real: np.ndarray, fake: np.ndarray, *, subsets: int = 100, subset_size: int = 1000, seed: int = 0
) -> KernelDistance:
    """`squared_discrepancy` of random subsets, drawn without replacement from either set.

    Args:
        real: features `[N, size]`.
        fake: features `[M, size]`.
        subsets: at least 1.
        subset_size: at least 2; of fewer rows, all of them.
        seed: seed of the subsets.

    Raises:
        ValueError: if the features do not fit each other, or an argument is out of its bounds.

    Reference:
        Bińkowski et al., [Demystifying MMD GANs](https://arxiv.org/abs/1801.01401), 2018, section 4.

    Examples:
        >>> rows = np.random.default_rng(0).normal(size=[50, 4])
        >>> jaxgan.metrics.kernel.kernel_distance(rows, rows + 3).mean > 1
        True
    """
    require(isinstance(subsets, int) and subsets >= 1, f"subsets must be at least 1, got {subsets!r}")
    require(isinstance(subset_size, int) and subset_size >= 2, f"subset_size must be at least 2, got {subset_size!r}")
    real, fake = two_sets(real, fake, at_least=2)
    size = min(subset_size, len(real), len(fake))
    random = np.random.default_rng(seed)

    def draw(rows: np.ndarray) -> np.ndarray:
        return rows[random.choice(len(rows), size, replace=False)]

    if len(real) == len(fake) == size:
        return KernelDistance(squared_discrepancy(real, fake), float("nan"))
    found = [squared_discrepancy(draw(real), draw(fake)) for _ in range(subsets)]
    return KernelDistance(float(np.mean(found)), float(np.std(found, ddof=1)) if subsets > 1 else float("nan"))


def squared_discrepancy(real: np.ndarray, fake: np.ndarray) -> float:
    """The unbiased estimate of MMD², which is negative as often as not where both sets are of one distribution.

        mean of k(x, x') over x ≠ x' + mean of k(y, y') over y ≠ y' − 2 mean of k(x, y),    k(x, y) = (xᵀy/size + 1)³

    Args:
        real: `[N, size]`, N at least 2.
        fake: `[M, size]`, M at least 2.

    Raises:
        ValueError: if they do not fit each other.

    Reference:
        Gretton et al., [A Kernel Two-Sample Test](https://jmlr.org/papers/v13/gretton12a.html), 2012, equation 3 (lemma
        6); the kernel is that of Bińkowski et al.

    Examples:
        >>> rows = np.random.default_rng(0).normal(size=[50, 4])
        >>> jaxgan.metrics.kernel.squared_discrepancy(rows, rows + 3) > 1
        True
    """
    real, fake = two_sets(real, fake, at_least=2)

    def kernel(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return (x @ y.T / x.shape[1] + 1) ** 3

    def within(x: np.ndarray) -> float:
        products = kernel(x, x)
        return (products.sum() - np.trace(products)) / (len(x) * (len(x) - 1))

    return float(within(real) + within(fake) - 2 * kernel(real, fake).mean())
