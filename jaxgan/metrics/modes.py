"""How much of a mixture of Gaussians the samples cover."""

from typing import NamedTuple

import numpy as np

from jaxgan.data.mixtures import Mixture


class ModeCoverage(NamedTuple):
    """Coverage of a mixture of K modes."""

    modes: int
    """Modes captured, of K: at least one high-quality sample is nearest to it."""
    high_quality: float
    """Share of samples within 3σ of the nearest mode; a perfect sampler has 1 − e^(−4.5) = 0.9889."""
    reverse_kl: float
    """KL(samples' histogram of modes ‖ uniform), in nats; every sample counts for the mode nearest to it."""


def mode_coverage(points: np.ndarray, mixture: Mixture) -> ModeCoverage:
    """Count modes as the literature does.

    Args:
        points: `[N, 2]`; the papers take 2,500.
        mixture: whose modes.

    Reference:
        Srivastava et al., VEEGAN, 2017, section 4.1; Lin et al., PacGAN, 2018, section 4.
    """
    distances = np.linalg.norm(points[:, None] - mixture.centres[None], axis=-1)
    nearest = distances.argmin(axis=1)
    good = distances.min(axis=1) <= 3 * mixture.sigma
    count = len(mixture.centres)
    share = np.bincount(nearest, minlength=count) / len(points)
    kl = float(np.sum(share * np.log(np.where(share > 0, share, 1) * count)))
    return ModeCoverage(len(np.unique(nearest[good])), float(good.mean()), kl)
