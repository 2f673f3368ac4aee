"""Steps of one player and of both, with the checks and reports of rules."""

from collections.abc import Callable

import jax
import optax
from jax.experimental.layout import Layout, with_layout_constraint
from jaxtyping import Array, Float, Int, PyTree

from jaxgan.checks import described, require, require_number
from jaxgan.core import Info, Players, Turn
from jaxgan.devices import platform
from jaxgan.errors import InputTypeError

Rate = float | Float[Array, ""] | Callable[[Int[Array, ""]], Float[Array, ""]]
"""A number, a traced number, or a schedule of the step."""


def check_optimizers(optimizers: Players) -> None:
    """Raise `TypeError` unless `optimizers` is `Players` of two optax optimizers."""
    if not isinstance(optimizers, Players) or not all(hasattr(o, "init") and hasattr(o, "update") for o in optimizers):
        each = isinstance(optimizers, Players) or type(optimizers) is tuple
        got = (
            f"{type(optimizers).__name__} of {', '.join(map(described, optimizers))}" if each else described(optimizers)
        )
        raise InputTypeError(
            f"optimizers must be jaxgan.Players(generator, discriminator) of optax optimizers, such as "
            f"jaxgan.Players(optax.adam(1e-3), optax.adam(1e-3)); got {got}"
        )


def check_rates(learning_rates: Players) -> None:
    """Raise unless `learning_rates` is `Players` of two learning rates.

    Raises:
        TypeError: if it is something else.
        ValueError: if a rate is negative or not finite.
    """
    if not isinstance(learning_rates, Players):
        raise InputTypeError(f"learning_rates must be Players(generator, discriminator), got {learning_rates!r}")
    for player, rate in zip(Players._fields, learning_rates, strict=True):
        require_number(f"learning_rates.{player}", rate, at_least=0)


def rates_at(learning_rates: Players, turn: Turn) -> Players:
    """The learning rates of this step, as numbers."""
    return Players(*(rate(turn.step) if callable(rate) else rate for rate in learning_rates))


def init_optimizers(optimizers: Players, params: Players) -> Players:
    """The memory of both optimizers.

    Raises:
        ValueError: if one searches along a line, as `optax.lbfgs` does.
    """
    memory = Players(*(optimizer.init(p) for optimizer, p in zip(optimizers, params, strict=True)))
    for player, own in zip(Players._fields, memory, strict=True):
        require(
            "Linesearch" not in str(jax.tree.structure(own)),
            f"optimizers.{player} searches along a line, as optax.lbfgs does: it evaluates a loss that stays the same "
            f"while it moves, which no player of a game has; take one that needs gradients alone, such as optax.adam",
        )
    return memory


def move(
    optimizer: optax.GradientTransformation,
    gradient: PyTree,
    memory: PyTree,
    params: PyTree,
    loss: Float[Array, ""] | float | None = None,
) -> tuple[PyTree, PyTree]:
    """Apply `optimizer` once: `(params, memory)` after the step.

    One that wants the player's loss, such as `optax.contrib.reduce_on_plateau`, is given it as `value`.
    """
    gradient = as_stored(gradient) if platform() == "gpu" else gradient
    extra = {} if loss is None else {"value": loss}
    updates, memory = optax.with_extra_args_support(optimizer).update(gradient, memory, params, **extra)
    return optax.apply_updates(params, updates), memory


def as_stored(tree: PyTree) -> PyTree:
    """Arrays in the layout that parameters have in memory.

    XLA gives gradients the layouts of the convolutions that they come from; optimizers would take them over, and copy
    parameters and moments to and fro.
    """
    return jax.tree.map(lambda x: with_layout_constraint(x, Layout(tuple(range(x.ndim)))) if x.ndim > 1 else x, tree)


def move_both(
    optimizers: Players, gradients: Players, memory: Players, params: Players, info: Info | None = None
) -> tuple[Players, Players]:
    """Apply each player's optimizer once: `(params, memory)` after the step; the losses are in the info."""
    losses = Players(None, None) if info is None else Players(info["loss_generator"], info["loss_discriminator"])
    moved = [move(*player) for player in zip(optimizers, gradients, memory, params, losses, strict=True)]
    params, memory = (Players(*column) for column in zip(*moved, strict=True))
    return params, memory


def gradient_norms(gradients: Players) -> Info:
    """Euclidean norm of each player's whole gradient, as info."""
    return {
        "gradient_norm_generator": optax.tree.norm(gradients.generator),
        "gradient_norm_discriminator": optax.tree.norm(gradients.discriminator),
    }
