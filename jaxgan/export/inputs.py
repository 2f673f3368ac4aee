"""Inputs of exported programs, which are checked before a program is called."""

from typing import Any

import jax
import numpy as np
from jax import export

from jaxgan.checks import require
from jaxgan.errors import InputError


def named(program: export.Exported) -> dict[str, Any]:
    """Shape and dtype of each input of a program by its name."""
    _, by_name = jax.tree.unflatten(program.in_tree, program.in_avals)
    return by_name


def conditions(wanted: dict[str, Any], condition: Any) -> dict[str, Any]:
    """One array or a tuple of arrays, under the names of the inputs.

    Raises:
        ValueError: if there is another number of arrays.
    """
    several = condition if isinstance(condition, tuple) else (condition,)
    names = [name for name in wanted if name.startswith("condition")]
    require(
        condition is None or len(several) == len(names), f"condition must be {len(names)} arrays, got {len(several)}"
    )
    return dict(zip(names, several, strict=False))


def checked(kind: str, wanted: dict[str, Any], given: dict[str, Any]) -> dict[str, np.ndarray]:
    """The inputs as arrays.

    Args:
        kind: what the program is, for messages.
        wanted: shape and dtype of each input.
        given: values by name; None counts as missing.

    Raises:
        ValueError: if an input is missing or too much, or a shape does not fit.
    """
    extra = sorted(name for name, value in given.items() if value is not None and name not in wanted)
    require(not extra, f"{', '.join(extra)}: no input of this {kind}, which takes {', '.join(wanted)}")
    missing = sorted(name for name in wanted if given.get(name) is None)
    require(not missing, f"{', '.join(missing)} needed: this {kind} takes {', '.join(wanted)}")
    arrays = {name: np.asarray(given[name], like.dtype) for name, like in wanted.items()}
    rows = {x.shape[0] for name, x in arrays.items() if wanted[name].shape and x.ndim}
    for name, like in wanted.items():
        shape, tail = arrays[name].shape, like.shape[1:]
        fits = shape[1:] == tail and len(rows) == 1 if like.shape else shape == ()
        if not fits:
            needs = f"({', '.join(map(str, ('n', *tail)))})" if like.shape else "()"
            raise InputError(f"{name} must have shape {needs}, with one n for all inputs; got {shape}")
    return arrays


def check_labels(arrays: dict[str, np.ndarray], about: dict[str, Any]) -> None:
    """Raise `ValueError` if there are labels, and some name no class of the run."""
    if "labels" not in arrays:
        return
    low, high = about["labels"]["lowest"], len(about["labels"]["classes"])
    found = arrays["labels"].min(), arrays["labels"].max()
    require(
        low <= found[0] and found[1] < high,
        f"labels must be in [{low}, {high}), got values from {found[0]} to {found[1]}",
    )
