"""One update from a batch in parts, one after another, for batches whose activations do not fit on a device."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Int, Key, PyTree

from jaxgan.checks import require
from jaxgan.core import Batch, Game, Info, Players, Turn
from jaxgan.devices import Part, is_kept, only_part
from jaxgan.errors import InputError
from jaxgan.games.protocol import is_traced

TOLERANCE = 1e-5
"""Tolerance for rounding, relative and absolute."""
ROWS = 4
"""Rows of each part when the two are compared."""


def accumulated(game: Game, parts: int, *, approximate: bool = False) -> Game:
    """The same game, whose players see their batch in `parts` parts (rows `i::parts`), one after another.

        L(batch) = mean over parts of L(part),   samples in the order of the batch

    Losses, penalties and gradients are those of the whole batch, up to rounding, under every rule and wrapper, and so
    are random numbers. Of each part only its input is kept; the rest is computed again for the derivatives, so a step
    holds the activations of one part and takes one forward pass more.

    That is the same game only if no row's loss depends on the others. What comes with jaxgan says so where it does; of
    networks, losses and terms of your own, `init` compares both on a few rows.

    Args:
        game: to play.
        parts: at least 1; they must divide the rows of each pass on each device.
        approximate: play it although rows depend on each other: each part then has statistics of its own.

    Raises:
        ValueError: if `parts` is no such number; from `init`, if rows depend on each other (batch normalisation, the
            minibatch standard deviation, a relativistic average, mode seeking, path lengths, ADA and APA) and
            `approximate` is False; while tracing, if the parts do not divide the rows, or something needs all rows at
            once (top-k, a contrastive head, a pool).
    """
    require(isinstance(parts, int) and parts >= 1, f"parts must be a whole number of at least 1, got {parts!r}")
    if parts == 1:
        return game

    def each(turn: Turn, function: Callable[[Int[Array, ""], Turn], PyTree]) -> PyTree:
        rows = turn.rows()
        require(rows % parts == 0, f"accumulate={parts} does not divide the {rows} rows of a pass on each device")

        @jax.checkpoint
        def one(i: Int[Array, ""]) -> PyTree:
            with only_part(Part(i, parts, approximate)):
                return function(i, turn._replace(batch=_rows(turn.batch, i, parts)))

        return jax.lax.map(one, jnp.arange(parts, dtype=jnp.int32))

    def generate(params: PyTree, variables: PyTree, turn: Turn) -> tuple[PyTree, PyTree]:
        samples, moved = each(turn, lambda i, part: game.generate(params, variables, part))
        return jax.tree.map(_in_order, samples), _joined(moved)

    def judge(params: PyTree, variables: PyTree, samples: PyTree, turn: Turn) -> tuple[Players, tuple[PyTree, Info]]:
        total, (moved, info) = each(turn, lambda i, part: game.judge(params, variables, _rows(samples, i, parts), part))
        return _joined(total), (_joined(moved), _joined(info))

    def init(key: Key[Array, ""], batch: Batch) -> tuple[Players, Players]:
        params, variables = game.init(key, batch)
        if not (approximate or is_traced(batch)):
            _compare(game, playing, params, variables, Turn(batch, key, jnp.zeros((), jnp.int32)), parts)
        return params, variables

    playing = Game(init, generate, judge, game.sample, game.latents, game.critic)
    return playing


def _rows(tree: PyTree, i: Int[Array, ""], parts: int) -> PyTree:
    def own(x: Any) -> Array:
        strided = jnp.reshape(x, (-1, parts, *x.shape[1:]))
        return jax.lax.dynamic_index_in_dim(strided, i, axis=1, keepdims=False)

    return jax.tree.map(own, tree)


def _in_order(x: Array) -> Array:
    """Turn `[parts, rows / parts, ...]` into the rows of the batch."""
    return jnp.swapaxes(x, 0, 1).reshape(-1, *x.shape[2:])


def _joined(tree: PyTree) -> PyTree:
    """Mean over parts for floating-point numbers; the first part's value for `Kept` values and integers."""

    def join(x: Any) -> Any:
        if is_kept(x):
            return jax.tree.map(lambda leaf: leaf[0], x)
        return jnp.mean(x, axis=0) if jnp.issubdtype(x.dtype, jnp.inexact) else x[0]

    return jax.tree.map(join, tree, is_leaf=is_kept)


def _compare(game: Game, playing: Game, params: Players, variables: Players, turn: Turn, parts: int) -> None:
    """Raise `ValueError` if a few rows give different numbers in parts and as a whole."""
    turn = turn._replace(batch=jax.tree.map(lambda x: jnp.resize(x, (ROWS * parts, *x.shape[1:])), turn.batch))

    @jax.jit
    def shaken(key: Key[Array, ""]) -> Players:
        """Shake the weights: weights of 0 would hide what depends on them."""
        leaves, tree = jax.tree.flatten(params)
        keys = jax.random.split(key, len(leaves))
        moved = [x + 0.1 * jax.random.normal(k, x.shape, x.dtype) for x, k in zip(leaves, keys, strict=True)]
        return jax.tree.unflatten(tree, moved)

    def numbers(game: Game, params: Players) -> PyTree:
        samples, moved_g = game.generate(params.generator, variables.generator, turn)
        losses, (moved_d, _) = game.judge(params.discriminator, variables.discriminator, samples, turn)
        return {"samples": samples, "the losses": losses, "the variables": (moved_g, moved_d)}

    somewhere = shaken(turn.stream("compare"))
    whole, split = (jax.device_get(jax.jit(lambda p, g=g: numbers(g, p))(somewhere)) for g in (game, playing))
    for name, expected in whole.items():
        pairs = zip(jax.tree.leaves(expected), jax.tree.leaves(split[name]), strict=True)
        if not all(a.shape == b.shape and np.allclose(a, b, TOLERANCE, TOLERANCE) for a, b in pairs):
            raise InputError(
                f"accumulate={parts} would change the game: {name} of a batch in parts are not those of the whole, so "
                f"a network, a loss or a term makes the rows of a batch depend on each other, or draws numbers for all "
                f"rows at once; ask for an approximation (accumulate_approximately), or take accumulate=1"
            )
