"""Detector of numbers that grow without bound."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from jaxgan.diagnostics.finding import Finding

MULTIPLE = 30.0
LEAST = 8
"""Earlier values that a number must have before it is judged by its size."""


def divergence(history: Mapping[str, Sequence[float]], latest: Mapping[str, float]) -> Finding:
    """Fires where a number is not finite, or its size exceeds 30 · max(1, median of |earlier values|).

    The median stands still when single steps are wild; the 1 is there because losses, logits and norms below it are
    small whatever they were before.

    Args:
        history: earlier finite values by name, the recent ones, such as the last 64.
        latest: the same names' values now: losses, logits, gradient norms.

    Returns:
        A finding on the largest multiple, infinite for a number that is not finite.
    """
    multiples = {name: _multiple(history.get(name, ()), value) for name, value in latest.items()}
    worst = max(multiples, key=lambda name: multiples[name], default=None)
    if worst is None:
        return Finding("divergence", False, 0.0, "there are no numbers to judge")
    value = multiples[worst]
    if not math.isfinite(latest[worst]):
        seen = f"{worst} is {latest[worst]}"
    else:
        seen = f"{worst} is {latest[worst]:.3g}, {value:.3g} times its usual size"
    cure = "training diverges: try a lower learning rate, or R1"
    fired = value > MULTIPLE
    return Finding("divergence", fired, value, f"{seen}; {cure}" if fired else seen)


def _multiple(earlier: Sequence[float], value: float) -> float:
    if not math.isfinite(value):
        return math.inf
    return abs(value) / max(1.0, float(np.median(np.abs(earlier)))) if len(earlier) >= LEAST else 0.0
