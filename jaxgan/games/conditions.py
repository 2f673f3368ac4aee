"""What the networks are told of each row: its class, one-hot, or a vector; and in training now and then nothing."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxgan.checks import require, require_number
from jaxgan.core import Turn


class Conditions(NamedTuple):
    """How a game reads `Batch.condition`: as labels, as vectors, or not at all."""

    num_classes: int | None
    size: int | None
    """Of the vectors."""
    dropout: float | Float[Array, ""]
    """Share of rows whose condition is replaced by zeros in training."""

    def check_options(self) -> None:
        """Raise `ValueError`, naming the first option that is out of range or has no meaning."""
        classes, size = self.num_classes, self.size
        require(
            classes is None or (isinstance(classes, int) and classes >= 2),
            f"num_classes must be None or at least 2, got {classes!r}",
        )
        require(
            size is None or (isinstance(size, int) and size >= 1),
            f"condition_size must be None or at least 1, got {size!r}",
        )
        require(
            classes is None or size is None,
            f"num_classes={classes} is for labels and condition_size={size} for vectors: only one can be given",
        )
        require_number("label_dropout", self.dropout, at_least=0, below=1)
        require(
            self.conditional or not self.drops,
            f"label_dropout={self.dropout} needs num_classes or condition_size",
        )

    @property
    def conditional(self) -> bool:
        """Whether the networks are given a condition."""
        return self.num_classes is not None or self.size is not None

    @property
    def drops(self) -> bool:
        """Whether some rows lose their condition in training."""
        return not (isinstance(self.dropout, int | float) and self.dropout == 0)

    def check(self, given: Any, rows: int) -> None:
        """Raise `ValueError` unless these are the conditions of so many rows.

        Labels are integers in [0, num_classes), or with dropout from −1 on, which stands for none. The values of traced
        labels cannot be looked at and are not checked.
        """
        if self.num_classes is not None:
            _check_labels(given, self.num_classes, rows, lowest=-1 if self.drops else 0)
        elif self.size is not None:
            require(given is not None, f"condition_size={self.size} needs vectors: the condition is None")
            shape, dtype, expected = jnp.shape(given), jnp.result_type(given), (rows, self.size)
            require(
                shape == expected and jnp.issubdtype(dtype, jnp.floating),
                f"conditions must be floats of shape {expected}, got {dtype} of shape {shape}",
            )

    def encode(self, turn: Turn) -> Float[Array, "batch size"] | None:
        """What the networks are given: labels one-hot, and zeros for −1; vectors as they are."""
        self.check(turn.batch.condition, turn.rows())
        if self.num_classes is not None:
            return jax.nn.one_hot(turn.batch.condition, self.num_classes)
        return None if self.size is None else turn.batch.condition

    def in_training(self, turn: Turn) -> Float[Array, "batch size"] | None:
        """As `encode`, with zeros in a share `dropout` of the rows: the same ones for both networks in a turn."""
        condition = self.encode(turn)
        if condition is None or not self.drops:
            return condition
        kept = turn.draw("label dropout", lambda key: jax.random.uniform(key) >= self.dropout)
        return jnp.where(kept[:, None], condition, 0)

    def for_samples(self, given: Any, n: int) -> Array | None:
        """The conditions of n samples, checked; classes in turn where no labels are given."""
        if not self.conditional:
            return None
        if given is None and self.num_classes is not None:
            return jnp.arange(n) % self.num_classes
        given = None if given is None else jnp.asarray(given)
        self.check(given, n)
        return given


def _check_labels(labels: Any, num_classes: int, rows: int, lowest: int) -> None:
    require(labels is not None, f"num_classes={num_classes} needs labels: batch.condition is None")
    require(
        labels.shape == (rows,) and np.issubdtype(labels.dtype, np.integer),
        f"labels must be integers of shape ({rows},), got {labels.dtype} of shape {labels.shape}",
    )
    if isinstance(labels, jax.core.Tracer) or labels.size == 0:
        return
    low, high = int(np.asarray(labels).min()), int(np.asarray(labels).max())
    require(
        low >= lowest and high < num_classes,
        f"labels must be in [{lowest}, {num_classes}), got values from {low} to {high}",
    )
