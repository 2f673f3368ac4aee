"""Extragradient at the cost of one gradient: both players look ahead by the gradients of the previous step."""

from typing import NamedTuple

import optax

from jaxgan.core import Dynamics, Game, Info, Players, Turn
from jaxgan.dynamics.move import check_optimizers, gradient_norms, init_optimizers, move_both
from jaxgan.games.gradients import field


class Past(NamedTuple):
    """Memory of `past_extragradient`."""

    optimizers: Players
    gradients: Players


def past_extragradient(optimizers: Players) -> Dynamics:
    """Extrapolation from the past: ω'_t = ω_t + u(−v(ω'_{t−1})), then ω_{t+1} = ω_t + u(−v(ω'_t)).

    v is the joint gradient, u the optimizers, and v(ω'_{−1}) = 0. The optimizers' memory moves in both halves of the
    step: Adam's moments take every gradient twice, and a learning-rate schedule inside an optimizer runs twice as fast.
    With SGD the points ω' are those of `optimistic`.

    Cost: one gradient evaluation a step. It is at the extrapolated point ω', so variables and info are those of ω'.

    Args:
        optimizers: optax optimizers of the generator and the discriminator.

    Raises:
        TypeError: if `optimizers` is not `Players` of optax optimizers.

    Reference:
        Popov, A modification of the Arrow-Hurwicz method for search of saddle points, 1980; Gidel et al., [A
        Variational Inequality Perspective on GANs](https://arxiv.org/abs/1802.10551), 2019, algorithms 3 (SGD) and 4,
        option 2 (Adam).

    Examples:
        >>> after(jaxgan.dynamics.past_extragradient(optimizers), steps=2)  # (1.5, 0.5); gradients at (2, 0)
        [ 1.5 -0.5]
    """
    check_optimizers(optimizers)

    def init(params: Players) -> Past:
        return Past(init_optimizers(optimizers, params), optax.tree.zeros_like(params))

    def update(
        game: Game, params: Players, variables: Players, memory: Past, turn: Turn
    ) -> tuple[Players, Players, Past, Info]:
        ahead, states = move_both(optimizers, memory.gradients, memory.optimizers, params)
        gradients, (variables, info) = field(game, variables, turn)(ahead)
        params, states = move_both(optimizers, gradients, states, params)
        return params, variables, Past(states, gradients), info | gradient_norms(gradients)

    return Dynamics(init, update)
