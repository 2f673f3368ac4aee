"""A generator that learns only from its best samples."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.checks import require, require_number
from jaxgan.core import Players, Turn
from jaxgan.devices import all_rows, global_rows
from jaxgan.games.losses.contract import Logits, Loss, Objective, objective
from jaxgan.games.weight import Weight, at


def top_k(loss: Loss | Objective, fraction: Weight) -> Objective:
    """The generator's loss is the mean over the k samples with the highest logits; the discriminator's does not change.

    k is fraction · B rounded, at least 1, of the B samples of the whole batch, on all devices together; among equals
    the first rows win. Samples that are judged by patches are ranked by the mean of their logits. The paper lowers k
    from B epoch by epoch to a part of it: `optax.exponential_decay(1.0, steps_an_epoch, 0.99, end_value=0.5)`.

    Args:
        loss: any loss.
        fraction: in (0, 1], or a schedule of the step.

    Raises:
        ValueError: if the fraction is out of range.

    Reference:
        Sinha et al., [Top-k Training of GANs: Improving GAN Performance by Throwing Away Bad
        Samples](https://arxiv.org/abs/2002.06224), 2020, algorithm 1.

    Examples:
        >>> loss = jaxgan.losses.top_k(jaxgan.losses.wasserstein(), fraction=0.5)  # the better half of the samples
        >>> turn = jaxgan.Turn(jaxgan.Batch(jnp.zeros([2, 1])), jax.random.key(0), jnp.array(0))
        >>> print(loss.apply(jnp.zeros(2), jnp.array([-1.0, 3.0]), turn).generator)
        [ 0. -6.]
    """
    require_number("fraction", fraction)
    require(not isinstance(fraction, int | float) or 0 < fraction <= 1, f"fraction must be in (0, 1], got {fraction}")
    inner = objective(loss)

    def apply(real: Logits, fake: Logits, turn: Turn) -> Players:
        values = inner.apply(real, fake, turn)
        share = _share_of_top(fake, at(fraction, turn.step))
        return values._replace(generator=values.generator * share)

    return inner._replace(apply=apply)


def _share_of_top(logits: Logits, fraction: Float[Array, ""] | float) -> Float[Array, "batch ..."]:
    """B/k for the rows among the k highest, 0 for the others."""
    scores = all_rows(logits.reshape(len(logits), -1).mean(axis=1))
    k = jnp.clip(jnp.round(fraction * len(scores)), 1, len(scores))
    ranks = jnp.argsort(jnp.argsort(-scores))[global_rows(len(logits))]
    share = jnp.where(ranks < k, len(scores) / k, 0).astype(logits.dtype)
    return share.reshape(-1, *[1] * (logits.ndim - 1))
