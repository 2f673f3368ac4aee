"""Both players look one step ahead, and move from their old place by the gradients at the new one."""

from jaxgan.core import Dynamics, Game, Info, Players, Turn
from jaxgan.dynamics.move import check_optimizers, gradient_norms, init_optimizers, move_both
from jaxgan.games.gradients import field


def extragradient(optimizers: Players) -> Dynamics:
    """Extragradient: ω' = ω + u(−v(ω)), then ω ← ω + u(−v(ω')), with v the joint gradient and optimizers u.

    With Adam this is ExtraAdam: the optimizers' memory moves in both halves of the step, so Adam's moments and its
    count move twice a step, and a learning-rate schedule inside an optimizer runs twice as fast.

    Cost: two gradient evaluations a step, on the same batch with the same randomness. Variables move by the evaluation
    at the current point ω; the one at ω' drops its own. Info is that of ω.

    Args:
        optimizers: optax optimizers of the generator and the discriminator.

    Raises:
        TypeError: if `optimizers` is not `Players` of optax optimizers.

    Reference:
        Korpelevich, The extragradient method for finding saddle points and other problems, 1976; Gidel et al., [A
        Variational Inequality Perspective on GANs](https://arxiv.org/abs/1802.10551), 2019, algorithms 2 (SGD) and 4,
        option 1 (Adam), with one batch for both evaluations.

    Examples:
        >>> after(jaxgan.dynamics.extragradient(optimizers))  # the gradients are those at (1.5, 0.5)
        [1.25 0.25]
    """
    check_optimizers(optimizers)

    def init(params: Players) -> Players:
        return init_optimizers(optimizers, params)

    def update(
        game: Game, params: Players, variables: Players, memory: Players, turn: Turn
    ) -> tuple[Players, Players, Players, Info]:
        evaluate = field(game, variables, turn)
        gradients, (variables, info) = evaluate(params)
        ahead, memory = move_both(optimizers, gradients, memory, params, info)
        gradients_ahead, (_, info_ahead) = evaluate(ahead)
        params, memory = move_both(optimizers, gradients_ahead, memory, params, info_ahead)
        return params, variables, memory, info | gradient_norms(gradients)

    return Dynamics(init, update)
