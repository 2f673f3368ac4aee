"""The means of a run's numbers between two reports, added up on the device."""

import json
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxgan.core import DUE, Info
from jaxgan.files import json_text

Sums = dict[str, Float[Array, "2 ..."] | Float[np.ndarray, "2 ..."]]
"""By name: the sum over the steps in which it was computed, and their number."""

FILE = "means.json"
"""In a checkpoint: the sums since the last report."""
TICK = "tick.json"
"""In a checkpoint: those of the tick that has begun, see `jaxgan.program.loop.Ticks`."""


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


def text(sums: Sums) -> str:
    """What has been added up since the last report, to be kept with a checkpoint."""
    return json_text({name: np.asarray(value).tolist() for name, value in jax.device_get(sums).items()})


def parsed(text: str | None) -> Sums:
    """The sums that `text` made; none of a checkpoint without."""
    return {name: np.array(value, np.float32) for name, value in json.loads(text or "{}").items()}
