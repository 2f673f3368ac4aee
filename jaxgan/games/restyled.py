"""A game of images in the style of another class: StarGAN v2's data, made from batches of labelled images."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key, PyTree

from jaxgan.checks import require
from jaxgan.core import Batch, Game, Info, Players, Turn
from jaxgan.games.conditions import Condition, labels, like

LabelsOrWeights = Int[Array, "batch"] | Float[Array, "batch classes"]


class Restyling(NamedTuple):
    """Old and new class of an image. In batches, classes are labels; networks get them one-hot."""

    source: Float[Array, "batch height width channels"]
    of: LabelsOrWeights
    """Class of the source."""
    to: LabelsOrWeights
    """Class that the sample should have."""


def restyling(shape: tuple[int, ...], num_classes: int) -> Condition:
    """The condition of such a game, a `Restyling`.

    Args:
        shape: shape of an image, `(H, W, C)`.
        num_classes: at least 2.
    """
    images, classes = like(shape), labels(num_classes)

    def check(condition: Any, rows: int) -> None:
        require(
            isinstance(condition, Restyling),
            f"the condition must be a Restyling(source, of, to), got {type(condition).__name__}",
        )
        images.check(condition.source, rows)
        classes.check(condition.of, rows)
        classes.check(condition.to, rows)

    def encode(condition: Restyling) -> Restyling:
        return Restyling(condition.source, classes.encode(condition.of), classes.encode(condition.to))

    return Condition(check, encode, lambda n: None)


def restyled(game: Game) -> Game:
    """The game, whose batches are labelled images: every second one is a source, the others show its new class.

    Of 2n images `batch.real` with labels `batch.condition`, the n sources have the places 0, 2, 4, ...; real rows are
    the images at 1, 3, 5, ..., and their labels are the classes that the samples are to have. StarGAN v2 draws such
    pairs of rows, too.

    Args:
        game: such as `jaxgan.gan(..., condition=restyling(shape, num_classes))`.

    Raises:
        ValueError: from its functions, if a batch has no labels or an odd number of rows.
    """

    def paired(batch: Batch) -> Batch:
        require(
            batch.condition is not None, "images in the style of another class need labels: batch.condition is None"
        )
        rows = len(batch.condition)
        require(rows % 2 == 0, f"sources and images of their new classes need an even number of rows, got {rows}")
        sources, others = (jax.tree.map(lambda x, i=i: x[i::2], batch) for i in (0, 1))
        condition = Restyling(sources.real, sources.condition, others.condition)
        return Batch(others.real, condition, others.latent)

    def init(key: Key[Array, ""], batch: Batch) -> tuple[Players, Players]:
        return game.init(key, paired(batch))

    def generate(params: PyTree, variables: PyTree, turn: Turn) -> tuple[PyTree, PyTree]:
        return game.generate(params, variables, turn._replace(batch=paired(turn.batch)))

    def judge(params: PyTree, variables: PyTree, samples: PyTree, turn: Turn) -> tuple[Players, tuple[PyTree, Info]]:
        return game.judge(params, variables, samples, turn._replace(batch=paired(turn.batch)))

    return Game(init, generate, judge, game.sample, critic=game.critic)


def to_next_class(batch: Batch, num_classes: int) -> Restyling:
    """Condition that translates each image of a batch to the next class, and the last class to the first."""
    of = jnp.asarray(batch.condition)
    return Restyling(batch.real, of, (of + 1) % num_classes)
