"""Data sets in the plane whose distribution is known: mixtures of Gaussians, and curves with noise around them."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from jaxgan.data.dataset import Dataset
from jaxgan.data.mixtures import MIXTURES, Mixture

ROWS = 100_000
"""Number of points to train on, and of held-out points."""


def planar(name: str) -> Dataset:
    """100,000 points `[2]` of a mixture in `MIXTURES` or of a curve in `CURVES`, drawn once and for all.

    As many others are held out. The labels of a mixture are its modes; a curve has none.
    """
    if name in CURVES:
        points, held_out = (CURVES[name](np.random.default_rng(seed)).astype(np.float32) for seed in (0, 1))
        return Dataset(name, points, held_out=held_out)
    mixture = MIXTURES[name]
    (points, labels), (held_out, _) = (drawn(mixture, np.random.default_rng(seed)) for seed in (0, 1))
    return Dataset(name, points, labels, num_classes=len(mixture.centres), modes=mixture, held_out=held_out)


def drawn(mixture: Mixture, random: np.random.Generator) -> tuple[Float[np.ndarray, "rows 2"], np.ndarray]:
    """Points, and the mode of each."""
    centres, sigma, weights = mixture
    if np.ptp(weights) == 0:
        labels = random.integers(len(centres), size=ROWS, dtype=np.int32)
    else:
        labels = random.choice(len(centres), size=ROWS, p=weights).astype(np.int32)
    points = centres[labels] + sigma * random.standard_normal((ROWS, 2))
    return points.astype(np.float32), labels


def _spirals(random: np.random.Generator) -> Float[np.ndarray, "rows 2"]:
    """Two arms of one and a half turns, one the other turned by 180°: r = 4θ/(3π), denser within; noise of 0.1."""
    angle = 3 * np.pi * np.sqrt(random.uniform(size=ROWS))
    radius = random.choice([-1.0, 1.0], size=ROWS) * 4 * angle / (3 * np.pi)
    arms = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return arms + 0.1 * random.standard_normal((ROWS, 2))


def _swiss_roll(random: np.random.Generator) -> Float[np.ndarray, "rows 2"]:
    """r = θ/7.5 from 1.5π to 4.5π, noise of 1/30: as Gulrajani et al., Improved Training of Wasserstein GANs, 2017.

    Their program takes the first and the last axis of scikit-learn's roll with noise of 0.25, and divides by 7.5.
    """
    angle = 1.5 * np.pi * (1 + 2 * random.uniform(size=ROWS))
    roll = np.stack([angle * np.cos(angle), angle * np.sin(angle)], axis=1)
    return (roll + 0.25 * random.standard_normal((ROWS, 2))) / 7.5


CURVES: dict[str, Callable[[np.random.Generator], Float[np.ndarray, "rows 2"]]] = {
    "spirals": _spirals,
    "swiss_roll": _swiss_roll,
}
"""By name: from a generator of random numbers to all points."""
PLANAR = (*MIXTURES, *CURVES)
