"""Detector of players that circle each other instead of approaching a solution."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from jaxgan.diagnostics.finding import Finding

Series = Sequence[float] | np.ndarray

LEAST = 32
"""Number of values that a series needs before it is judged."""
RETURN, PERSISTENCE = 0.55, 0.5
"""Thresholds: the detector fires if both are exceeded."""
LINGERING = 0.45
"""Strength below which reported swings are over."""
ADVICE = ("R1", "extragradient", "optimistic steps", "momentum of 0 or less")


class Swing(NamedTuple):
    """How a series of evenly spaced values moves."""

    strength: float
    """max over lags k ≤ n/4 of min(−ρ(k), ρ(2k)), at least 0, with ρ the autocorrelation about the linear trend,
    ρ(k) = Σ_t x_t x_{t+k} / Σ_t x_t²: high for a series that is reversed after k values and back after 2k. A sine of p
    periods has about 1 − 1/p, noise less than 0.45, a random walk hardly ever more than 0.5, a decay 0."""
    persistence: float
    """Standard deviation of the later half over that of the earlier: below 1 for swings that die out."""
    period: int
    """2k, in values."""


def swing(series: Series) -> Swing:
    """Measure a series; zeros if it is shorter than 32 values or does not vary.

    Examples:
        >>> wave = np.sin(np.arange(64) * 2 * np.pi / 16)
        >>> jaxgan.diagnostics.swing(wave).period
        16
    """
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


def oscillation(series: Mapping[str, Series], *, every: int = 1, unit: str = "values", before: bool = False) -> Finding:
    """Fires where a series swings (strength above 0.55) and does not calm down (persistence above 0.5).

    It takes 32 values and three periods. Swings faster than the values are taken show with another period, or
    as noise.

    Args:
        series: evenly spaced values by name: losses, the place of the mean sample.
        every: number of `unit` from one value to the next.
        unit: unit in which the period is reported.
        before: whether it fired before; it then goes on until the strength is below 0.45.

    Examples:
        >>> wave = np.sin(np.arange(64) * 2 * np.pi / 16)
        >>> jaxgan.diagnostics.oscillation({"loss_generator": wave, "loss_discriminator": -wave}).fired
        True
    """
    found = {name: swing(values) for name, values in series.items()}
    lasting = {name: s for name, s in found.items() if s.persistence > PERSISTENCE}
    worst = max(lasting, key=lambda name: lasting[name].strength, default=None)
    if worst is None:
        return Finding("oscillation", False, 0.0, "nothing swings, or swings die out")
    strength, _, period = lasting[worst]
    fired = strength > (LINGERING if before else RETURN)
    seen = f"{worst} swings with strength {strength:.2g} and a period of {every * period} {unit}"
    if not fired:
        return Finding("oscillation", False, strength, seen)
    return Finding(
        "oscillation", True, strength, f"{seen}, and does not calm down; the players circle each other", ADVICE
    )
