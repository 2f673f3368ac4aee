"""How much of a mixture of Gaussians the samples cover."""

from typing import NamedTuple

import numpy as np

from jaxgan.checks import require
from jaxgan.data.mixtures import Mixture, nearest_centres


class ModeCoverage(NamedTuple):
    """Coverage of a mixture of K modes."""

    modes: int
    """Number of the K modes with at least one high-quality sample nearest to them."""
    high_quality: float
    """Share of samples within 3σ of the nearest mode; a perfect sampler has 1 − e^(−4.5) = 0.9889 in the plane."""
    reverse_kl: float
    """KL(samples' histogram of modes ‖ weights), in nats; every sample counts for the mode nearest to it."""


def mode_coverage(points: np.ndarray, mixture: Mixture) -> ModeCoverage:
    """Count modes like the literature, whose mixtures have equal weights.

    A point that is not finite is of no mode and of no quality; with one among them the reverse KL is NaN.

    Args:
        points: `[N, size]`, N at least 1; the papers take 2,500.
        mixture: whose modes.

    Raises:
        ValueError: if there are no points, or they are of another shape.

    Reference:
        Srivastava et al., [VEEGAN](https://arxiv.org/abs/1705.07761), 2017, section 4.1; Lin et al.,
        [PacGAN](https://arxiv.org/abs/1712.04086), 2018, section 4.

    Examples:
        >>> from jaxgan.data.mixtures import MIXTURES
        >>> ring = MIXTURES["ring"]
        >>> jaxgan.metrics.modes.mode_coverage(ring.centres[:4], ring).modes
        4
    """
    count, size = mixture.centres.shape
    require(
        points.ndim == 2 and points.shape[1] == size and len(points) >= 1,
        f"points must be [N, {size}], at least one, got shape {points.shape}",
    )
    finite = points[np.isfinite(points).all(axis=1)]
    distances, nearest = nearest_centres(finite, mixture.centres)
    good = distances <= 3 * mixture.sigma
    share = np.bincount(nearest, minlength=count) / len(points)
    kl = float(np.sum(share * np.log(np.where(share > 0, share, 1) / mixture.weights)))
    whole = len(finite) == len(points)
    return ModeCoverage(len(np.unique(nearest[good])), float(good.sum() / len(points)), kl if whole else float("nan"))
