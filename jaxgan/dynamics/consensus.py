"""Both players also descend the size of the joint gradient."""

import jax
from jaxtyping import Array, Float

from jaxgan.checks import require_number
from jaxgan.core import Dynamics, Game, Info, Players, Turn
from jaxgan.devices import average
from jaxgan.dynamics.move import check_optimizers, gradient_norms, init_optimizers, move_both
from jaxgan.games.gradients import field


def consensus(optimizers: Players, gamma: float | Float[Array, ""]) -> Dynamics:
    """Consensus optimisation: ω ← ω + u(−(v + γ·Jᵀv)), with v the joint gradient, J its Jacobian, optimizers u.

    Jᵀv is the gradient of ½‖v‖². The optimizers are given the sum. The gradient norms in the info are those of v.

    Cost: one gradient evaluation and one reverse pass through it, about three gradient evaluations in all. Variables
    move by that evaluation.

    Args:
        optimizers: optax optimizers of the generator and the discriminator.
        gamma: γ ≥ 0. May be traced.

    Raises:
        TypeError: if `optimizers` is not `Players` of optax optimizers.
        ValueError: if γ is negative.

    Reference:
        Mescheder et al., [The Numerics of GANs](https://arxiv.org/abs/1705.10461), 2017, algorithm 2.

    Examples:
        >>> after(jaxgan.dynamics.consensus(optimizers, gamma=0.5))
        [1.25 0.25]
    """
    check_optimizers(optimizers)
    require_number("gamma", gamma, at_least=0)

    def init(params: Players) -> Players:
        return init_optimizers(optimizers, params)

    def update(
        game: Game, params: Players, variables: Players, memory: Players, turn: Turn
    ) -> tuple[Players, Players, Players, Info]:
        gradients, transposed, (variables, info) = jax.vjp(field(game, variables, turn), params, has_aux=True)
        (pull,) = average(transposed(gradients))
        adjusted = jax.tree.map(lambda v, p: v + gamma * p, gradients, pull)
        params, memory = move_both(optimizers, adjusted, memory, params, info)
        return params, variables, memory, info | gradient_norms(gradients)

    return Dynamics(init, update)
