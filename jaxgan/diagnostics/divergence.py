"""Detectors of steps that are too large: growing numbers, distant samples, an unstable discriminator."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from jaxgan.diagnostics.finding import Finding

MULTIPLE = 30.0
LEAST = 8
"""Number of earlier values that are needed before a value is judged."""
HUGE = 1000.0
"""A loss or mean logit of this size is too large, whatever it was before. In runs that train, they are of the order of
1; for a Wasserstein critic, they are below the diameter of the data."""
BOUNDED = ("loss_generator", "loss_discriminator", "real_logits", "fake_logits")
FAR = 10.0
JUMPY = 1.1
ADVICE = ("lower learning rates", "R1")


def divergence(history: Mapping[str, Sequence[float]], latest: Mapping[str, float]) -> Finding:
    """Fires if a number is not finite, or if its size exceeds 30 · max(1, median of |earlier values|).

    The median stands still when single steps are wild; the 1 is there because losses, logits and norms below it are
    small whatever they were before. A loss or a mean logit also fires where its size exceeds 1,000, so that a run which
    diverges in its first steps is not taken for a usual one.

    Args:
        history: earlier finite values by name, the recent ones, such as the last 64.
        latest: the same names' values now: losses, logits, gradient norms.

    Returns:
        A finding on the largest multiple, infinite for a number that is not finite.

    Examples:
        >>> jaxgan.diagnostics.divergence({}, {"loss_generator": float("nan")}).fired
        True
    """
    multiples = {name: _multiple(name, history.get(name, ()), value) for name, value in latest.items()}
    worst = max(multiples, key=lambda name: multiples[name], default=None)
    if worst is None:
        return Finding("divergence", False, 0.0, "there are no numbers to judge")
    value = multiples[worst]
    if not math.isfinite(latest[worst]):
        seen = f"{worst} is {latest[worst]}"
    elif _is_huge(worst, latest[worst]):
        seen = f"{worst} is {latest[worst]:.3g}"
    else:
        seen = f"{worst} is {latest[worst]:.3g}, {value:.3g} times its usual size"
    return _finding("divergence", value > MULTIPLE, value, seen)


def distant_samples(place: float, spread: float) -> Finding:
    """Fires if the samples are more than ten times as far from the mean of the data as the data are, or are spread ten
    times as widely.

    Args:
        place: distance of the mean sample from the mean of the data, in root mean square distances of the data to it.
        spread: root mean square distance of samples to their mean, in the same unit.

    Examples:
        >>> jaxgan.diagnostics.distant_samples(place=0.1, spread=1.0).fired
        False
    """
    value = max(place, spread)
    seen = f"samples lie {value:.3g} times as far from the centre of the data as the data do"
    return _finding("distant samples", value > FAR, value, seen)


def unstable_discriminator(indecision: float, steps: int) -> Finding:
    """Fires if the discriminator's loss is more than 1.1 times the loss of a discriminator whose logits are all 0.

    A discriminator that follows its loss is at most on a level with that one, wherever the generator goes. One that
    stays above it over hundreds of steps is thrown about by its own steps, though its numbers may stay small, as those
    of networks with batch normalisation do.

    Args:
        indecision: the mean over recent steps of the number of that name in the info of `jaxgan.gan`.
        steps: how many those are.

    Examples:
        >>> jaxgan.diagnostics.unstable_discriminator(indecision=0.8, steps=300).fired
        False
    """
    seen = f"over {steps} steps the discriminator's loss is {indecision:.3g} times that of one whose output is always 0"
    if not indecision > JUMPY:
        return Finding("unstable discriminator", False, indecision, seen)
    return Finding("unstable discriminator", True, indecision, f"{seen}; its steps are too large", ADVICE)


def _finding(name: str, fired: bool, value: float, seen: str) -> Finding:
    return Finding(name, fired, value, f"{seen}; training diverges" if fired else seen, ADVICE if fired else ())


def _is_huge(name: str, value: float) -> bool:
    return name in BOUNDED and abs(value) > HUGE


def _multiple(name: str, earlier: Sequence[float], value: float) -> float:
    if not math.isfinite(value):
        return math.inf
    usual = max(1.0, float(np.median(np.abs(earlier)))) if len(earlier) >= LEAST else math.inf
    return max(abs(value) / usual, MULTIPLE * abs(value) / HUGE if _is_huge(name, value) else 0.0)
