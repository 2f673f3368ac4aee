"""Penalties on the gradient of the critic with respect to its input.

D is the critic's logit, before any sigmoid.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.checks import require_number
from jaxgan.core import Turn
from jaxgan.devices import global_mean
from jaxgan.games.penalties.contract import Critic, Penalty, Rows
from jaxgan.games.weight import Weight, at


def r1(gamma: Weight) -> Penalty:
    """γ/2 · E[‖∇D(x)‖²] on real data.

    Args:
        gamma: γ ≥ 0, or a schedule of the step.

    Reference:
        Mescheder et al., [Which Training Methods for GANs do actually Converge?](https://arxiv.org/abs/1801.04406),
        2018, equation 9.

    Examples:
        >>> float(jaxgan.penalties.r1(gamma=2.0)(critic, real, fake, turn))  # 2/2 · 5²
        25.0
    """
    require_number("gamma", gamma, at_least=0)

    def penalty(critic: Critic, real: Rows, fake: Rows, turn: Turn) -> Float[Array, ""]:
        return at(gamma, turn.step) / 2 * global_mean(squared_gradient_norm(critic, real))

    return penalty


def r2(gamma: Weight) -> Penalty:
    """γ/2 · E[‖∇D(G(z))‖²] on samples.

    Args:
        gamma: γ ≥ 0, or a schedule of the step.

    Reference:
        Mescheder et al., [Which Training Methods for GANs do actually Converge?](https://arxiv.org/abs/1801.04406),
        2018, equation 10.

    Examples:
        >>> half_square = lambda x: jnp.sum(x**2, axis=1) / 2  # its gradient is x
        >>> float(jaxgan.penalties.r2(gamma=2.0)(half_square, real, fake, turn))  # 2/2 · |(1, 1)|²
        2.0
    """
    require_number("gamma", gamma, at_least=0)

    def penalty(critic: Critic, real: Rows, fake: Rows, turn: Turn) -> Float[Array, ""]:
        return at(gamma, turn.step) / 2 * global_mean(squared_gradient_norm(critic, fake))

    return penalty


def gradient_penalty(weight: Weight = 10.0) -> Penalty:
    """weight · E[(‖∇D(x̂)‖ − 1)²] at x̂ = εx + (1 − ε)G(z), ε uniform on [0, 1) for each row.

    Where the gradient vanishes the norm has no derivative, and the penalty passes none on.

    Args:
        weight: λ ≥ 0, or a schedule of the step.

    Reference:
        Gulrajani et al., [Improved Training of Wasserstein GANs](https://arxiv.org/abs/1704.00028), 2017, equation 3.

    Examples:
        >>> float(jaxgan.penalties.gradient_penalty(weight=10.0)(critic, real, fake, turn))  # 10 · (5 - 1)²
        160.0
    """
    require_number("weight", weight, at_least=0)

    def penalty(critic: Critic, real: Rows, fake: Rows, turn: Turn) -> Float[Array, ""]:
        norm = _gradient_norm(critic, _between(real, fake, turn))
        return at(weight, turn.step) * global_mean((norm - 1) ** 2)

    return penalty


def one_sided(weight: Weight = 10.0) -> Penalty:
    """weight · E[max(0, ‖∇D(x̂)‖ − 1)²] at the points of `gradient_penalty`: slopes below 1 are free (WGAN-LP).

    Args:
        weight: λ ≥ 0, or a schedule of the step.

    Reference:
        Petzka et al., [On the Regularization of Wasserstein GANs](https://arxiv.org/abs/1709.08894), 2018, the penalty
        of WGAN-LP; named in [Gulrajani et al., 2017](https://arxiv.org/abs/1704.00028), section 4.

    Examples:
        >>> float(jaxgan.penalties.one_sided(weight=10.0)(lambda x: x[:, 0] / 2, real, fake, turn))  # shorter than 1
        0.0
    """
    require_number("weight", weight, at_least=0)

    def penalty(critic: Critic, real: Rows, fake: Rows, turn: Turn) -> Float[Array, ""]:
        norm = _gradient_norm(critic, _between(real, fake, turn))
        return at(weight, turn.step) * global_mean(jax.nn.relu(norm - 1) ** 2)

    return penalty


def zero_centered(weight: Weight) -> Penalty:
    """weight · E[‖∇D(x̂)‖²] at the points of `gradient_penalty`, between real data and samples.

    There is no factor 1/2, unlike in `r1` and `r2`.

    Args:
        weight: λ ≥ 0, or a schedule of the step; the paper takes 100.

    Reference:
        Thanh-Tung et al., [Improving Generalization and Stability of Generative Adversarial
        Networks](https://arxiv.org/abs/1902.03984), 2019, 0-GP.

    Examples:
        >>> float(jaxgan.penalties.zero_centered(weight=2.0)(critic, real, fake, turn))
        50.0
    """
    require_number("weight", weight, at_least=0)

    def penalty(critic: Critic, real: Rows, fake: Rows, turn: Turn) -> Float[Array, ""]:
        squared = squared_gradient_norm(critic, _between(real, fake, turn))
        return at(weight, turn.step) * global_mean(squared)

    return penalty


def dragan(weight: Weight = 10.0, deviation: Weight = 0.5) -> Penalty:
    """weight · E[(‖∇D(x + δ)‖ − 1)²], δ ~ N(0, deviation²·I): near real data alone, whatever the samples are.

    Args:
        weight: λ ≥ 0, or a schedule of the step.
        deviation: √c ≥ 0 in units of the data, or a schedule of the step. The paper leaves it to the domain.

    Reference:
        Kodali et al., [On Convergence and Stability of GANs](https://arxiv.org/abs/1705.07215), 2017. The authors' code
        draws δ uniformly on [0, s/2), s the standard deviation of the batch.

    Examples:
        >>> float(jaxgan.penalties.dragan(weight=10.0)(critic, real, fake, turn))  # 10 · (5 - 1)²
        160.0
    """
    require_number("weight", weight, at_least=0)
    require_number("deviation", deviation, at_least=0)

    def penalty(critic: Critic, real: Rows, fake: Rows, turn: Turn) -> Float[Array, ""]:
        noise = turn.draw("penalty", lambda key: jax.random.normal(key, real.shape[1:], real.dtype))
        norm = _gradient_norm(critic, real + at(deviation, turn.step) * noise)
        return at(weight, turn.step) * global_mean((norm - 1) ** 2)

    return penalty


def squared_gradient_norm(critic: Critic, x: Rows) -> Float[Array, "batch"]:
    """‖∇ₓ Σ critic(x)‖² of each row, by all of its arrays.

    With a critic that couples rows (batch normalisation), this is the gradient of the sum over the whole batch.

    Examples:
        >>> print(jaxgan.penalties.squared_gradient_norm(critic, real))
        [25. 25.]
    """
    gradient = jax.grad(lambda x: jnp.sum(critic(x)))(x)
    return jax.tree.reduce(
        jnp.add, jax.tree.map(lambda each: jnp.sum(each**2, axis=tuple(range(1, each.ndim))), gradient)
    )


def _gradient_norm(critic: Critic, x: Rows) -> Float[Array, "batch"]:
    """The root of `squared_gradient_norm`, with derivative 0 where it is 0."""
    squared = squared_gradient_norm(critic, x)
    return jnp.sqrt(jnp.maximum(squared, jnp.finfo(squared.dtype).tiny))


def _between(real: Rows, fake: Rows, turn: Turn) -> Rows:
    """A point drawn uniformly on the line from each sample to the real datum of its row."""
    mix = turn.draw("penalty", lambda key: jax.random.uniform(key))

    def between(real: Float[Array, "batch ..."], fake: Float[Array, "batch ..."]) -> Float[Array, "batch ..."]:
        share = mix.reshape(-1, *[1] * (real.ndim - 1)).astype(real.dtype)
        return share * real + (1 - share) * fake

    return jax.tree.map(between, real, fake)
