"""A game on other batches than those that it is given."""

from collections.abc import Callable

from jaxtyping import Array, Key, PyTree

from jaxgan.core import Batch, Game, Info, Players, Turn


def on_batches(game: Game, change: Callable[[Batch], Batch]) -> Game:
    """The game, which sees `change(batch)` of each batch. Samples are requested as before.

    Args:
        game: whose rows the changed batches have.
        change: `batch -> batch` of as many rows.

    Examples:
        >>> game = players()
        >>> halves = jaxgan.games.batches.on_batches(game, lambda batch: batch._replace(real=batch.real / 2))
    """

    def init(key: Key[Array, ""], batch: Batch) -> tuple[Players, Players]:
        return game.init(key, change(batch))

    def generate(params: PyTree, variables: PyTree, turn: Turn) -> tuple[PyTree, PyTree]:
        return game.generate(params, variables, turn._replace(batch=change(turn.batch)))

    def judge(params: PyTree, variables: PyTree, samples: PyTree, turn: Turn) -> tuple[Players, tuple[PyTree, Info]]:
        return game.judge(params, variables, samples, turn._replace(batch=change(turn.batch)))

    return game._replace(init=init, generate=generate, judge=judge)
