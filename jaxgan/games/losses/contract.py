"""What a loss is, and what it becomes when it needs more than logits."""

from collections.abc import Callable
from typing import NamedTuple

from jaxtyping import Array, Float, PyTree

from jaxgan.core import Players, Turn

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
    """A plain loss as an `Objective` without variables; an `Objective` as it is."""
    if isinstance(loss, Objective):
        return loss
    return Objective(lambda: (), lambda variables, real, fake, turn: (loss(real, fake), variables))
