"""How much of a push on the samples' logits a loss leaves to the generator."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.core import Players
from jaxgan.devices import average, global_mean
from jaxgan.games.losses.contract import Logits


def slope(real: Logits, fake: Logits, loss: Callable[[Logits, Logits], Players]) -> Float[Array, ""]:
    """mean |∂ℓ_G/∂d| over the samples' logits d, the loss of the whole batch differentiated by each."""
    slopes = jax.grad(lambda fake: jnp.sum(loss(real, fake).generator))(fake)
    return average(jnp.mean(jnp.abs(slopes)))


def vanishing(real: Logits, fake: Logits, loss: Callable[[Logits, Logits], Players]) -> Float[Array, ""]:
    """`slope` over that of the non-saturating loss, mean σ(−d), see `jaxgan.diagnostics.Saturation`; 1 where the
    latter is 0."""
    usual = global_mean(jax.nn.sigmoid(-fake))
    return jnp.where(usual == 0, 1.0, slope(real, fake, loss) / jnp.where(usual == 0, 1, usual))
