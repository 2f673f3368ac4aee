"""Means of a run's numbers between two reports, which are summed on the device."""

import json
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxgan.core import DUE, Info
from jaxgan.files import json_text

Sums = dict[str, Float[Array, "2 ..."] | Float[np.ndarray, "2 ..."]]
"""For each name, the sum over the steps that computed it, and the number of these steps."""

FILE = "means.json"
"""File in a checkpoint with the sums since the last report."""
TICK = "tick.json"
"""File in a checkpoint with the sums of the current tick, see `jaxgan.program.loop.Ticks`."""


@jax.jit
def added(sums: Sums, infos: Info) -> Sums:
    """Add more steps to the sums; their numbers are stacked along the first axis.

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


def text(sums: Sums) -> str:
    """Sums since the last report as text, to store with a checkpoint."""
    return json_text({name: np.asarray(value).tolist() for name, value in jax.device_get(sums).items()})


def parsed(text: str | None) -> Sums:
    """The inverse of `text`; no sums for a checkpoint without them."""
    return {name: np.array(value, np.float32) for name, value in json.loads(text or "{}").items()}
