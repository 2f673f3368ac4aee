"""A data set around an iterable of batches."""

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import jax
import numpy as np
from jaxtyping import PyTree

from jaxgan.checks import require
from jaxgan.core import Batch
from jaxgan.data.dataset import NO_LABEL, Origin, decoded
from jaxgan.data.media.deduction import common
from jaxgan.data.media.images import range_note
from jaxgan.data.media.medium import Medium
from jaxgan.errors import InputError


class IterableDataset:
    """Batches of an iterable, in its own order.

    Steps are counted from its first batch. What can be iterated again starts over at its end; what cannot (a generator)
    is read once, and never goes back.

    Args:
        name: name of the data set.
        batches: yields `Batch` whose `real` is an array `[B, ...]` as the medium stores it, or a pytree of them; floats
            of any precision become float32, and int64 int32.
        num_classes: number of classes of integer labels in `condition`; cannot be counted here.
        medium: medium of every leaf of `real`; see `media.of` for what is deduced if None.
        condition_medium: medium of every leaf of `condition`.

    Raises:
        ValueError: if there is no batch, or the first is not as above.
    """

    def __init__(
        self,
        name: str,
        batches: Iterable[Batch],
        num_classes: int | None = None,
        medium: Medium | None = None,
        condition_medium: Medium | None = None,
    ) -> None:
        self.name = name
        self.num_classes = num_classes
        self.condition_medium = condition_medium
        self._batches = batches
        self._iterator = iter(batches)
        self._again = self._iterator is not batches
        self._taken = 1
        found = next(self._iterator, None)
        if found is None:
            raise InputError(f"{name}: no batches")
        self.first = self._arrays(found, 0)
        """The first batch, as it came."""
        leaves = [np.asarray(leaf) for leaf in jax.tree.leaves(self.first.real)]
        self.medium = common(f"{name}: batches", leaves) if medium is None else medium
        for leaf in leaves:
            self.medium.check(f"{name}: batches", leaf)
        if condition_medium is not None:
            for leaf in jax.tree.leaves(self.first.condition):
                condition_medium.check(f"{name}: conditions", np.asarray(leaf))
        notes = [note for leaf in leaves if (note := range_note(leaf)) is not None]
        self.origin = Origin(notes=tuple(f"{name}: the first batch: {note}" for note in notes))
        require(
            num_classes is None or self.first.condition is not None,
            f"{name}: num_classes={num_classes} needs batches with labels",
        )
        self._check(self.first, 0)

    @property
    def shape(self) -> PyTree:
        """Shape of one datum as networks see it; a pytree of shapes if `real` is a pytree."""
        return jax.tree.map(lambda leaf: self.medium.decode(leaf[:1]).shape[1:], self.first.real)

    def decode(self, batch: Batch) -> Batch:
        """A batch of `stored` as networks see it; on the host or, while traced, on the device."""
        return decoded(batch, self.medium, self.condition_medium)

    def check_batch_size(self, batch_size: int) -> None:
        """Raise `ValueError` unless the first batch has `batch_size` rows."""
        rows = len(jax.tree.leaves(self.first.real)[0])
        require(
            batch_size == rows,
            f"batch_size must be {rows}, that of the batches of {self.name}; got {batch_size!r}",
        )

    def batches(self, batch_size: int, seed: int, start_step: int = 0) -> Iterator[Batch]:
        """Endless decoded batches from `start_step` on; earlier batches are read and dropped.

        Args:
            batch_size: must be that of the batches.
            seed: has no effect, for the order is the iterable's.
            start_step: batches to drop.

        Raises:
            ValueError: at once, for another batch size; while iterating, if a batch differs from the first in shape,
                or an iterable that can be read but once is at its end or already beyond `start_step`.
        """
        return (self.decode(batch) for batch in self.stored(batch_size, start_step))

    def stored(self, batch_size: int, start_step: int = 0) -> Iterator[Batch]:
        """The batches of `batches` as they came, not decoded."""
        self.check_batch_size(batch_size)
        return self._over_again(start_step) if self._again else self._once(start_step)

    def _over_again(self, start_step: int) -> Iterator[Batch]:
        step = 0
        while True:
            for batch in self._batches:
                if step >= start_step:
                    yield self._check(self._arrays(batch, step), step)
                step += 1

    def _once(self, start_step: int) -> Iterator[Batch]:
        if start_step == 0:
            yield self.first
        for step in itertools.count(max(start_step, 1)):
            require(
                step >= self._taken,
                f"{self.name} is at batch {self._taken} and cannot go back to {step}: pass an iterable that can be "
                f"iterated again",
            )
            for batch in itertools.islice(self._iterator, step - self._taken, None):
                self._taken = step + 1
                yield self._check(self._arrays(batch, step), step)
                break
            else:
                raise InputError(
                    f"{self.name} ended before batch {step} and cannot be iterated again: pass a list, or an object "
                    f"whose __iter__ starts over"
                )

    def _arrays(self, batch: Any, step: int) -> Batch:
        require(isinstance(batch, Batch), f"{self.name} must yield Batch, got {type(batch).__name__} at {step}")
        real, latent = jax.tree.map(_array, (batch.real, batch.latent))
        return Batch(real, jax.tree.map(self._condition, batch.condition), latent)

    def _condition(self, x: Any) -> np.ndarray | jax.Array:
        """Like `_array`, but without a medium integers of any width become int32, the type of labels."""
        array = x if isinstance(x, jax.Array) else np.asarray(x)
        if self.condition_medium is not None or array.dtype == np.int32 or not np.issubdtype(array.dtype, np.integer):
            return _array(array)
        if isinstance(array, np.ndarray) and array.size > 0:
            low, high = int(array.min()), int(array.max())
            require(
                low >= -(2**31) and high < 2**31,
                f"{self.name}: whole numbers in conditions must fit into int32, got values from {low} to {high}",
            )
        return array.astype(np.int32)

    def _check(self, batch: Batch, step: int) -> Batch:
        first, structure = jax.tree.leaves(self.first.real), str(jax.tree.structure(self.first.real))
        leaves, found = jax.tree.leaves(batch.real), str(jax.tree.structure(batch.real))
        for leaf in jax.tree.leaves(batch):
            require(
                leaf.shape[:1] == first[0].shape[:1],
                f"{self.name}: every batch must have {len(first[0])} rows, got shape {leaf.shape} in batch {step}",
            )
        require(found == structure, f"{self.name}: every batch must be {structure} as the first, got {found}")
        for leaf, like in zip(leaves, first, strict=True):
            require(
                leaf.shape == like.shape and leaf.dtype == like.dtype,
                f"{self.name}: every batch must be {like.dtype} of shape {like.shape} as the first, got "
                f"{leaf.dtype} of {leaf.shape} in batch {step}",
            )
        labels = batch.condition
        if self.num_classes is not None and isinstance(labels, np.ndarray):
            low, high = int(labels.min()), int(labels.max())
            require(
                low >= NO_LABEL and high < self.num_classes,
                f"{self.name}: labels must be in [0, {self.num_classes}), or -1 for none; got values from {low} to "
                f"{high} in batch {step}",
            )
        return batch


def _array(x: Any) -> np.ndarray | jax.Array:
    """A NumPy or JAX array of 32-bit numbers, or of bytes."""
    array = x if isinstance(x, jax.Array) else np.asarray(x)
    if np.issubdtype(array.dtype, np.floating):
        return array if array.dtype == np.float32 else array.astype(np.float32)
    return array.astype(np.int32) if array.dtype == np.int64 else array
