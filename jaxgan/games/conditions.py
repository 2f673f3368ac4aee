"""Conditions, which tell the networks about each row: its class, a vector, an array such as a source image, or nothing.

`jaxgan.gan(condition=...)` takes one of these; `num_classes` and `condition_size` are short for `labels` and `vectors`.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PyTree

from jaxgan.checks import require, require_number
from jaxgan.core import Turn
from jaxgan.errors import InputError, InputTypeError

Dropout = float | Float[Array, ""]


class Condition(NamedTuple):
    """How a game reads `Batch.condition`."""

    check: Callable[[Any, int], None]
    """`(condition, rows)`: raises `ValueError` unless `condition` is a valid condition of so many rows."""
    encode: Callable[[Any], PyTree]
    """`condition -> what the networks are given`: floats, with a leading axis of rows, or None."""
    default: Callable[[int], PyTree]
    """`n -> condition` of n samples that are requested without one; None if a condition is required."""
    dropout: Dropout = 0.0
    """Share of rows whose condition is replaced by zeros in training."""
    num_classes: int | None = None
    """Number of classes, where conditions are labels."""

    def of(self, turn: Turn) -> PyTree:
        """Condition of the turn's rows, as the networks get it."""
        self.check(turn.batch.condition, turn.rows())
        return self.encode(turn.batch.condition)

    def in_training(self, turn: Turn) -> PyTree:
        """Like `of`, with zeros in a share `dropout` of the rows, which are the same for both networks in a turn."""
        condition = self.of(turn)
        if not _drops(self.dropout):
            return condition
        kept = turn.draw("label dropout", lambda key: jax.random.uniform(key) >= self.dropout)
        return jax.tree.map(lambda x: jnp.where(kept.reshape(-1, *[1] * (x.ndim - 1)), x, 0), condition)

    def for_samples(self, given: Any, n: int) -> PyTree:
        """The condition of n samples, checked."""
        condition = self.default(n) if given is None else jax.tree.map(jnp.asarray, given)
        self.check(condition, n)
        return condition


def nothing() -> Condition:
    """No condition for the networks, whatever condition the batches have; terms may still read it.

    Examples:
        >>> print(jaxgan.conditions.nothing().for_samples(None, 4))
        None
    """
    return Condition(lambda condition, rows: None, lambda condition: None, lambda n: None)


def unsaid() -> Condition:
    """Like `nothing`, for a game without the argument. Labels are ignored, because many data sets have some; vectors
    and arrays are refused.

    Examples:
        >>> print(jaxgan.conditions.unsaid().encode(jnp.array([3, 1])))
        None
    """

    def check(condition: Any, rows: int) -> None:
        leaves = jax.tree.leaves(condition)
        if all(jnp.ndim(leaf) == 1 and jnp.issubdtype(jnp.result_type(leaf), jnp.integer) for leaf in leaves):
            return
        kinds = ", ".join(f"{jnp.result_type(leaf)} {list(jnp.shape(leaf))}" for leaf in leaves)
        raise InputError(
            f"the condition holds {kinds}, which neither network uses. Pass condition=conditions.vectors(size) or "
            f"conditions.like(shape) to give it to both, or condition=conditions.nothing() to ignore it"
        )

    return nothing()._replace(check=check)


def labels(num_classes: int, dropout: Dropout = 0.0) -> Condition:
    """Labels `[B]`, integers in [0, num_classes). The networks get them one-hot, `[B, num_classes]`.

    Samples that are asked for without labels go through the classes in turn.

    Args:
        num_classes: at least 2.
        dropout: share in [0, 1) of rows whose condition is replaced by zeros in training, for both networks alike, so
            that one generator learns to sample with and without. The label −1 stands for no label then, in batches and
            in `sample`.

    Examples:
        >>> print(jaxgan.conditions.labels(3).encode(jnp.array([2, 0])))
        [[0. 0. 1.]
         [1. 0. 0.]]
    """
    require(
        isinstance(num_classes, int) and num_classes >= 2,
        f"num_classes must be None or at least 2, got {num_classes!r}",
    )
    require_number("label_dropout", dropout, at_least=0, below=1)
    lowest = -1 if _drops(dropout) else 0

    def check(condition: Any, rows: int) -> None:
        require(condition is not None, f"num_classes={num_classes} needs labels: batch.condition is None")
        shape, dtype = jnp.shape(condition), jnp.result_type(condition)
        require(
            shape == (rows,) and jnp.issubdtype(dtype, jnp.integer),
            f"labels must be integers of shape ({rows},), got {dtype} of shape {shape}",
        )
        if isinstance(condition, jax.core.Tracer):
            return
        low, high = int(np.asarray(condition).min()), int(np.asarray(condition).max())
        require(
            low >= lowest and high < num_classes,
            f"labels must be in [{lowest}, {num_classes}), got values from {low} to {high}",
        )

    return Condition(
        check,
        lambda condition: jax.nn.one_hot(condition, num_classes),
        lambda n: jnp.arange(n) % num_classes,
        dropout,
        num_classes,
    )


