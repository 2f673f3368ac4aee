"""A data set as arrays, in memory or mapped to a file, and the endless order of its batches."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from mmap import mmap
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PyTree

from jaxgan.checks import require
from jaxgan.core import Batch
from jaxgan.data.crops import cropped, places
from jaxgan.data.images import ImageSize, height_and_width
from jaxgan.data.media.deduction import common
from jaxgan.data.media.images import images
from jaxgan.data.media.medium import Medium
from jaxgan.data.order import batch_order, numbers
from jaxgan.data.unpaired import Unpaired, domains
from jaxgan.devices import everywhere, mesh_of

if TYPE_CHECKING:
    from jaxgan.data.mixtures import Mixture

NO_LABEL = -1
"""Label of rows that have no label."""

DEDUCED: Any = None


class DoubtfulData(UserWarning):
    """Warning that the data may mean something else than jaxgan assumes; `Dataset.origin.notes` says the same."""


class Origin(NamedTuple):
    """What the source of a data set holds beside the rows."""

    sizes: tuple[tuple[str, int], ...] = ()
    """How many images were stored in each size, "WIDTHxHEIGHT"."""
    others: tuple[tuple[str, int], ...] = ()
    """How many files were not looked at, by their kind."""
    notes: tuple[str, ...] = ()
    """Notes for the reader, a sentence or two each."""
    digest: str | None = None
    """Digest of the rows, where it was computed while they were read."""


UNKNOWN = Origin()


@dataclass(frozen=True, eq=False)
class Dataset:
    """Data in memory or in a memory-mapped file. Batches are the same in both cases.

    Raises:
        ValueError: if there is no data, rows or conditions are not as they must be, or there is nothing to mirror.

    Examples:
        >>> rows = np.zeros([10, 8, 8, 1], np.uint8)
        >>> data = jaxgan.data.Dataset("squares", rows, np.arange(10) % 2, num_classes=2)
        >>> batch = next(data.batches(batch_size=4, seed=0))
        >>> batch.real.shape, float(batch.real[0, 0, 0, 0])  # decoded: 0 is black, which is -1
        ((4, 8, 8, 1), -1.0)
    """

    name: str
    real: PyTree
    """Rows as they are stored: an array `[N, ...]` as its medium has it, or any pytree of such arrays of equal lengths;
    in an `Unpaired`, each domain has a length of its own."""
    condition: PyTree = None
    """Condition of each row, for the networks: `[N]` integers in [0, num_classes) or, for rows that have no label,
    `NO_LABEL`; vectors `[N, K]` float32; rows of `condition_medium`; or any pytree of arrays, used as they are."""
    num_classes: int | None = None
    """Number of classes; None if the condition is not labels."""
    mirror: bool = False
    """Count every row twice: row i + N is row i flipped left to right. Its condition is flipped too if it has a
    medium."""
    crop: ImageSize | None = None
    """Networks see a part of this size, pixels a side or (height, width), of every image or clip. A batch takes it at a
    place that the seed, the step and the row's place in the batch decide, all of them equally likely, the same of an
    image and its condition, of which a smaller one has a part as much smaller; rows that are asked for by their
    numbers show their centres."""
    skipped: tuple[tuple[str, str], ...] = ()
    """Files that were left out, and why."""
    class_names: tuple[str, ...] | None = None
    """Names of the classes, in order; their numbers if None."""
    origin: Origin = UNKNOWN
    medium: Medium = DEDUCED
    """What every leaf of `real` is; see `media.of` for what is deduced by default."""
    condition_medium: Medium | None = None
    """What every leaf of the condition is, such as a source image."""
    modes: "Mixture | None" = None
    """The mixture of Gaussians that points were drawn from."""
    log_probability: Callable[[np.ndarray], np.ndarray] | None = None
    """Natural logarithm of the probability of stored rows `[N, ...]` under the distribution that the data were drawn
    from, `[N]`; -inf where that cannot be. None if it is not known."""
    held_out: np.ndarray | None = None
    """Rows of the same distribution that are never trained on, stored like `real`. Measures of points and texts
    compare samples with them."""

    def __post_init__(self) -> None:
        parts = [rows for rows, _ in domains(self.real)]
        for rows in parts:
            _require_equal_lengths(f"{self.name}: data", rows)
        if self.medium is None:
            object.__setattr__(self, "medium", common(self.name, jax.tree.leaves(self.real)))
        for leaf in jax.tree.leaves(self.real):
            self.medium.check(f"{self.name}: data", leaf)
        for option in (name for name, asked in (("mirror", self.mirror), ("crop", self.crop is not None)) if asked):
            for medium in (self.medium, self.condition_medium):
                require(
                    medium is None or medium.mirror is not None,
                    f"{self.name}: {option} is for images and clips, got {'' if medium is None else medium.name}",
                )
        self._check_crop()
        require(
            len(parts) == 1 or self.condition is None,
            f"{self.name}: domains without pairs have no condition, because their rows do not belong together",
        )
        if self.held_out is not None:
            self.medium.check(f"{self.name}: held_out", self.held_out)
            require(
                isinstance(self.real, np.ndarray) and self.held_out.shape[1:] == self.real.shape[1:],
                f"{self.name}: held_out must be rows like those of the data, got shape {self.held_out.shape}",
            )
        self._check_condition()

    def _check_crop(self) -> None:
        """Raise `ValueError` unless a crop fits into every image, all of one height and width where they belong
        together, or their conditions smaller or larger by a whole factor."""
        if self.crop is None:
            return
        height, width = height_and_width(self.crop)
        for rows, _ in domains(self.real):
            leaves = jax.tree.leaves(rows)
            sizes = {leaf.shape[-3:-1] for leaf in [*leaves, *self._image_conditions()]}
            small_height, small_width = min(sizes)
            require(
                len({leaf.shape[-3:-1] for leaf in leaves}) == 1
                and all(h % small_height == 0 and w == h // small_height * small_width for h, w in sizes),
                f"{self.name}: crop needs images of one height and width in each row, or a condition that differs by a "
                f"whole factor; got {sorted(sizes)}",
            )
            high, wide = leaves[0].shape[-3:-1]
            require(
                1 <= height <= high and 1 <= width <= wide,
                f"{self.name}: crop must be from 1 to {high} high and from 1 to {wide} wide, got {self.crop}",
            )
            factor = high // small_height
            require(
                height % factor == width % factor == 0,
                f"{self.name}: crop must be a multiple of {factor}, by which conditions are smaller, got {self.crop}",
            )

    def _image_conditions(self) -> list[np.ndarray]:
        return [] if self.condition_medium is None else jax.tree.leaves(self.condition)

    def _part(self, shape: tuple[int, ...]) -> tuple[tuple[int, int], int]:
        """Height and width of the part of an image of this shape, and the pixels between places of parts."""
        assert self.crop is not None
        height, width = height_and_width(self.crop)
        if isinstance(self.real, Unpaired):
            return (height, width), 1
        of_rows, *others = (leaf.shape[-3] for leaf in [*jax.tree.leaves(self.real), *self._image_conditions()])
        high = shape[-3]
        return (height * high // of_rows, width * high // of_rows), high // min(of_rows, *others, high)

    def _check_condition(self) -> None:
        """Raise `ValueError` unless the condition has as many rows as the data and is as its kind must be."""
        if self.num_classes is not None:
            self._check_labels(self.num_classes)
        elif self.condition is not None:
            rows = _rows(self.real)
            for leaf in jax.tree.leaves(self.condition):
                require(
                    leaf.shape[:1] == (rows,),
                    f"{self.name}: {rows} rows, but labels or conditions of shape {leaf.shape}",
                )
                if self.condition_medium is not None:
                    self.condition_medium.check(f"{self.name}: condition", leaf)
                    continue
                require(
                    leaf is not self.condition or (leaf.dtype == np.float32 and len(leaf.shape) == 2),
                    f"{self.name}: labels need num_classes, got None; an array without it must be vectors [N, K] of "
                    f"float32 or have a condition_medium, got {leaf.dtype} of shape {leaf.shape}",
                )

    def _check_labels(self, classes: int) -> None:
        rows, labels = _rows(self.real), self.condition
        if labels is None:
            return
        require(
            isinstance(labels, np.ndarray) and labels.shape == (rows,),
            f"{self.name}: labels must have shape {(rows,)}, got {getattr(labels, 'shape', type(labels).__name__)}",
        )
        require(np.issubdtype(labels.dtype, np.integer), f"{self.name}: labels must be integers, got {labels.dtype}")
        low, high = int(labels.min()), int(labels.max())
        require(
            low >= NO_LABEL and high < classes,
            f"{self.name}: labels must be in [0, {classes}), or -1 for none; got values from {low} to {high}",
        )
        require(
            self.class_names is None or (len(self.class_names) == classes == len(set(self.class_names))),
            f"{self.name}: class_names must be {classes} different names, got {self.class_names}",
        )

    def __repr__(self) -> str:
        told = f", {self.num_classes} classes" if self.num_classes else ""
        rows = {"sound": "sounds", "tokens": "sequences"}.get(self.medium.name, self.medium.name)
        return f"Dataset({self.name!r}, {len(self):,} {rows} of shape {self.shape}{told})"

    def __len__(self) -> int:
        """Number of rows, including mirrored ones; for two domains, that of the smaller domain."""
        return self._times() * min(_rows(rows) for rows, _ in domains(self.real))

    @property
    def shape(self) -> PyTree:
        """Shape of one datum as networks see it; a pytree of shapes if `real` is a pytree."""
        return jax.tree.map(partial(self._seen, self.medium), self.real)

    @property
    def condition_shape(self) -> PyTree:
        """Shape of one condition of a medium, such as a source image, as networks see it; else None."""
        medium = self.condition_medium
        return None if medium is None else jax.tree.map(partial(self._seen, medium), self.condition)

    def _seen(self, medium: Medium, rows: np.ndarray) -> tuple[int, ...]:
        shape = medium.decode(rows[:1]).shape[1:]
        return shape if self.crop is None else (*shape[:-3], *self._part(rows.shape)[0], shape[-1])

    @property
    def mapped(self) -> bool:
        """Whether the rows are in a memory-mapped file."""
        return any(isinstance(leaf, np.memmap) for leaf in jax.tree.leaves(self.real))

    @property
    def labels(self) -> np.ndarray | None:
        """Labels or vectors of the rows; None if there are none, or the condition is of a medium or a pytree."""
        return self.condition if self.condition_medium is None and isinstance(self.condition, np.ndarray) else None

    def labelled(self) -> "Dataset":
        """The rows that have a label."""
        if self.num_classes is None or self.condition is None or self.condition.min() > NO_LABEL:
            return self
        rows = np.flatnonzero(self.condition > NO_LABEL)
        real = jax.tree.map(lambda leaf: leaf[rows], self.real)
        return replace(self, real=real, condition=self.condition[rows], origin=UNKNOWN)

    def decode(self, batch: Batch) -> Batch:
        """Decode a batch of stored rows for networks: on the host or, while traced, on the device, with the same bits.

        Args:
            batch: as `take`, `stream` and `resident` draw it.
        """
        return decoded(batch, self.medium, self.condition_medium)

    def take(self, index: np.ndarray | Unpaired) -> Batch:
        """The rows of these indices as they are stored, undecoded.

        Args:
            index: array of any shape; of two domains, one `Unpaired` of indices.
        """
        parts = [
            self._taken(rows, i, self.medium)
            for (rows, _), i in zip(domains(self.real), index if isinstance(index, Unpaired) else (index,), strict=True)
        ]
        if isinstance(index, Unpaired):
            return Batch(Unpaired(*parts))
        return Batch(parts[0], self._taken(self.condition, index, self.condition_medium))

    def _taken(self, rows: PyTree, index: np.ndarray, medium: Medium | None) -> PyTree:
        flip = None if medium is None else medium.mirror

        def taken(leaf: np.ndarray) -> np.ndarray:
            place, row = np.divmod(index, self._times() * len(leaf))
            stored = leaf[row % len(leaf)]
            if self.mirror and flip is not None:
                flipped = row >= len(leaf)
                stored[flipped] = flip(stored[flipped])
            if self.crop is None or flip is None:
                return stored
            cut = cropped(stored.reshape(-1, *leaf.shape[1:]), place.ravel(), *self._part(leaf.shape))
            return cut.reshape(*index.shape, *cut.shape[1:])

        return jax.tree.map(taken, rows)

    def crop_rows(self, batch: Batch, numbers: Any) -> Batch:
        """Cut whole stored rows to the parts that `crop` asks for; for `data.resident`, while traced.

        Args:
            batch: batch of stored rows.
            numbers: `[B]` random uint32 numbers, as `jaxgan.data.order.numbers` has them; of two domains, an `Unpaired`
                of them.
        """
        if self.crop is None:
            return batch

        def cut(rows: PyTree, number: Any, medium: Medium | None) -> PyTree:
            if medium is None or medium.mirror is None:
                return rows

            def part(leaf: Any) -> Any:
                size, step = self._part(leaf.shape)
                return cropped(leaf, places(number, leaf.shape, size, step), size, step)

            return jax.tree.map(part, rows)

        if isinstance(batch.real, Unpaired):
            parts = zip(batch.real, numbers, strict=True)
            return batch._replace(real=Unpaired(*(cut(rows, number, self.medium) for rows, number in parts)))
        condition = cut(batch.condition, numbers, self.condition_medium)
        return batch._replace(real=cut(batch.real, numbers, self.medium), condition=condition)

    def check_batch_size(self, batch_size: int) -> None:
        """Raise `ValueError` unless `batch_size` is in [1, number of rows]."""
        besides = "".join(
            f" ({len(self.skipped):,} are left out, such as {name}: {why})" for name, why in self.skipped[:1]
        )
        require(
            isinstance(batch_size, int) and 1 <= batch_size <= len(self),
            f"batch_size must be from 1 to {len(self)}, the size of {self.name}{besides}; got {batch_size!r}",
        )

    def index(self, batch_size: int, seed: int, step: int) -> np.ndarray | Unpaired:
        """The rows of the batch of a step, for `take`."""
        drawn = [self._drawn(rows, seed ^ other, step, batch_size) for rows, other in domains(self.real)]
        return Unpaired(*drawn) if len(drawn) > 1 else drawn[0]

    def _drawn(self, rows: PyTree, seed: int, step: int, batch_size: int) -> np.ndarray:
        """Row plus number of rows times the place of its crop."""
        size = self._times() * _rows(rows)
        row = batch_order(seed, step, batch_size=batch_size, size=size)
        if self.crop is None:
            return row
        shape = jax.tree.leaves(rows)[0].shape
        place = places(numbers(seed, step, np.arange(batch_size)), shape, *self._part(shape))
        return row.astype(np.int64) + size * place.astype(np.int64)

    def _times(self) -> int:
        """Number of times that each row counts."""
        return 2 if self.mirror else 1

    def batches(self, batch_size: int, seed: int, start_step: int = 0) -> Iterator[Batch]:
        """Endless batches as NumPy arrays, from `start_step` on.

        The batch of a step depends on the seed and the step alone, see `jaxgan.data.order`; start at the step of a
        saved state to go on where it stopped. `data.resident` draws the same batches on the device.

        Raises:
            ValueError: at once, if the data set has fewer rows than a batch.
        """
        self.check_batch_size(batch_size)
        return self._batches(batch_size, seed, start_step)

    def _batches(self, batch_size: int, seed: int, step: int) -> Iterator[Batch]:
        while True:
            yield self.decode(self.take(self.index(batch_size, seed, step)))
            step += 1

    def on_device(self, devices: Sequence[jax.Device] | None = None) -> Batch:
        """The whole data set, not decoded, as one `Batch` on the device, for steps made by `data.resident`.

        Args:
            devices: where a step wrapped by `pmapped` or `sharded` runs, so that each holds a copy from the start; the
                default device if None.
        """
        placed = None if devices is None else everywhere(mesh_of(devices))
        held = jax.device_put(Batch(self.real, self.condition), placed)
        if self.mirror:
            real = _with_mirrored(held.real, self.medium)
            held = Batch(real, _with_mirrored(held.condition, self.condition_medium))
        return jax.device_put(held, placed)

    def __getstate__(self) -> dict[str, Any]:
        """Mapped files are pickled by their paths."""
        return self.__dict__ | jax.tree.map(_closed, {"real": self.real, "condition": self.condition})

    def __setstate__(self, state: dict[str, Any]) -> None:
        stored = {"real": state["real"], "condition": state["condition"]}
        self.__dict__.update(state | jax.tree.map(_opened, stored))


def decoded(batch: Batch, medium: Medium = images, condition_medium: Medium | None = None) -> Batch:
    """The batch as networks see it, each leaf by its medium; a condition without one is left as it is."""
    condition = batch.condition
    if condition_medium is not None:
        condition = jax.tree.map(condition_medium.decode, condition)
    return batch._replace(real=jax.tree.map(medium.decode, batch.real), condition=condition)


def _rows(real: PyTree) -> int:
    return len(jax.tree.leaves(real)[0])


def _require_equal_lengths(what: str, rows: PyTree) -> None:
    leaves = jax.tree.leaves(rows)
    for leaf in leaves:
        require(
            isinstance(leaf, np.ndarray | jax.Array) and leaf.shape != (),
            f"{what} must be arrays [N, ...], got {type(leaf).__name__}",
        )
    require(len(leaves) > 0 and all(len(leaf) > 0 for leaf in leaves), f"{what.partition(':')[0]}: no data")
    shapes = [leaf.shape for leaf in leaves]
    require(len({shape[0] for shape in shapes}) == 1, f"{what} must have equal lengths, got shapes {shapes}")


def _with_mirrored(rows: PyTree, medium: Medium | None) -> PyTree:
    mirror = None if medium is None else medium.mirror
    return jax.tree.map(lambda leaf: jnp.concatenate([leaf, leaf if mirror is None else mirror(leaf)]), rows)


@dataclass(frozen=True)
class _Mapped:
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
