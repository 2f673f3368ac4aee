"""The players follow the joint gradient as a differential equation, integrated to higher order."""

from typing import Literal

import jax
import optax
from jaxtyping import Array, Float, PyTree

from jaxgan.checks import require_choice, require_number
from jaxgan.core import Dynamics, Game, Info, Players, Turn
from jaxgan.devices import average
from jaxgan.dynamics.move import check_rates, gradient_norms, rates_at
from jaxgan.games.gradients import field

TABLEAUS: dict[int, tuple[tuple[float, ...], tuple[float, ...]]] = {
    2: ((1.0,), (1 / 2, 1 / 2)),
    4: ((1 / 2, 1 / 2, 1.0), (1 / 6, 1 / 3, 1 / 3, 1 / 6)),
}
"""For each order: how far ahead each further stage looks along the one before, and the weights of all stages."""


def runge_kutta(
    learning_rates: Players, *, order: Literal[2, 4] = 4, regularization: float | Float[Array, ""] = 0.0
) -> Dynamics:
    """ODE-GAN: one Runge-Kutta step of dω/dt = −v(ω), then ψ ← ψ − hλ·∇_ψ‖∇_θ L_G(θ, ψ)‖².

    v is the joint gradient; order 2 is Heun's method, with the stages v_1 = v(ω), v_2 = v(ω − h·v_1) and the step
    h·(v_1 + v_2)/2; order 4 is the classical method. A learning rate is the step size h; two different ones scale the
    two players' velocities. The regulariser is the squared norm of the generator's gradient, taken at the point where
    the step began and descended by the discriminator alone.

    Cost: `order` gradient evaluations, on the same batch with the same randomness; the regulariser adds about half a
    one. Variables move by the evaluation at the current point; those at later stages drop theirs. Info is that of the
    current point. There is no optimizer, as in the paper.

    Args:
        learning_rates: learning rates of the generator and the discriminator, each a number or a schedule of the step.
        order: 2 or 4.
        regularization: λ ≥ 0. May be traced.

    Raises:
        TypeError: if `learning_rates` is not `Players`.
        ValueError: if an option is out of range.

    Reference:
        Qin et al., [Training Generative Adversarial Networks by Solving Ordinary Differential
        Equations](https://arxiv.org/abs/2010.15040), 2020, algorithm 1.

    Examples:
        >>> after(jaxgan.dynamics.runge_kutta(jaxgan.Players(0.5, 0.5)))  # near cos 0.5 ± sin 0.5
        [1.357 0.398]
    """
    check_rates(learning_rates)
    require_choice("order", order, tuple(TABLEAUS))
    require_number("regularization", regularization, at_least=0)
    ahead, weights = TABLEAUS[order]

    def update(
        game: Game, params: Players, variables: Players, memory: tuple, turn: Turn
    ) -> tuple[Players, Players, tuple, Info]:
        rates = rates_at(learning_rates, turn)
        evaluate = field(game, variables, turn)

        def along(gradients: Players, scale: float) -> Players:
            moved = [
                jax.tree.map(lambda p, g, rate=rate: p - scale * rate * g, p, g)
                for p, g, rate in zip(params, gradients, rates, strict=True)
            ]
            return Players(*moved)

        gradients, (variables, info) = evaluate(params)
        stages = [gradients]
        for scale in ahead:
            stages.append(evaluate(along(stages[-1], scale))[0])
        mean = jax.tree.map(lambda *v: sum(w * x for w, x in zip(weights, v, strict=True)), *stages)
        moved = along(mean, 1.0)

        def squared_norm(params_d: PyTree) -> Float[Array, ""]:
            return optax.tree.norm(evaluate(Players(params.generator, params_d))[0].generator, squared=True)

        if not (isinstance(regularization, float | int) and regularization == 0):
            pull = average(jax.grad(squared_norm)(params.discriminator))
            scale = rates.discriminator * regularization
            moved = moved._replace(discriminator=jax.tree.map(lambda p, g: p - scale * g, moved.discriminator, pull))
        return moved, variables, memory, info | gradient_norms(gradients)

    return Dynamics(lambda params: (), update)
