"""Both players move by twice their update minus the previous one."""

from typing import Any, NamedTuple

import jax
import optax
from jaxtyping import PyTree

from jaxgan.core import Dynamics, Players
from jaxgan.dynamics.move import check_optimizers
from jaxgan.dynamics.simultaneous import simultaneous


class Optimistic(NamedTuple):
    """Memory of an optimistic optimizer."""

    optimizer: PyTree
    updates: PyTree


def optimistic(optimizers: Players) -> Dynamics:
    """Optimistic steps: ω_{t+1} = ω_t + 2u_t − u_{t−1}, with u_t the optimizers' updates at v(ω_t) and u_{−1} = 0.

    With SGD: ω_{t+1} = ω_t − 2η·v(ω_t) + η·v(ω_{t−1}); with Adam: optimistic Adam. `simultaneous` otherwise.
    `optax.optimistic_gradient_descent` differs in the first step alone, where it takes u_{−1} = u_0;
    `optax.optimistic_adam_v2` in that and in Nesterov momentum, its default. As optimizers they serve other rules as
    well, such as `alternating`.

    Cost: one gradient evaluation a step, by which the variables move.

    Args:
        optimizers: optax optimizers of the generator and the discriminator.

    Raises:
        TypeError: if `optimizers` is not `Players` of optax optimizers.

    Reference:
        Daskalakis et al., [Training GANs with Optimism](https://arxiv.org/abs/1711.00141), 2018, section 2 (SGD) and
        algorithm 1 (Adam).

    Examples:
        >>> after(jaxgan.dynamics.optimistic(optimizers), steps=2)  # twice the gradients less the last ones
        [ 1.5 -1.5]
    """
    check_optimizers(optimizers)
    return simultaneous(Players(*map(_optimistic, optimizers)))


def _optimistic(optimizer: optax.GradientTransformation) -> optax.GradientTransformation:
    def init(params: PyTree) -> Optimistic:
        return Optimistic(optimizer.init(params), optax.tree.zeros_like(params))

    inner = optax.with_extra_args_support(optimizer)

    def update(gradient: PyTree, memory: Optimistic, params: PyTree = None, **extra: Any) -> tuple[PyTree, Optimistic]:
        updates, state = inner.update(gradient, memory.optimizer, params, **extra)
        return jax.tree.map(lambda u, before: 2 * u - before, updates, memory.updates), Optimistic(state, updates)

    return optax.GradientTransformationExtraArgs(init, update)
