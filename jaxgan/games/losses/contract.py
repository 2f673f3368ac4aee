"""What a loss is, and what it becomes when it needs more than logits."""

from collections.abc import Callable
from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.checks import require, require_call
from jaxgan.core import Players, Turn
from jaxgan.errors import InputTypeError
from jaxgan.games.term import Term

Logits = Float[Array, "batch *patch"]
Loss = Callable[[Logits, Logits], Players]


class Objective(NamedTuple):
    """A loss that sees the turn. `jaxgan.gan` takes plain losses and objectives. For a loss with variables, use one of
    `jaxgan.terms`."""

    apply: Callable[[Logits, Logits, Turn], Players]
    """`(real_logits, fake_logits, turn) -> per-sample losses`."""
    terms: tuple[Term, ...] = ()
    """Terms that come with the loss."""


def objective(loss: Loss | Objective) -> Objective:
    """Turn a plain loss into an `Objective`; return an `Objective` unchanged.

    Raises:
        TypeError: if `loss` does not take two arguments; while tracing, if it does not return `Players`.
        ValueError: while tracing, if its values do not have the shape of the logits.

    Examples:
        >>> jaxgan.losses.objective(jaxgan.losses.hinge()).terms
        ()
    """
    if isinstance(loss, Objective):
        return loss
    require_call("loss", loss, "real_logits, fake_logits", "losses.non_saturating()")

    def apply(real: Logits, fake: Logits, turn: Turn) -> Players:
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
        return values

    return Objective(apply)
