"""Both players move at once, from the same point."""

from jaxgan.core import Dynamics, Game, Info, Players, Turn
from jaxgan.dynamics.move import check_optimizers, gradient_norms, init_optimizers, move_both
from jaxgan.games.gradients import both


def simultaneous(optimizers: Players) -> Dynamics:
    """Simultaneous gradient steps: θ ← θ + u_g(−∇_θ L_G(θ, ψ)), ψ ← ψ + u_d(−∇_ψ L_D(θ, ψ)), with optimizers u.

    One pass: the generator runs forward and backward once, the discriminator forward once and backward twice. Each
    player's variables move by that pass.

    Args:
        optimizers: optax optimizers of the generator and the discriminator.

    Raises:
        TypeError: if `optimizers` is not `Players` of optax optimizers.

    Reference:
        Mescheder et al., [Which Training Methods for GANs do actually Converge?](https://arxiv.org/abs/1801.04406),
        2018, equation 2.

    Examples:
        >>> after(jaxgan.dynamics.simultaneous(optimizers))  # 1 + 0.5 · 1, 1 - 0.5 · 1
        [1.5 0.5]
    """
    check_optimizers(optimizers)

    def init(params: Players) -> Players:
        return init_optimizers(optimizers, params)

    def update(
        game: Game, params: Players, variables: Players, memory: Players, turn: Turn
    ) -> tuple[Players, Players, Players, Info]:
        gradients, (variables, info) = both(game, params, variables, turn)
        params, memory = move_both(optimizers, gradients, memory, params, info)
        return params, variables, memory, info | gradient_norms(gradients)

    return Dynamics(init, update)
