"""Mixtures of Gaussians in the plane: the standard trial of whether a GAN finds every mode.

Srivastava et al., VEEGAN, 2017, section 4.1; Lin et al., PacGAN, 2018, section 4.1.
"""

from typing import NamedTuple

import numpy as np

from jaxgan.data.dataset import Dataset

ROWS = 100_000


class Mixture(NamedTuple):
    """Equally likely round Gaussians."""

    centres: np.ndarray
    """`[K, 2]` float64."""
    sigma: float
    """Standard deviation of each."""


def _ring() -> Mixture:
    angles = np.arange(8) * 2 * np.pi / 8
    return Mixture(np.stack([np.cos(angles), np.sin(angles)], axis=1), 0.01)


def _grid() -> Mixture:
    side = np.arange(-4.0, 5.0, 2.0)
    return Mixture(np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1).reshape(-1, 2), 0.05)


MIXTURES = {"ring": _ring(), "grid": _grid()}
"""`ring`: 8 modes on the unit circle, σ = 0.01. `grid`: 25 modes on {−4, −2, 0, 2, 4}², σ = 0.05."""


def mixture(name: str) -> Dataset:
    """100,000 points `[2]` of a mixture in `MIXTURES`, drawn once and for all; labels are the modes."""
    centres, sigma = MIXTURES[name]
    random = np.random.default_rng(0)
    labels = random.integers(len(centres), size=ROWS, dtype=np.int32)
    points = centres[labels] + sigma * random.standard_normal((ROWS, 2))
    return Dataset(name, points.astype(np.float32), labels, num_classes=len(centres), modes=MIXTURES[name])
