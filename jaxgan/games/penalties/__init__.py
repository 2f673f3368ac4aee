"""Penalties on the discriminator: functions `(critic, real, fake, turn) -> scalar`, added to its loss.

`critic: [B, ...] -> [B, ...]` is the discriminator with its parameters, condition and variables inside. It runs in
training mode, so batch normalisation normalises by the statistics of the batch it is given, and the statistics it would
move are dropped. Weights are numbers, traced numbers, or schedules of the step (any optax schedule).

A penalty of your own is such a function; copy one of these. What acts on parameters alone belongs to the optimizer, see
`jaxgan.optimizers`; what acts on logits alone is a loss, see `jaxgan.losses`.

Examples:
    >>> critic = lambda x: 3 * x[:, 0] + 4 * x[:, 1]  # its gradient has length 5
    >>> real, fake = jnp.zeros([2, 2]), jnp.ones([2, 2])
    >>> turn = jaxgan.Turn(jaxgan.Batch(real), jax.random.key(0), jnp.array(0))
"""

from jaxgan.games.penalties.consistency import balanced_consistency, consistency, flip_and_shift
from jaxgan.games.penalties.contract import Critic, Penalty
from jaxgan.games.penalties.every import every
from jaxgan.games.penalties.gradient import (
    dragan,
    gradient_penalty,
    one_sided,
    r1,
    r2,
    squared_gradient_norm,
    zero_centered,
)

__all__ = [
    "Critic",
    "Penalty",
    "balanced_consistency",
    "consistency",
    "dragan",
    "every",
    "flip_and_shift",
    "gradient_penalty",
    "one_sided",
    "r1",
    "r2",
    "squared_gradient_norm",
    "zero_centered",
]
