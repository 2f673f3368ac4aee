"""The means of a run's numbers between two reports, added up on the device."""

import json
import os
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxgan.core import DUE, Info

Sums = dict[str, Float[Array, "2 ..."] | Float[np.ndarray, "2 ..."]]
"""By name: the sum over the steps in which it was computed, and their number."""

FILE = "means.json"
KEPT = 4
"""Checkpoints whose sums are kept."""


@jax.jit
def added(sums: Sums, infos: Info) -> Sums:
    """The sums with those of more steps, whose numbers are stacked along the first axis.

    A number with `NAME_due` beside it counts in the steps in which that is 1. Nothing here waits for the device.
    """
    more = {}
    for name, values in infos.items():
        if name.endswith(DUE):
            continue
        due = infos.get(name + DUE, jnp.ones_like(values))
        more[name] = jnp.stack([jnp.sum(jnp.where(due > 0, values, 0), axis=0), jnp.sum(due, axis=0)])
    return {name: own + sums[name] if name in sums else own for name, own in more.items()}


def means(sums: Sums) -> dict[str, Any]:
    """The mean of each number, as a float or `[members]`; a number that no step has computed is left out."""
    totals = {name: np.asarray(values, np.float64) for name, values in jax.device_get(sums).items()}
    found = {name: total / count for name, (total, count) in totals.items() if np.all(count > 0)}
    return {name: float(mean) if mean.ndim == 0 else mean for name, mean in found.items()}


def save(folder: Path, step: int, sums: Sums) -> None:
    """Keep what has been added up since the last report, for a run that goes on from the checkpoint of `step`.

    What was kept for the few checkpoints before stays, for a newest one that is not whole.
    """
    path = folder / FILE
    values = {name: np.asarray(value).tolist() for name, value in jax.device_get(sums).items()}
    before = {number: each for number, each in _read(path).items() if int(number) < step}
    kept = dict([*before.items()][1 - KEPT :]) | {str(step): values}
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(kept), encoding="utf-8")
    os.replace(unfinished, path)


def saved(folder: Path, step: int) -> Sums:
    """What `save` kept at this step; nothing if it did not, or the file is damaged."""
    return {name: np.array(value, np.float32) for name, value in _read(folder / FILE).get(str(step), {}).items()}


def _read(path: Path) -> dict[str, dict[str, list]]:
    """From steps to names to sums; empty if the file is missing or holds something else."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        whole = all(len(value) == 2 for sums in record.values() for value in map(np.asarray, sums.values()))
        return record if whole and all(step.isdecimal() for step in record) else {}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
