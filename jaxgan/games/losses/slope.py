"""How much of a push on the logits a loss passes on to the generator, and what a loss says about the discriminator."""

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


def indecision(
    value: Float[Array, ""], real: Logits, fake: Logits, loss: Callable[[Logits, Logits], Players]
) -> Float[Array, ""]:
    """Ratio of `value`, the discriminator's mean loss, to the loss of a discriminator whose logits are all 0, which
    every discriminator can reach. 1 if the latter is not above 0, as for critics without a bound."""
    undecided = jnp.mean(loss(jnp.zeros_like(real), jnp.zeros_like(fake)).discriminator)
    return jnp.where(undecided > 0, value / jnp.where(undecided > 0, undecided, 1), 1.0)
