"""A term of heads on the discriminator's features that tell the classes."""

from collections.abc import Callable

from jaxtyping import Array, Float, Key, PyTree

from jaxgan.core import Info, Players, Turn
from jaxgan.games.term import Context, Features, Shapes, Term

Classes = Float[Array, "batch classes"]
"""One-hot labels; rows of zeros have no label, and weight 0."""


def auxiliary(
    init: Callable[[Key[Array, ""], int, int], PyTree],
    losses: Callable[[PyTree, Features, Features, Classes, Turn], tuple[Players, Info]],
) -> Term:
    """A term of heads that read the labels, instead of the discriminator.

    Args:
        init: `(key, features, classes) -> heads`, their parameters, from the numbers of features and of classes.
        losses: `(heads, features of real rows, of samples, classes, turn) -> (scalars to be added, info)`.
    """

    def heads(key: Key[Array, ""], shapes: Shapes) -> PyTree:
        return init(key, shapes.features.shape[-1], shapes.condition.shape[-1])

    def added(heads: PyTree, variables: PyTree, c: Context) -> tuple[Players, PyTree, Info]:
        values, info = losses(heads, c.real_features, c.fake_features, c.condition, c.turn)  # type: ignore[arg-type]
        return values, variables, info

    return Term("auxiliary", added, heads, needs_features=True, replaces_labels=True)
