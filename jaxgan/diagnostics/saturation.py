"""How confident the discriminator is, and how much gradient that leaves to the generator."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.checks import require_number
from jaxgan.devices import global_mean
from jaxgan.games.losses import Logits, Loss
from jaxgan.games.losses.slope import slope, vanishing


class Saturation(NamedTuple):
    """Numbers of one batch of logits."""

    real: Float[Array, ""]
    """Share of real logits d with σ(d) within `margin` of 0 or 1, in [0, 1]."""
    fake: Float[Array, ""]
    """The same share for the samples' logits."""
    slope: Float[Array, ""]
    """mean |∂ℓ_G/∂d| over the samples' logits d: what is left of a push on the logit for the generator to follow."""
    vanishing: Float[Array, ""]
    """`slope` over that of the non-saturating loss, mean σ(−d). 1 for that loss; for minimax, mean σ(d) / mean σ(−d),
    which vanishes where the discriminator rejects the samples; above 1 where the loss pushes harder than it."""


def saturation(
    real_logits: Logits, fake_logits: Logits, loss: Loss, *, margin: float | Float[Array, ""] = 0.01
) -> Saturation:
    """Measure how saturated the discriminator is on logits `[B, ...]`, and how much gradient a loss passes on to the
    generator.

    The slope is that of the per-sample loss ℓ_G, with the loss of the whole batch differentiated by each logit, so
    losses that couple rows (relativistic ones) are meant as well. Can be traced.

    Args:
        real_logits: logits of a batch of data.
        fake_logits: logits of as many samples, from the same discriminator.
        loss: the game's own, one of `jaxgan.losses`.
        margin: in [0, 0.5).

    Raises:
        ValueError: if the margin is out of range.

    Reference:
        Goodfellow et al., [Generative Adversarial Nets](https://arxiv.org/abs/1406.2661), 2014, section 3; Arjovsky &
        Bottou, [Towards Principled Methods for Training Generative Adversarial
        Networks](https://arxiv.org/abs/1701.04862), 2017, section 2.2.1.

    Examples:
        >>> sure, unsure = jnp.full(4, 20.0), jnp.zeros(4)
        >>> found = jaxgan.diagnostics.saturation(sure, unsure, jaxgan.losses.non_saturating())
        >>> float(found.real), float(found.fake)
        (1.0, 0.0)
    """
    require_number("margin", margin, at_least=0, below=0.5)

    def sure(logits: Logits) -> Float[Array, ""]:
        return global_mean((jax.nn.sigmoid(-jnp.abs(logits)) <= margin).astype(logits.dtype))

    logits = real_logits, fake_logits
    return Saturation(sure(real_logits), sure(fake_logits), slope(*logits, loss), vanishing(*logits, loss))
