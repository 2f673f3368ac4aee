"""Standardise points of any place and scale to mean 0 and standard deviation 1, for both players."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key, PyTree

from jaxgan.arguments import named
from jaxgan.checks import require
from jaxgan.core import Batch, Game, Info, Players, Turn
from jaxgan.devices import Kept


class Place(NamedTuple):
    """Place and scale of the points in the first batch."""

    mean: Float[Array, "*point"]
    scale: Float[Array, ""]
    """Standard deviation of the points: the root of the mean of the variances of a point's numbers."""


class Placed(NamedTuple):
    """Variables of a player, with the place and scale from the first batch, which both players use."""

    place: Kept
    inner: PyTree


def standardized(game: Game, *, asked_by_rows: bool = False) -> Game:
    """The game between the same players over (x − mean)/scale, whose samples are scale · G(z) + mean.

    Mean and scale are those of the batch that `init` is given. They are variables, and never change. The same data
    moved and scaled give the same run moved and scaled, up to rounding: rates, penalties and noise need no other
    values for them.

    Args:
        game: on points.
        asked_by_rows: whether the condition of samples is rows x, as in `jaxgan.bigan`: the players see them as
            (x − mean)/scale too.

    Raises:
        ValueError: from `init`, if the rows are not one array of points `[B, D]`, at least two of them.
    """

    def init(key: Key[Array, ""], batch: Batch) -> tuple[Players, Players]:
        place = _place(batch.real)
        params, variables = game.init(key, _standard(batch, place))
        places = jax.tree.map(jnp.copy, (place, place))  # each player's is donated on its own
        return params, Players(*map(Placed, map(Kept, places), variables))

    def generate(params: PyTree, variables: Placed, turn: Turn) -> tuple[PyTree, Placed]:
        samples, inner = game.generate(params, variables.inner, _seen(turn, variables))
        return samples, variables._replace(inner=inner)

    def judge(params: PyTree, variables: Placed, samples: PyTree, turn: Turn) -> tuple[Players, tuple[Placed, Info]]:
        total, (inner, info) = game.judge(params, variables.inner, samples, _seen(turn, variables))
        return total, (variables._replace(inner=inner), info)

    def sample(
        params: PyTree,
        variables: Placed,
        key: Key[Array, ""],
        n: int,
        condition: Any = None,
        latent: Any = None,
        step: Int[Array, ""] | None = None,
    ) -> Array:
        mean, scale = variables.place.value
        given, asked = () if latent is None else (latent,), named(game.sample, step=step)
        if asked_by_rows and condition is not None:
            condition = (condition - mean) / scale
        return scale * game.sample(params, variables.inner, key, n, condition, *given, **asked) + mean

    def critic(
        params: PyTree, variables: Placed, samples: Array, condition: Any = None, step: Int[Array, ""] | int = 0
    ) -> Float[Array, "n"]:
        assert game.critic is not None
        mean, scale = variables.place.value
        return game.critic(params, variables.inner, (samples - mean) / scale, condition, step)

    return Game(init, generate, judge, sample, game.latents, None if game.critic is None else critic)


def _place(real: PyTree) -> Place:
    shapes = [leaf.shape for leaf in jax.tree.leaves(real)]
    require(
        len(shapes) == 1 and len(shapes[0]) == 2 and shapes[0][0] >= 2,
        f"standardized needs points [B, D], at least two, got shape {' and '.join(map(str, shapes))}",
    )
    scale = jnp.sqrt(jnp.mean(jnp.var(real, axis=0)))
    return Place(jnp.mean(real, axis=0), jnp.where(scale > 0, scale, 1))


def _standard(batch: Batch, place: Place) -> Batch:
    return batch._replace(real=(batch.real - place.mean) / place.scale)


def _seen(turn: Turn, variables: Placed) -> Turn:
    return turn._replace(batch=_standard(turn.batch, variables.place.value))
