"""Something drawn, or else what changes nothing."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key, Num

Probability = float | Float[Array, ""]


def sometimes(
    key: Key[Array, ""],
    probability: Probability,
    draw: Callable[[Key[Array, ""]], Num[Array, "..."]],
    neutral: float,
) -> Num[Array, "..."]:
    """`draw(key)` with this probability, never at 0 and always at 1; else `neutral`."""
    key_chance, key_value = jax.random.split(key)
    return jnp.where(jax.random.uniform(key_chance) < probability, draw(key_value), neutral)
