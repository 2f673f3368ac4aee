"""Penalties on the discriminator: functions `(critic, real, fake, turn) -> scalar`, added to its loss.

`critic: [B, ...] -> [B, ...]` is the discriminator with its parameters, condition and variables inside. It runs in
training mode, so batch normalisation normalises by the statistics of the batch it is given, and the statistics it would
move are dropped. Weights are numbers, traced numbers, or schedules of the step (any optax schedule).

A penalty of your own is such a function; copy one of these.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float, Int

from jaxgan.checks import require, require_number
from jaxgan.core import Turn
from jaxgan.devices import global_mean

Critic = Callable[[Float[Array, "batch ..."]], Float[Array, "batch ..."]]
Penalty = Callable[[Critic, Float[Array, "batch ..."], Float[Array, "batch ..."], Turn], Float[Array, ""]]
Weight = float | Float[Array, ""] | Callable[[Int[Array, ""]], Float[Array, ""]]


def r1(gamma: Weight) -> Penalty:
    """γ/2 · E[‖∇D(x)‖²] on real data.

    Args:
        gamma: γ ≥ 0, or a schedule of the step.

    Reference:
        Mescheder et al., Which Training Methods for GANs do actually Converge?, 2018, equation 9.
    """
    require_number("gamma", gamma, at_least=0)

    def penalty(critic: Critic, real: Array, fake: Array, turn: Turn) -> Float[Array, ""]:
        return _at(gamma, turn) / 2 * global_mean(squared_gradient_norm(critic, real))

    return penalty


def r2(gamma: Weight) -> Penalty:
    """γ/2 · E[‖∇D(G(z))‖²] on samples.

    Args:
        gamma: γ ≥ 0, or a schedule of the step.

    Reference:
        Mescheder et al., Which Training Methods for GANs do actually Converge?, 2018, equation 10.
    """
    require_number("gamma", gamma, at_least=0)

    def penalty(critic: Critic, real: Array, fake: Array, turn: Turn) -> Float[Array, ""]:
        return _at(gamma, turn) / 2 * global_mean(squared_gradient_norm(critic, fake))

    return penalty


def gradient_penalty(weight: Weight = 10.0) -> Penalty:
    """weight · E[(‖∇D(x̂)‖ − 1)²] at x̂ = εx + (1 − ε)G(z), ε uniform on [0, 1) for each row.

    Where the gradient vanishes the norm has no derivative, and the penalty passes none on.

    Args:
        weight: λ ≥ 0, or a schedule of the step.

    Reference:
        Gulrajani et al., Improved Training of Wasserstein GANs, 2017, equation 3.
    """
    require_number("weight", weight, at_least=0)

    def penalty(critic: Critic, real: Array, fake: Array, turn: Turn) -> Float[Array, ""]:
        mix = turn.draw("penalty", lambda key: jax.random.uniform(key, (1,) * (real.ndim - 1), real.dtype))
        squared = squared_gradient_norm(critic, mix * real + (1 - mix) * fake)
        norm = jnp.sqrt(jnp.maximum(squared, jnp.finfo(squared.dtype).tiny))
        return _at(weight, turn) * global_mean((norm - 1) ** 2)

    return penalty


def every(n: int, penalty: Penalty) -> Penalty:
    """Lazy regularisation: n times the penalty on the steps 0, n, 2n, ..., and nothing, at no cost, in between.

    The branch stays a branch in one compiled program. On the CPU XLA runs convolutions inside a branch many times
    slower, so there it pays for dense networks alone.

    Args:
        n: at least 1.

    Reference:
        Karras et al., Analyzing and Improving the Image Quality of StyleGAN, 2020, appendix B.
    """
    require(isinstance(n, int) and n >= 1, f"n must be a whole number of at least 1, got {n!r}")

    def lazy(critic: Critic, real: Array, fake: Array, turn: Turn) -> Float[Array, ""]:
        value = jax.eval_shape(lambda: penalty(critic, real, fake, turn))
        return lax.cond(
            turn.step % n == 0,
            lambda: n * penalty(critic, real, fake, turn),
            lambda: jnp.zeros(value.shape, value.dtype),
        )

    return lazy


def squared_gradient_norm(critic: Critic, x: Float[Array, "batch ..."]) -> Float[Array, "batch"]:
    """‖∇ₓ Σ critic(x)‖² of each row.

    With a critic that couples rows (batch normalisation), this is the gradient of the sum over the whole batch.
    """
    gradient = jax.grad(lambda x: jnp.sum(critic(x)))(x)
    return jnp.sum(gradient**2, axis=tuple(range(1, x.ndim)))


def _at(weight: Weight, turn: Turn) -> Float[Array, ""] | float:
    return weight(turn.step) if callable(weight) else weight
