"""A probability that follows how much the discriminator overfits."""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from jaxgan.checks import require, require_number
from jaxgan.core import Info, Turn
from jaxgan.devices import couple_rows, global_mean, total_rows


class Adaptive(NamedTuple):
    """The probability, and the logits' signs since its last move."""

    probability: Float[Array, ""]
    """In [0, 1]."""
    signs: Float[Array, ""]
    """Sum of the means of sign(D(x)) over the real rows of each pass."""
    passes: Int[Array, ""]


class Pace(NamedTuple):
    """Where an adaptive probability goes, and how fast."""

    target: float | Float[Array, ""]
    """Target of r_t = E[sign(D(x))] on real rows, in [−1, 1]: above it the probability rises, below it falls."""
    images: int
    """Number of real images in which the probability goes from 0 to 1."""
    interval: int
    """Discriminator passes from one move to the next."""

    def check(self) -> None:
        """Raise `ValueError`, naming the first argument that is out of range."""
        require_number("target", self.target, at_least=-1)
        require(
            not isinstance(self.target, int | float) or self.target <= 1, f"target must be at most 1, got {self.target}"
        )
        for name in ("images", "interval"):
            value = getattr(self, name)
            require(
                isinstance(value, int) and value >= 1, f"{name} must be a whole number of at least 1, got {value!r}"
            )


def start() -> Adaptive:
    """State at the start: probability 0, and no signs."""
    return Adaptive(jnp.zeros(()), jnp.zeros(()), jnp.zeros((), jnp.int32))


def follow(pace: Pace, before: Adaptive, real_logits: Float[Array, "batch ..."], turn: Turn) -> tuple[Adaptive, Info]:
    """Count one pass; on every `interval`-th, p ← p + sign(r_t − target)·B·interval / images, kept in [0, 1].

    B is the rows of one pass on all devices, r_t the mean over the passes since the last move.

    Reference:
        Karras et al., [Training Generative Adversarial Networks with Limited Data](https://arxiv.org/abs/2006.06676),
        2020, equation 1 and section 3.1.
    """
    couple_rows("an adaptive augmentation")
    passes = before.passes + 1
    signs = before.signs + global_mean(jnp.sign(real_logits))
    overfits = jnp.sign(signs / passes - pace.target)
    moved = before.probability + overfits * total_rows(turn.rows()) * pace.interval / pace.images
    due = passes == pace.interval
    after = Adaptive(
        probability=jnp.where(due, jnp.clip(moved, 0, 1), before.probability),
        signs=jnp.where(due, 0, signs),
        passes=jnp.where(due, 0, passes),
    )
    return after, {"augment_probability": after.probability}
