"""Fréchet distance of features, from their streamed moments."""

from dataclasses import dataclass

import jax
import numpy as np
from jaxtyping import Float

from jaxgan.checks import require


@dataclass(frozen=True, eq=False)
class Moments:
    """Count, mean and scatter of rows in float64; the rows need not be in memory together."""

    count: int
    mean: Float[np.ndarray, "size"]
    scatter: Float[np.ndarray, "size size"]
    """Σ (x − mean)(x − mean)ᵀ over the rows."""

    @property
    def covariance(self) -> Float[np.ndarray, "size size"]:
        """Sample covariance, divided by n − 1."""
        return self.scatter / (self.count - 1)

    def update(self, features: np.ndarray | jax.Array) -> "Moments":
        """The moments with more rows added.

        Raises:
            ValueError: if the size is another, or a number is not finite.
        """
        return self.merge(moments(features))

    def merge(self, other: "Moments") -> "Moments":
        """Moments of both sets of rows together.

        Raises:
            ValueError: if the sizes differ.

        Reference:
            Chan, Golub & LeVeque, Algorithms for Computing the Sample Variance, 1983, equations 2.1.
        """
        require(
            len(self.mean) == len(other.mean),
            f"moments of features of size {len(self.mean)} do not go with size {len(other.mean)}",
        )
        count = self.count + other.count
        away = other.mean - self.mean
        between = np.outer(away, away) * (self.count * other.count / count)
        return Moments(count, self.mean + away * (other.count / count), self.scatter + other.scatter + between)


def moments(features: np.ndarray | jax.Array) -> Moments:
    """The moments of `[N, size]`, N at least 1.

    Raises:
        ValueError: for another shape, or a number that is not finite.

    Examples:
        >>> found = jaxgan.metrics.frechet.moments(np.array([[0.0], [2.0]]))
        >>> found.mean.tolist(), found.covariance.tolist()
        ([1.0], [[2.0]])
    """
    require(features.ndim == 2 and len(features) >= 1, f"features must be [N, size], got shape {features.shape}")
    require(bool(np.isfinite(features).all()), "features must be finite, got some that are not")
    rows = np.asarray(features, np.float64)
    mean = rows.mean(axis=0)
    centred = rows - mean
    return Moments(len(rows), mean, centred.T @ centred)


def frechet_distance(real: Moments, fake: Moments) -> float:
    """The squared Fréchet distance of two Gaussians, known as FID where the features are Inception's.

        |μ − μ'|² + tr(C + C' − 2(CC')^½)

    With C = AAᵀ and C' = BBᵀ the trace of the root is the sum of the singular values of AᵀB. No root of a rounding
    error is taken on that way, so singular covariances do no harm: of two equal sets it is 0 to some 1e-12 of tr C.

    The value depends on the counts, for few rows make a covariance too small in most directions: compare equal ones.

    Raises:
        ValueError: if the sizes differ, or either has fewer than two rows.

    Reference:
        Dowson & Landau, The Fréchet Distance between Multivariate Normal Distributions, 1982, equation 4; Heusel et
        al., [GANs Trained by a Two Time-Scale Update Rule](https://arxiv.org/abs/1706.08500), 2017, equation 6.

    Examples:
        >>> features = np.array([[0.0], [2.0]])  # mean 1, variance 2
        >>> real, fake = (jaxgan.metrics.frechet.moments(rows) for rows in (features, features + 3))
        >>> round(jaxgan.metrics.frechet.frechet_distance(real, fake), 3)  # 3²
        9.0
    """
    for name, given in (("real", real), ("fake", fake)):
        require(given.count >= 2, f"{name} must have at least 2 rows for a covariance, got {given.count}")
    sizes = len(real.mean), len(fake.mean)
    require(sizes[0] == sizes[1], f"real and fake must be features of one size, got {sizes[0]} and {sizes[1]}")
    root = np.linalg.svd(_factor(real.covariance).T @ _factor(fake.covariance), compute_uv=False).sum()
    traces = np.trace(real.covariance) + np.trace(fake.covariance)
    return float(np.sum((real.mean - fake.mean) ** 2) + traces - 2 * root)


def _factor(covariance: Float[np.ndarray, "size size"]) -> Float[np.ndarray, "size size"]:
    """A with AAᵀ = C."""
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.maximum(values, 0))
