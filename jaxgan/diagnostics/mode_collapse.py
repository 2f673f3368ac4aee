"""Detectors of samples that are too alike, and of modes of a known mixture that are missing or missed."""

import math
from typing import NamedTuple

import numpy as np

from jaxgan.checks import require
from jaxgan.diagnostics.finding import Finding

ROWS = 512
"""Largest number of rows of each kind that are compared."""
PAIRWISE, NEAREST = 0.5, 0.25
"""Ratios below which there is a collapse."""
QUALITY = 0.6
"""Smallest accepted share of samples near a mode. A perfect sampler of a mixture in the plane has 0.99."""
ADVICE = ("relativistic pairing with R1 and R2", "a slower generator")


class Diversity(NamedTuple):
    """Distances among samples, divided by those among as many rows of data; 1 if the samples vary as much as the
    data."""

    pairwise: float
    """Ratio of the mean distances of all pairs. It falls when whole modes are gone."""
    nearest: float
    """Ratio of the median distances of rows to their nearest other row. It falls when samples repeat one another, in
    however many places. It is a median, because a mean would depend on the few rows that are alone in their mode."""


def diversity(samples: np.ndarray, real: np.ndarray) -> Diversity:
    """Compare distances among samples `[N, ...]` with those among rows of data `[M, ...]`, Euclidean and flattened.

    The first min(N, M, 512) rows of each are taken, for the distance to the nearest depends on their number. Pass
    features of both for a distance other than that of pixels. Where the data do not vary, the ratio is 1.

    Raises:
        ValueError: if there are not two rows of each, or the rows differ in size.

    Examples:
        >>> data = np.random.default_rng(0).normal(size=[64, 2])
        >>> jaxgan.diagnostics.diversity(0.5 * data, data)  # half as far apart
        Diversity(pairwise=0.5, nearest=0.5)
    """
    rows = min(len(samples), len(real), ROWS)
    require(rows >= 2, f"diversity needs two rows of each, got {len(samples)} samples and {len(real)} of data")
    made, true = (np.asarray(x[:rows], np.float64).reshape(rows, -1) for x in (samples, real))
    require(made.shape == true.shape, f"samples are of size {made.shape[1]}, rows of data of {true.shape[1]}")
    return Diversity(*(a / b if b > 0 else 1.0 for a, b in zip(_distances(made), _distances(true), strict=True)))


def mode_collapse(found: Diversity) -> Finding:
    """Fires if pairs of samples are less than half as far apart as pairs of data, or nearest samples less than a
    quarter as far as nearest data.

    Seen from few samples: it finds a generator that makes little of what there is, not one that misses a mode of many;
    for mixtures of Gaussians see `jaxgan.metrics.modes`.

    Examples:
        >>> found = jaxgan.diagnostics.Diversity(pairwise=0.1, nearest=0.9)
        >>> jaxgan.diagnostics.mode_collapse(found).fired
        True
    """
    fired = found.pairwise < PAIRWISE or found.nearest < NEAREST
    pairwise, nearest = (f"{ratio:.2g}" for ratio in found)
    seen = f"pairs of samples lie {pairwise} times as far apart as pairs of data, nearest ones {nearest}"
    if not fired:
        return Finding("mode collapse", False, min(found), seen)
    return Finding("mode collapse", True, min(found), f"{seen}; the generator repeats itself", ADVICE)


def missing_modes(reverse_kl: float, captured: int | None = None, count: int | None = None) -> Finding:
    """Fires if the samples lie, in effect, in less than half of the modes of a known mixture, or miss some modes.

    Samples spread evenly over a share s of the modes have a reverse KL of −log s to the uniform distribution, so
    e^(−KL) is the share that any others cover in effect.

    Args:
        reverse_kl: in nats, see `jaxgan.metrics.modes`.
        captured: modes with a sample; None early in a run, when modes may still come.
        count: all modes.

    Examples:
        >>> jaxgan.diagnostics.missing_modes(np.log(8)).fired  # all samples in one of eight modes
        True
    """
    share = math.exp(-reverse_kl)
    seen = f"samples lie in {share:.0%} of the modes in effect (reverse KL {reverse_kl:.2g})"
    lost = 0 if captured is None or count is None else count - captured
    if lost:
        seen += f"; {lost} of {count} modes have no sample"
    if share >= 0.5 and not lost:
        return Finding("missing modes", False, share, seen)
    return Finding("missing modes", True, share, f"{seen}; the generator leaves modes out", ADVICE)


def stray_samples(high_quality: float) -> Finding:
    """Fires if less than three fifths of the samples lie within 3σ of a mode of a known mixture.

    Args:
        high_quality: that share, see `jaxgan.metrics.modes`; a perfect sampler of points in the plane has 0.989.

    Examples:
        >>> jaxgan.diagnostics.stray_samples(0.3).fired, jaxgan.diagnostics.stray_samples(0.99).fired
        (True, False)
    """
    seen = f"{high_quality:.0%} of the samples lie within 3 sigma of a mode"
    if high_quality >= QUALITY:
        return Finding("stray samples", False, high_quality, seen)
    cure = ("more steps", "random signs among the latents", "a rate that falls to 0")
    return Finding("stray samples", True, high_quality, f"{seen}; the others lie between modes", cure)


def _distances(x: np.ndarray) -> tuple[float, float]:
    """Mean of all pairs, and median of each row to the nearest other."""
    centred = x - x.mean(axis=0)
    squares = np.sum(centred**2, axis=1)
    distances = np.sqrt(np.maximum(squares[:, None] + squares - 2 * centred @ centred.T, 0))
    others = ~np.eye(len(x), dtype=bool)
    nearest = distances.min(axis=1, where=others, initial=np.inf)
    return float(distances[others].mean()), float(np.median(nearest))
