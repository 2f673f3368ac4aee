"""A data set as arrays, in memory or mapped to a file, and the endless order of its batches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from mmap import mmap
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxgan.checks import require
from jaxgan.core import Batch
from jaxgan.data.images import decoded
from jaxgan.data.order import batch_order
from jaxgan.devices import everywhere, mesh_of
from jaxgan.errors import InputError

NO_LABEL = -1
"""Stands in `Dataset.labels` for none."""


class DoubtfulData(UserWarning):
    """Data were understood in a way that may not be meant; `Dataset.origin.notes` says the same."""


class Origin(NamedTuple):
    """What was found where a data set was read from, beside its rows."""

    sizes: tuple[tuple[str, int], ...] = ()
    """How many images were stored in each size, "WIDTHxHEIGHT"."""
    others: tuple[tuple[str, int], ...] = ()
    """How many files were not looked at, by their kind."""
    notes: tuple[str, ...] = ()
    """What a reader should be told, a sentence or two each."""
    digest: str | None = None
    """Of the rows, where it was computed while they were read."""


UNKNOWN = Origin()


@dataclass(frozen=True, eq=False)
class Dataset:
    """Data held in memory, or in a memory-mapped file; it makes no difference to the batches.

    Raises:
        ValueError: if there is no data, labels do not fit it, or there is nothing to mirror.
    """

    name: str
    real: np.ndarray
    """`[N, H, W, C]` uint8 images, or `[N, ...]` float32 used as it is."""
    labels: np.ndarray | None = None
    """`[N]` int32 in [0, num_classes) or, for rows that have none, `NO_LABEL`; or vectors `[N, K]` float32."""
    num_classes: int | None = None
    mirror: bool = False
    """Count every image twice: row i + N is row i flipped left to right."""
    skipped: tuple[tuple[str, str], ...] = ()
    """Files that were left out, and why."""
    class_names: tuple[str, ...] | None = None
    """Of the classes, in order; their numbers if None."""
    origin: Origin = UNKNOWN

    def __post_init__(self) -> None:
        require(len(self.real) > 0, f"{self.name}: no data")
        require(
            self.real.dtype in (np.uint8, np.float32),
            f"{self.name}: data must be uint8 or float32, got {self.real.dtype}",
        )
        require(
            not self.mirror or self.real.ndim == 4,
            f"{self.name}: mirror is for images [N, H, W, C], got shape {self.real.shape}",
        )
        if self.labels is None:
            return
        classes, shape = self.num_classes, self.labels.shape
        if self.labels.ndim == 2 and self.labels.dtype == np.float32:
            require(len(self.labels) == len(self.real), f"{self.name}: {len(self.real)} rows, but labels {shape}")
            return
        require(shape == (len(self.real),), f"{self.name}: labels must have shape {(len(self.real),)}, got {shape}")
        require(
            np.issubdtype(self.labels.dtype, np.integer),
            f"{self.name}: labels must be integers, got {self.labels.dtype}",
        )
        low, high = int(self.labels.min()), int(self.labels.max())
        if classes is None:
            raise InputError(f"{self.name}: labels need num_classes, got None")
        require(
            low >= NO_LABEL and high < classes,
            f"{self.name}: labels must be in [0, {classes}), or -1 for none; got values from {low} to {high}",
        )
        require(
            self.class_names is None or (len(self.class_names) == classes == len(set(self.class_names))),
            f"{self.name}: class_names must be {classes} different names, got {self.class_names}",
        )

    def __len__(self) -> int:
        return len(self.real) * (2 if self.mirror else 1)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one datum."""
        return self.real.shape[1:]

    def labelled(self) -> "Dataset":
        """The rows that have a label."""
        if self.labels is None or self.labels.ndim > 1 or self.labels.min() > NO_LABEL:
            return self
        rows = np.flatnonzero(self.labels > NO_LABEL)
        return replace(self, real=self.real[rows], labels=self.labels[rows], origin=UNKNOWN)

    def take(self, index: np.ndarray) -> Batch:
        """The rows of these indices as they are stored, undecoded; `index` may have any shape."""
        rows = index % len(self.real)
        real = self.real[rows]
        if self.mirror:
            flipped = index >= len(self.real)
            real[flipped] = real[flipped][..., ::-1, :]
        return Batch(real, None if self.labels is None else self.labels[rows])

    def check_batch_size(self, batch_size: int) -> None:
        """Raise `ValueError` unless `batch_size` is in [1, number of rows]."""
        require(
            isinstance(batch_size, int) and 1 <= batch_size <= len(self),
            f"batch_size must be from 1 to {len(self)}, the size of {self.name}; got {batch_size!r}",
        )

    def batches(self, batch_size: int, seed: int, start_step: int = 0) -> Iterator[Batch]:
        """Batches without end, as NumPy arrays, from `start_step` on.

        The batch of a step depends on the seed and the step alone, see `jaxgan.data.order`; start at the step of a
        saved state to go on where it stopped. `data.resident` draws the same batches on the device.

        Raises:
            ValueError: at once, if the data set has fewer rows than a batch.
        """
        self.check_batch_size(batch_size)
        return self._batches(batch_size, seed, start_step)

    def _batches(self, batch_size: int, seed: int, step: int) -> Iterator[Batch]:
        while True:
            batch = self.take(batch_order(seed, step, batch_size=batch_size, size=len(self)))
            yield decoded(batch)
            step += 1

    def on_device(self, devices: Sequence[jax.Device] | None = None) -> Batch:
        """The whole set, undecoded, as one `Batch` on the device: the data set of steps made by `data.resident`.

        Args:
            devices: where a step wrapped by `pmapped` or `sharded` runs, so that each holds a copy from the start; the
                default device if None.
        """
        placed = None if devices is None else everywhere(mesh_of(devices))
        real, labels = jax.device_put((self.real, self.labels), placed)
        if self.mirror:
            real = jnp.concatenate([real, real[:, :, ::-1]])
            labels = None if labels is None else jnp.concatenate([labels, labels])
        return jax.device_put(Batch(real, labels), placed)

    def __getstate__(self) -> dict[str, Any]:
        """A mapped file is pickled by its path."""
        return self.__dict__ | {"real": _closed(self.real)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state | {"real": _opened(state["real"])})


class _Mapped(NamedTuple):
    path: Path
    dtype: np.dtype
    offset: int
    shape: tuple[int, ...]


def _closed(array: np.ndarray) -> np.ndarray | _Mapped:
    # a slice of a mapped array has that array as its base, and says nothing of where it begins
    if isinstance(array, np.memmap) and isinstance(array.base, mmap) and array.flags.c_contiguous:
        return _Mapped(Path(str(array.filename)), array.dtype, array.offset, array.shape)
    return array


def _opened(array: np.ndarray | _Mapped) -> np.ndarray:
    if isinstance(array, np.ndarray):
        return array
    return np.memmap(array.path, array.dtype, "r", array.offset, array.shape)
