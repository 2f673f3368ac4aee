"""Mixtures of Gaussians: the standard test of whether a GAN finds every mode.

Srivastava et al., VEEGAN, 2017, section 4.1; Lin et al., PacGAN, 2018, section 4.1.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from jaxgan.checks import require, require_number


class Mixture(NamedTuple):
    """Round Gaussians of one width."""

    centres: Float[np.ndarray, "modes size"]
    """float64."""
    sigma: float
    """Standard deviation of each, along each axis."""
    weights: Float[np.ndarray, "modes"]
    """Share of the data that each holds, above 0; they sum to 1."""


def equal(centres: Float[np.ndarray, "modes size"], sigma: float) -> Mixture:
    """Modes of equal weight."""
    return Mixture(centres, sigma, np.full(len(centres), 1 / len(centres)))


def mixture_around(
    name: str,
    points: Float[np.ndarray, "rows size"],
    centres: np.ndarray,
    sigma: float | None = None,
    weights: np.ndarray | None = None,
) -> Mixture:
    """The mixture that points were drawn from, as far as it is known.

    Args:
        name: name of the data set, for messages.
        points: the data.
        centres: `[K, size]`, of the modes.
        sigma: standard deviation of each mode along each axis; None takes it from the median distance of the data to
            their nearest centre.
        weights: `[K]`, of any sum; None takes the share of the data nearest to each centre.

    Raises:
        ValueError: if one of them is not as above, or no row of the data is nearest to a centre.
    """
    from scipy.stats import chi2

    size = points.shape[1]
    require(
        centres.ndim == 2 and len(centres) >= 1 and centres.shape[1] == size and centres.dtype.kind in "fiu",
        f"{name}: centres must be numbers [K, {size}], got {centres.dtype} of shape {centres.shape}",
    )
    require(bool(np.isfinite(centres).all()), f"{name}: centres hold values that are not finite")
    centres = np.asarray(centres, np.float64)
    distances, nearest = nearest_centres(np.asarray(points, np.float64), centres)
    if weights is None:
        weights = np.bincount(nearest, minlength=len(centres))
        require(bool(weights.all()), f"{name}: centres[{np.argmin(weights)}] is nearest to no row: leave it out")
    require(
        weights.shape == centres.shape[:1] and weights.dtype.kind in "fiu",
        f"{name}: weights must be {len(centres)} numbers, got {weights.dtype} of shape {weights.shape}",
    )
    require(
        bool(np.isfinite(weights).all() and np.all(weights > 0)),
        f"{name}: weights must be finite and above 0, got {weights}",
    )
    if sigma is None:
        sigma = float(np.median(distances) / np.sqrt(chi2.median(size)))
    require_number(f"{name}: sigma", sigma)
    require(sigma > 0, f"{name}: sigma must be above 0, got {sigma:g}")
    return Mixture(centres, float(sigma), np.asarray(weights, np.float64) / np.sum(weights))


def nearest_centres(
    points: Float[np.ndarray, "rows size"], centres: Float[np.ndarray, "modes size"]
) -> tuple[Float[np.ndarray, "rows"], np.ndarray]:
    """Distance of each point to the nearest centre, and which centre that is."""
    from scipy.spatial import cKDTree

    distances, nearest = cKDTree(centres).query(points)
    return distances, nearest


def _ring() -> Mixture:
    angles = np.arange(8) * 2 * np.pi / 8
    return equal(np.stack([np.cos(angles), np.sin(angles)], axis=1), 0.01)


def _square(side: int) -> Float[np.ndarray, "modes 2"]:
    """Centres 2 apart, around 0."""
    line = 2.0 * np.arange(side) - (side - 1)
    return np.stack(np.meshgrid(line, line, indexing="ij"), axis=-1).reshape(-1, 2)


def _rotated(centres: Float[np.ndarray, "modes 2"], angle: float) -> Float[np.ndarray, "modes 2"]:
    return centres @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


def _unequal() -> Mixture:
    """Twelve modes along a sunflower's spiral, which keeps them apart; each has 0.82 times the weight of the last."""
    order = np.arange(12)
    radius, angle = 4 * np.sqrt((order + 0.5) / 12), order * np.pi * (3 - np.sqrt(5))
    weights = 0.82**order
    return Mixture(np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1), 0.05, weights / weights.sum())


MIXTURES = {
    "ring": _ring(),
    "grid": equal(_square(5), 0.05),
    "rotated_grid": equal(_rotated(_square(5), np.pi / 8), 0.05),
    "large_grid": equal(_square(10), 0.05),
    "unequal_modes": _unequal(),
}
"""`ring`: 8 modes on the unit circle, σ = 0.01. The others have σ = 0.05. `grid`: 25 modes on {−4, −2, 0, 2, 4}².
`rotated_grid`: the same, turned by 22.5°. `large_grid`: 100 modes on {−9, −7, ..., 9}². `unequal_modes`: 12 modes that
hold from 19.8 % of the data down to 2.2 %."""
