"""A data set in memory, and the endless order of its batches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import jax
import numpy as np

from jaxgan.checks import require
from jaxgan.core import Batch
from jaxgan.data.images import decode
from jaxgan.data.order import order
from jaxgan.devices import everywhere, mesh_of


@dataclass(frozen=True, eq=False)
class Dataset:
    """Data held in memory.

    Raises:
        ValueError: if there is no data, or labels do not fit it.
    """

    name: str
    real: np.ndarray
    """`[N, H, W, C]` uint8 images, or `[N, ...]` float32 used as it is."""
    labels: np.ndarray | None = None
    """`[N]` int32 in [0, num_classes)."""
    num_classes: int | None = None

    def __post_init__(self) -> None:
        require(len(self.real) > 0, f"{self.name}: no data")
        require(
            self.real.dtype in (np.uint8, np.float32),
            f"{self.name}: data must be uint8 or float32, got {self.real.dtype}",
        )
        if self.labels is None:
            return
        classes = self.num_classes
        require(
            self.labels.shape == (len(self.real),),
            f"{self.name}: labels must have shape {(len(self.real),)}, got {self.labels.shape}",
        )
        low, high = int(self.labels.min()), int(self.labels.max())
        if classes is None:
            raise ValueError(f"{self.name}: labels need num_classes, got None")
        require(
            low >= 0 and high < classes,
            f"{self.name}: labels must be in [0, {classes}), got values from {low} to {high}",
        )

    def __len__(self) -> int:
        return len(self.real)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one datum."""
        return self.real.shape[1:]

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
        rows = np.arange(batch_size)
        while True:
            index = order(seed, step, rows, batch_size=batch_size, size=len(self))
            yield Batch(decode(self.real[index]), None if self.labels is None else self.labels[index])
            step += 1

    def on_device(self, devices: Sequence[jax.Device] | None = None) -> Batch:
        """The whole set, undecoded, as one `Batch` on the device: the data set of steps made by `data.resident`.

        Args:
            devices: where a step wrapped by `pmapped` or `sharded` runs, so that each holds a copy from the start; the
                default device if None.
        """
        placed = None if devices is None else everywhere(mesh_of(devices))
        return jax.device_put(Batch(self.real, self.labels), placed)
