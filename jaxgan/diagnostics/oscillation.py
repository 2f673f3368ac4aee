"""Detector of players that circle instead of approaching."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from jaxgan.diagnostics.finding import Finding

Series = Sequence[float] | np.ndarray

LEAST = 32
"""Values that a series must have before it is judged."""
RETURN, PERSISTENCE = 0.5, 0.5
"""Fires above both."""


class Swing(NamedTuple):
    """How a series of evenly spaced values moves."""

    strength: float
    """max over lags k ≤ n/4 of min(−ρ(k), ρ(2k)), at least 0, with ρ the autocorrelation about the linear trend,
    ρ(k) = Σ_t x_t x_{t+k} / Σ_t x_t²: high for a series that is reversed after k values and back after 2k. A sine of p
    periods has about 1 − 1/p, noise less than 0.4, a decay 0."""
    persistence: float
    """Standard deviation of the later half over that of the earlier: below 1 for swings that die out."""
    period: int
    """2k, in values."""


def swing(series: Series) -> Swing:
    """Measure a series; zeros if it is shorter than 32 values or does not vary."""
    x = np.asarray(series, np.float64)
    n = len(x)
    if n < LEAST:
        return Swing(0.0, 0.0, 0)
    early, late = np.std(x[: n // 2]), np.std(x[n // 2 :])
    t = np.linspace(-1, 1, n)
    level = x - x.mean()
    residue = level - t * (level @ t) / (t @ t)
    correlation = np.correlate(residue, residue, "full")[n - 1 :]
    if not early > 0 or not correlation[0] > 1e-20 * (x @ x):
        return Swing(0.0, 0.0, 0)
    rho = correlation / correlation[0]
    lags = np.arange(1, n // 4 + 1)
    returns = np.minimum(-rho[lags], rho[2 * lags])
    best = int(returns.argmax())
    return Swing(max(0.0, float(returns[best])), float(late / early), 2 * int(lags[best]))


def oscillation(series: Mapping[str, Series]) -> Finding:
    """Fires where a series swings (strength above 0.5) and does not calm down (persistence above 0.5).

    It takes 32 values and two and a half periods. Swings faster than the values are taken show with another period, or
    as noise.

    Args:
        series: evenly spaced values by name: losses, the place of the mean sample.
    """
    found = {name: swing(values) for name, values in series.items()}
    lasting = {name: s for name, s in found.items() if s.persistence > PERSISTENCE}
    worst = max(lasting, key=lambda name: lasting[name].strength, default=None)
    if worst is None:
        return Finding("oscillation", False, 0.0, "nothing swings, or swings die out")
    strength, _, period = lasting[worst]
    fired = strength > RETURN
    seen = f"{worst} swings with strength {strength:.2g} and a period of {period} reports"
    cure = "the players circle each other: try R1, extragradient or consensus, or negative momentum"
    return Finding("oscillation", fired, strength, f"{seen}, and does not calm down; {cure}" if fired else seen)
