"""Checks of a batch and of a game's functions by their shapes, before anything is compiled."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Key, PyTree

from jaxgan.checks import described, require
from jaxgan.core import Batch, Dynamics, Game, GANState, Players, Turn
from jaxgan.errors import InputError, InputTypeError


def check_parts(game: Any, dynamics: Any) -> None:
    """Raise `TypeError` unless `game` is a `Game` and `dynamics` a `Dynamics`."""
    if not isinstance(game, Game):
        raise InputTypeError(f"game must be a Game, such as jaxgan.gan(...) makes; got {described(game)}")
    if not isinstance(dynamics, Dynamics):
        raise InputTypeError(
            f"dynamics must be a Dynamics, such as jaxgan.dynamics.alternating(optimizers) makes; "
            f"got {described(dynamics)}"
        )


def check_batch(batch: Any) -> None:
    """Raise `TypeError` or `ValueError` unless `batch` is a `Batch` of arrays with one leading axis of at least 1 row.

    Real data must be floating-point. Values of arrays, not of traced ones, are looked at: pixels in 0..255 are refused.
    """
    if not isinstance(batch, Batch):
        raise InputTypeError(f"batch must be a jaxgan.Batch(real, condition=None); got {described(batch)}")
    leaves = jax.tree_util.tree_leaves_with_path(batch)
    require(bool(jax.tree.leaves(batch.real)), f"batch.real must hold arrays, got {batch.real!r}")
    for path, leaf in leaves:
        if not hasattr(leaf, "shape") or not hasattr(leaf, "dtype"):
            raise InputTypeError(f"batch{jax.tree_util.keystr(path)} must be an array, got {described(leaf)}")
        require(
            len(leaf.shape) > 0, f"batch{jax.tree_util.keystr(path)} must have a leading axis of rows, got a scalar"
        )
    rows = {leaf.shape[0] for _, leaf in leaves}
    if len(rows) > 1 or rows == {0}:
        shapes = ", ".join(f"batch{jax.tree_util.keystr(path)} {leaf.shape}" for path, leaf in leaves)
        raise InputError(f"the arrays of a batch must have the same number of rows, at least 1; got {shapes}")
    for path, leaf in jax.tree_util.tree_leaves_with_path(batch.real):
        name = f"batch.real{jax.tree_util.keystr(path)}"
        if leaf.dtype == np.uint8:
            raise InputTypeError(
                f"{name} must be floating-point, images in [-1, 1]; got uint8: x / 127.5 - 1 decodes it"
            )
        require(not _are_pixels(leaf), f"{name} holds whole numbers from 0 to 255; images must be in [-1, 1]")


def is_traced(batch: Batch) -> bool:
    """Whether `batch` is only traced, as in `jax.eval_shape(algorithm.init, key, batch)`; it may be short then."""
    return any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(batch))


def check_start(params: Any, variables: Any) -> None:
    """Raise `TypeError` unless both are `Players`, as `Game.init` says."""
    for name, value in (("parameters", params), ("variables", variables)):
        if not isinstance(value, Players):
            raise InputTypeError(
                f"game.init must return (params, variables), each Players; its {name} are {_kind(value)}"
            )


def check_game(game: Game, params: Players, variables: Players, turn: Turn) -> None:
    """Raise `TypeError` unless `generate` and `judge` return what `Game` says."""
    generate = jax.eval_shape(game.generate, params.generator, variables.generator, turn)
    if not _is_pair(generate):
        raise InputTypeError(f"game.generate must return (samples, variables), got {_kind(generate)}")
    _check_kept("game.generate", "the variables", variables.generator, generate[1])
    judge = jax.eval_shape(game.judge, params.discriminator, variables.discriminator, generate[0], turn)
    if not (_is_pair(judge) and isinstance(judge[0], Players) and _is_pair(judge[1])):
        raise InputTypeError(f"game.judge must return (Players of losses, (variables, info)), got {_kind(judge)}")
    _check_kept("game.judge", "the variables", variables.discriminator, judge[1][0])
    for player, loss in zip(Players._fields, judge[0], strict=True):
        require(jnp.shape(loss) == (), f"game.judge: the loss of the {player} must be a scalar, got {jnp.shape(loss)}")


def check_step(game: Game, step: Any, state: GANState, batch: Batch, key: Key[Array, ""]) -> None:
    """Raise `TypeError` if a step would change the structure, a shape or a type of the state.

    Where the step fails, the game's functions are looked at on their own first, to say which of them is wrong.
    """
    try:
        after, _ = jax.eval_shape(step, state, batch, key)
        for name, old, new in zip(GANState._fields, state, after, strict=True):
            _check_kept("a step", f"state.{name}", old, new)
    except Exception:
        check_game(game, state.params, state.variables, Turn(batch, key, state.step))
        raise


def _check_kept(who: str, what: str, before: PyTree, after: PyTree) -> None:
    was, becomes = str(jax.tree.structure(before)), str(jax.tree.structure(after))
    if was != becomes:
        raise InputTypeError(f"{who} changes the structure of {what} from {was} to {becomes}")
    leaves = zip(jax.tree_util.tree_leaves_with_path(before), jax.tree.leaves(after), strict=True)
    for (path, old), new in leaves:
        if (jnp.shape(old), jnp.result_type(old)) != (new.shape, new.dtype):
            was, becomes = f"{jnp.result_type(old)}{list(jnp.shape(old))}", f"{new.dtype}{list(new.shape)}"
            raise InputTypeError(
                f"{who} changes {what}{jax.tree_util.keystr(path)} from {was} to {becomes}; "
                f"what is kept from step to step must keep its shape and type"
            )


def _is_pair(value: PyTree) -> bool:
    return type(value) is tuple and len(value) == 2


def _are_pixels(x: Any) -> bool:
    if isinstance(x, jax.core.Tracer | jax.ShapeDtypeStruct) or len(x.shape) < 3 or x.size == 0:
        return False
    values = np.asarray(x)
    return bool(values.min() >= 0 and 1 < values.max() <= 255 and np.all(values == np.round(values)))


def _kind(value: Any) -> str:
    return f"a tuple of {len(value)}" if type(value) is tuple else type(value).__name__
