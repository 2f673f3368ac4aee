"""Both players correct for the rotation of the joint gradient."""

import jax
import jax.numpy as jnp
import optax

from jaxgan.core import Dynamics, Game, Info, Players, Turn
from jaxgan.devices import average
from jaxgan.dynamics.move import check_optimizers, gradient_norms, init_optimizers, move_both
from jaxgan.games.gradients import field

EPSILON = 0.1


def symplectic_adjustment(optimizers: Players, *, align: bool = True) -> Dynamics:
    """Symplectic gradient adjustment: ω ← ω + u(−(v + λ·Aᵀv)), with A = (J − Jᵀ)/2 and optimizers u.

    v is the joint gradient and J its Jacobian, so Aᵀv = (Jᵀv − Jv)/2. Aligned, with ∇H = Jᵀv (H = ½‖v‖²) and d
    parameters in all, λ = sign(⟨v, ∇H⟩·⟨Aᵀv, ∇H⟩/d + 1/10), which draws towards stable fixed points and pushes away
    from unstable ones; otherwise λ = 1. The gradient norms in the info are those of v.

    Cost: one gradient evaluation, and one forward and one reverse pass through it, about four gradient evaluations in
    all. Variables move by that evaluation.

    Args:
        optimizers: optax optimizers of the generator and the discriminator.
        align: choose the sign of the adjustment.

    Raises:
        TypeError: if `optimizers` is not `Players` of optax optimizers.

    Reference:
        Balduzzi et al., [The Mechanics of n-Player Differentiable Games](https://arxiv.org/abs/1802.05642), 2018,
        algorithm 1.

    Examples:
        >>> after(jaxgan.dynamics.symplectic_adjustment(optimizers))
        [1. 0.]
    """
    check_optimizers(optimizers)

    def init(params: Players) -> Players:
        return init_optimizers(optimizers, params)

    def update(
        game: Game, params: Players, variables: Players, memory: Players, turn: Turn
    ) -> tuple[Players, Players, Players, Info]:
        gradients, jacobian, (variables, info) = jax.linearize(field(game, variables, turn), params, has_aux=True)
        (pull,) = average(jax.linear_transpose(jacobian, params)(gradients))
        adjustment = jax.tree.map(lambda p, forward: (p - forward) / 2, pull, jacobian(gradients))
        sign: jax.Array | float = 1.0
        if align:
            alignment = optax.tree.vdot(gradients, pull) * optax.tree.vdot(adjustment, pull)
            sign = jnp.sign(alignment / optax.tree.size(params) + EPSILON)
        adjusted = jax.tree.map(lambda v, a: v + sign * a, gradients, adjustment)
        params, memory = move_both(optimizers, adjusted, memory, params, info)
        return params, variables, memory, info | gradient_norms(gradients)

    return Dynamics(init, update)
