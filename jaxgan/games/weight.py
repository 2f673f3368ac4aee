"""Weights of terms: numbers, traced numbers, or schedules of the step (any optax schedule)."""

from collections.abc import Callable

from jaxtyping import Array, Float, Int

Weight = float | Float[Array, ""] | Callable[[Int[Array, ""]], Float[Array, ""]]


def at(weight: Weight, step: Int[Array, ""]) -> Float[Array, ""] | float:
    """The weight at this step."""
    return weight(step) if callable(weight) else weight
