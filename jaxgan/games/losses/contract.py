"""What a loss is, and what it becomes when it needs more than logits."""

from collections.abc import Callable
from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from jaxgan.checks import require, require_call
from jaxgan.core import Players, Turn
from jaxgan.errors import InputTypeError

Logits = Float[Array, "batch *patch"]
Loss = Callable[[Logits, Logits], Players]


class Objective(NamedTuple):
    """A loss that knows the turn and has variables: `jaxgan.gan` takes either, and keeps the variables in the state."""

    init: Callable[[], PyTree]
    """`() -> variables`, kept with those of the discriminator; an empty tree if there are none."""
    apply: Callable[[PyTree, Logits, Logits, Turn], tuple[Players, PyTree]]
    """`(variables, real_logits, fake_logits, turn) -> (per-sample losses, variables)`. The variables are given as they
    were before, so no derivative is taken through those that come back; they must be the same on every device."""


def objective(loss: Loss | Objective) -> Objective:
    """A plain loss as an `Objective` without variables; an `Objective` as it is.

    Raises:
        TypeError: if `loss` does not take two arguments; while tracing, if it does not return `Players`.
        ValueError: while tracing, if its values do not have the shape of the logits.
    """
    if isinstance(loss, Objective):
        return loss
    require_call("loss", loss, "real_logits, fake_logits", "losses.non_saturating()")

    def apply(variables: PyTree, real: Logits, fake: Logits, turn: Turn) -> tuple[Players, PyTree]:
        values = loss(real, fake)
        if not isinstance(values, Players):
            raise InputTypeError(
                f"loss must return Players(generator=..., discriminator=...) of per-sample values, "
                f"got {type(values).__name__}"
            )
        for player, value in zip(Players._fields, values, strict=True):
            shape = jnp.shape(value)
            require(
                shape == real.shape,
                f"loss must return a value for each logit, shape {real.shape}; that of the {player} has shape {shape}",
            )
        return values, variables

    return Objective(lambda: (), apply)
