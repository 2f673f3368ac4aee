"""What a penalty returns."""

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.errors import InputTypeError
from jaxgan.games.term import Critic as Critic
from jaxgan.games.term import Penalty as Penalty
from jaxgan.games.term import Rows as Rows


def check_penalty(penalty: Penalty, value: Any) -> Float[Array, ""]:
    """Raise `TypeError` unless what a penalty returned is a scalar; returns it."""
    shape = getattr(value, "shape", () if isinstance(value, int | float) else None)
    if shape != ():
        name = getattr(penalty, "__qualname__", type(penalty).__name__)
        what = type(value).__name__ if shape is None else f"shape {shape}; take jaxgan.devices.global_mean of it"
        raise InputTypeError(f"each of penalties must return a scalar; {name} returned {what}")
    return jnp.asarray(value)
