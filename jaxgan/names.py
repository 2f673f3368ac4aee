"""Suggestions for unknown names: the nearest known name."""

from collections.abc import Collection
from difflib import get_close_matches

RATES = ("generator-rate", "discriminator-rate")
SYNONYMS = {
    "lr": RATES,
    "learning-rate": RATES,
    "rate": RATES,
    "epochs": ("steps",),
    "iterations": ("steps",),
    "steps": ("iterations",),
    "dataset": ("data",),
    "gamma": ("r1", "r2"),
    "gp": ("gradient-penalty",),
    "ema": ("ema-decay",),
    "num-samples": ("n",),
    "conditional": ("condition",),
}
"""Names of our options in other programs."""


def nearest(name: str, allowed: Collection[str]) -> str:
    """`"; did you mean x?"`, or nothing if no name is near."""
    near = (
        [other for other in SYNONYMS.get(name, ()) if other in allowed]
        or [other for other in allowed if other.startswith(f"{name}-")][:3]
        or get_close_matches(name, allowed, n=2)
    )
    return f"; did you mean {' or '.join(near)}?" if near else ""
