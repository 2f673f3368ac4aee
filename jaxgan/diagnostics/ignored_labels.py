"""Detector of a generator that ignores its labels."""

import numpy as np

from jaxgan.checks import require
from jaxgan.diagnostics.finding import Finding

SHARE = 0.25
"""Smallest accepted share, relative to the data."""
TOLD = 0.1
"""Smallest share that the data must have: if classes differ less, a few rows cannot show whether labels matter."""


def class_share(rows: np.ndarray, labels: np.ndarray) -> float:
    """Share of the variance of rows `[N, ...]` that lies between their classes; the rest lies within classes.

    With K classes among the labels `[N]`, n_k rows in each, of mean m_k, and m the mean of all,

        MS_between = Σ_k n_k ‖m_k − m‖² / (K − 1),    MS_within = Σ_i ‖x_i − m_k(i)‖² / (N − K),
        n₀ = (N − Σ_k n_k² / N) / (K − 1),    σ² = (MS_between − MS_within) / n₀,    share = σ² / (σ² + MS_within).

    σ² is the estimate of one-way analysis of variance with random effects: its mean is the variance between the
    classes, and 0 where the labels have no effect, however few rows there are. It may fall below 0 there. NaN where
    there are not two classes, no class has two rows, or the rows do not vary.

    Raises:
        ValueError: unless there are as many labels as rows.

    Reference:
        Fisher, Statistical Methods for Research Workers, 1925, chapter 7, "Intraclass Correlations and the Analysis of
        Variance".

    Examples:
        >>> rows = np.array([[0.0], [0.1], [5.0], [5.1]])  # two classes, far apart
        >>> jaxgan.diagnostics.class_share(rows, np.array([0, 0, 1, 1])) > 0.9
        True
    """
    require(labels.shape == (len(rows),), f"labels must have shape ({len(rows)},), got {labels.shape}")
    x = np.asarray(rows, np.float64).reshape(len(rows), -1)
    classes, of, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    many, count = len(x), len(classes)
    if not 2 <= count < many:
        return float("nan")
    sums = np.zeros((count, x.shape[1]))
    np.add.at(sums, of, x)
    means = sums / sizes[:, None]
    between = float(sizes @ np.sum((means - x.mean(axis=0)) ** 2, axis=1)) / (count - 1)
    within = float(np.sum((x - means[of]) ** 2)) / (many - count)
    variance = (between - within) / ((many - float(sizes @ sizes) / many) / (count - 1))
    return variance / (variance + within) if variance + within > 0 else float("nan")


def ignored_labels(samples: float, real: float) -> Finding:
    """Fires if the difference between classes is less than a quarter as large among samples as among data.

    Where they make less than a tenth of the variance of the data, nothing is judged.

    Args:
        samples: `class_share` of samples by the labels that they were asked for.
        real: that of data by their labels.

    Examples:
        >>> jaxgan.diagnostics.ignored_labels(samples=0.0, real=0.6).fired
        True
    """
    seen = f"{max(samples, 0):.0%} of the variance of the samples lies between classes, of the data {max(real, 0):.0%}"
    fired = real >= TOLD and samples < SHARE * real
    if not fired:
        return Finding("ignored labels", False, samples, seen)
    cure = ("a term that tells the classes", "more steps")
    return Finding("ignored labels", True, samples, f"{seen}; the generator ignores its labels", cure)
