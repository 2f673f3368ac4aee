"""Names that were not understood, answered with the nearest that there are."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from difflib import get_close_matches
from typing import Any

from jaxgan.errors import InputError

RATES = ("generator-rate", "discriminator-rate")
SYNONYMS = {
    "lr": RATES,
    "learning-rate": RATES,
    "rate": RATES,
    "epochs": ("steps",),
    "iterations": ("steps",),
    "dataset": ("data",),
    "gamma": ("r1", "r2"),
    "gp": ("gradient-penalty",),
    "ema": ("ema-decay",),
    "num-samples": ("n",),
}
"""What other programs call options of ours."""


def nearest(name: str, allowed: Collection[str]) -> str:
    """`"; did you mean x?"`, or nothing if no name is near."""
    near = [other for other in SYNONYMS.get(name, ()) if other in allowed] or get_close_matches(name, allowed, n=2)
    return f"; did you mean {' or '.join(near)}?" if near else ""


def refuse_unknown(command: str, arguments: Sequence[str], *options: Any) -> None:
    """Raise `ValueError` if one of the arguments is an option that none of these dataclasses has."""
    every = [field for one in options for field in fields(one)]
    names = {field.name.replace("_", "-") for field in every}
    known = names | {f"no-{field.name.replace('_', '-')}" for field in every if field.type is bool} | {"help"}
    for argument in arguments:
        name = argument.removeprefix("--").partition("=")[0].replace("_", "-")
        if argument.startswith("--") and name and name not in known and not name.startswith("tyro-"):
            near = nearest(name, names).replace("mean ", "mean --").replace(" or ", " or --")
            raise InputError(f"jaxgan {command} has no option --{name}{near}")
