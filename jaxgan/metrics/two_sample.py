"""Classifier two-sample tests: can a classifier distinguish samples from data? The best accuracy is one half."""

import math
from typing import NamedTuple

import numpy as np

from jaxgan.metrics.rows import two_sets


class NearestNeighbour(NamedTuple):
    """Shares of rows whose nearest other is of their own set."""

    accuracy: float
    """Accuracy on both sets: 0.5 for one distribution, more if they differ, less if samples copy data."""
    accuracy_real: float
    """Accuracy on the data: high, with a low `accuracy_fake`, where modes are missing."""
    accuracy_fake: float


class Logistic(NamedTuple):
    """Result on rows that the classifier was not trained on."""

    accuracy: float
    p_value: float
    """Probability of an accuracy at least this high if both sets have one distribution."""


def nearest_neighbour_test(real: np.ndarray, fake: np.ndarray) -> NearestNeighbour:
    """Leave-one-out accuracy of the nearest-neighbour classifier on both sets.

    Args:
        real: features `[N, size]`, N at least 2.
        fake: as many.

    Raises:
        ValueError: if the features do not fit each other or differ in number.

    Reference:
        Lopez-Paz & Oquab, [Revisiting Classifier Two-Sample Tests](https://arxiv.org/abs/1610.06545), 2017, section 3;
        Xu et al., [An Empirical Study on Evaluation Metrics of Generative Adversarial
        Networks](https://arxiv.org/abs/1806.07755), 2018, section 2.

    Examples:
        >>> rows = np.random.default_rng(0).normal(size=[20, 4])
        >>> jaxgan.metrics.two_sample.nearest_neighbour_test(rows, rows + 100).accuracy  # told apart without an error
        1.0
    """
    from sklearn.neighbors import NearestNeighbors

    real, fake = two_sets(real, fake, at_least=2, equal=True)
    rows = np.concatenate([real, fake])
    nearest = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(rows).kneighbors(return_distance=False)[:, 0]
    right = (nearest < len(real)) == (np.arange(len(rows)) < len(real))
    return NearestNeighbour(float(right.mean()), float(right[: len(real)].mean()), float(right[len(real) :].mean()))


def logistic_test(real: np.ndarray, fake: np.ndarray, *, seed: int = 0) -> Logistic:
    """Train logistic regression, on standardised features, on half of the rows and test it on the other half.

    Of n test rows of one distribution the accuracy is, for large n, normal with mean 1/2 and variance 1/(4n).

    Args:
        real: features `[N, size]`, N at least 4.
        fake: as many.
        seed: seed of the halves.

    Raises:
        ValueError: if the features do not fit each other or differ in number.

    Reference:
        [Lopez-Paz & Oquab, 2017](https://arxiv.org/abs/1610.06545), equation 2 and section 3.1.

    Examples:
        >>> rows = np.random.default_rng(0).normal(size=[40, 2])
        >>> jaxgan.metrics.two_sample.logistic_test(rows, rows + 100).accuracy
        1.0
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    real, fake = two_sets(real, fake, at_least=4, equal=True)
    random = np.random.default_rng(seed)
    half = len(real) // 2
    real, fake = real[random.permutation(len(real))], fake[random.permutation(len(fake))]
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    model.fit(np.concatenate([real[:half], fake[:half]]), np.repeat([0, 1], half))
    tested = np.concatenate([real[half:], fake[half:]])
    accuracy = float(model.score(tested, np.repeat([0, 1], len(tested) // 2)))
    deviations = (accuracy - 0.5) * 2 * math.sqrt(len(tested))
    return Logistic(accuracy, math.erfc(deviations / math.sqrt(2)) / 2)
