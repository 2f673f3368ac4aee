"""The generator first learns by a loss of its own, before the players move by any rule."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float, PyTree

from jaxgan.checks import require
from jaxgan.core import DUE, Dynamics, Game, Info, Players, Turn
from jaxgan.devices import average
from jaxgan.dynamics.move import move
from jaxgan.errors import InputTypeError

Moved = tuple[Players, Players, "Pretrained", Info]


class Pretrained(NamedTuple):
    """Memory of `pretrained`."""

    alone: PyTree
    """Memory of the optimizer."""
    inner: PyTree
    """Memory of the rule."""


def pretrained(
    inner: Dynamics,
    loss: Callable[[PyTree, Turn], Float[Array, ""]],
    optimizer: optax.GradientTransformation,
    *,
    steps: int,
    hand_over: Callable[[Players, Players], tuple[Players, Players]] | None = None,
) -> Dynamics:
    """For so many steps θ ← θ + u(−∇_θ L(θ)), and the discriminator rests; afterwards both move by `inner`.

    Each step computes one of the two. `inner` begins with a memory of its own, so that its optimizers count steps from
    there, while the turn's step counts all of them. Info is `pretraining_loss` in the first steps, and that of `inner`
    in the others, each with its `_due`.

        rule = dynamics.pretrained(
            dynamics.alternating(Players(optax.adam(1e-4), optax.adam(1e-4))),
            lambda params, turn: -jaxgan.global_mean(log_likelihood(params, turn.batch.real)),
            optax.adam(1e-2),
            steps=1000,
        )

    Args:
        inner: any rule.
        loss: `(parameters of the generator, turn) -> mean over the rows of the batch on all devices`, see
            `jaxgan.global_mean`.
        optimizer: of the generator in the first steps.
        steps: at least 0.
        hand_over: `(params, variables) -> (params, variables)` after each of the first steps, for games in which other
            networks begin as the generator is, such as `jaxgan.distilled`.

    Raises:
        TypeError: if `inner` is not a `Dynamics`, or `optimizer` not one of optax.
        ValueError: unless `steps` is a whole number of at least 0.

    Reference:
        Yu et al., [SeqGAN](https://arxiv.org/abs/1609.05473), 2017, algorithm 1, and Nie et al.,
        [RelGAN](https://openreview.net/forum?id=rJedV3R5tm), 2019, who begin with the maximum of the likelihood.

    Examples:
        >>> alone = lambda params, turn: params**2 / 2  # the generator's own loss; the discriminator rests
        >>> inner = jaxgan.dynamics.simultaneous(optimizers)
        >>> after(jaxgan.dynamics.pretrained(inner, alone, optax.sgd(0.5), steps=1))  # 1 - 0.5 · 1
        [0.5 1. ]
    """
    if not isinstance(inner, Dynamics):
        raise InputTypeError(f"inner must be a rule, such as dynamics.alternating(optimizers); got {inner!r}")
    if not (hasattr(optimizer, "init") and hasattr(optimizer, "update")):
        raise InputTypeError(f"optimizer must be one of optax, such as optax.adam(1e-2); got {optimizer!r}")
    require(isinstance(steps, int) and steps >= 0, f"steps must be a whole number of at least 0, got {steps!r}")

    def init(params: Players) -> Pretrained:
        return Pretrained(optimizer.init(params.generator), inner.init(params))

    def update(game: Game, params: Players, variables: Players, memory: Pretrained, turn: Turn) -> Moved:
        def together() -> Moved:
            moved, kept, own, info = inner.update(game, params, variables, memory.inner, turn)
            due = {name + DUE: info.get(name + DUE, 1.0) for name in info if not name.endswith(DUE)}
            told = info | due | {"pretraining_loss": 0.0, "pretraining_loss" + DUE: 0.0}
            return moved, kept, memory._replace(inner=own), jax.tree.map(jnp.asarray, told)

        nothing = jax.tree.map(lambda x: jnp.zeros(x.shape, x.dtype), jax.eval_shape(together)[-1])

        def alone() -> Moved:
            value, gradient = jax.value_and_grad(loss)(params.generator, turn)
            moved, own = move(optimizer, average(gradient), memory.alone, params.generator, value)
            info = nothing | {"pretraining_loss": value, "pretraining_loss" + DUE: jnp.ones_like(value)}
            after = params._replace(generator=moved), variables
            return *(after if hand_over is None else hand_over(*after)), memory._replace(alone=own), info

        return jax.lax.cond(turn.step < steps, alone, together)

    return Dynamics(init, update)