def vectors(size: int, dropout: Dropout = 0.0) -> Condition:
    """Float vectors `[B, size]`, which the networks get unchanged.

    Args:
        size: at least 1.
        dropout: as that of `labels`; a vector of zeros stands for none.

    Examples:
        >>> condition = jaxgan.conditions.vectors(2)
        >>> condition.check(jnp.zeros([4, 3]), 4)
        Traceback (most recent call last):
        jaxgan.errors.InputError: ...
    """
    require(isinstance(size, int) and size >= 1, f"condition_size must be None or at least 1, got {size!r}")
    return _rows((size,), dropout, f"condition_size={size} needs vectors")


def like(shape: tuple[int, ...], dropout: Dropout = 0.0) -> Condition:
    """Float arrays `[B, *shape]`, such as source images `[B, H, W, C]`, which the networks get unchanged.

    Args:
        shape: shape of one row.
        dropout: as that of `labels`; an array of zeros stands for none.

    Examples:
        >>> jaxgan.conditions.like((8, 8, 1)).encode(jnp.zeros([4, 8, 8, 1])).shape
        (4, 8, 8, 1)
    """
    require(
        isinstance(shape, tuple) and all(isinstance(size, int) and size >= 1 for size in shape),
        f"shape must be a tuple of whole numbers of at least 1, got {shape!r}",
    )
    return _rows(shape, dropout, f"conditions.like({shape}) needs arrays")


def chosen(
    condition: Condition | None, num_classes: int | None, condition_size: int | None, label_dropout: Dropout
) -> Condition:
    """The condition of a game from the options of `jaxgan.gan`.

    Raises:
        ValueError: if they contradict each other, or are out of range.

    Examples:
        >>> jaxgan.conditions.chosen(None, 10, None, 0.0).num_classes
        10
    """
    if condition is not None:
        if not isinstance(condition, Condition):
            raise InputTypeError(f"condition must be one of jaxgan.conditions, such as labels(10); got {condition!r}")
        require(
            num_classes is None and condition_size is None and not _drops(label_dropout),
            "condition takes the place of num_classes, condition_size and label_dropout: give it alone, such as "
            "conditions.labels(10, dropout=0.1)",
        )
        return condition
    require(
        num_classes is None or condition_size is None,
        f"num_classes={num_classes} is for labels and condition_size={condition_size} for vectors: "
        f"only one can be given",
    )
    if num_classes is not None:
        return labels(num_classes, label_dropout)
    if condition_size is not None:
        return vectors(condition_size, label_dropout)
    require_number("label_dropout", label_dropout, at_least=0, below=1)
    require(not _drops(label_dropout), f"label_dropout={label_dropout} needs num_classes or condition_size")
    return unsaid()


def _rows(shape: tuple[int, ...], dropout: Dropout, needs: str) -> Condition:
    require_number("label_dropout", dropout, at_least=0, below=1)

    def check(condition: Any, rows: int) -> None:
        require(condition is not None, f"{needs}: the condition is None")
        found, dtype, expected = jnp.shape(condition), jnp.result_type(condition), (rows, *shape)
        require(
            found == expected and jnp.issubdtype(dtype, jnp.floating),
            f"conditions must be floats of shape {expected}, got {dtype} of shape {found}",
        )

    return Condition(check, lambda condition: condition, lambda n: None, dropout)


def _drops(dropout: Dropout) -> bool:
    return not (isinstance(dropout, int | float) and dropout == 0)
