"""What a recipe is, and what it must know of its data."""

import json
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from jaxgan.data.dataset import Dataset
    from jaxgan.data.iterable import IterableDataset
    from jaxgan.data.media import Medium
    from jaxgan.experiment import Experiment


class DataShape(NamedTuple):
    """Shape, classes and medium of a data set whose rows are not at hand."""

    shape: Any
    """Shape of one datum as networks see it; a pytree of shapes where a datum is a pytree of arrays."""
    num_classes: int | None
    kind: str | None = None
    """Name of the medium; None is deduced from the shape."""

    def is_like(self, other: "DataShape") -> bool:
        """Whether shapes and classes are the same, also where one was read from JSON, which keeps no names."""
        shapes = json.dumps(self.shape) == json.dumps(other.shape)
        return shapes and self.num_classes == other.num_classes

    def is_whole(self) -> bool:
        """Whether it says all that networks must know: one array of a medium that its name alone describes."""
        from jaxgan.data.media import NAMED

        plain = isinstance(self.shape, tuple) and all(isinstance(size, int) for size in self.shape)
        return plain and (self.kind is None or self.kind in NAMED)

    @property
    def medium(self) -> "Medium":
        """What one datum is.

        Raises:
            ValueError: if the name does not say all of it.
        """
        from jaxgan.data.media import named

        return named(self.kind, self.shape)


@runtime_checkable
class Recipe(Protocol):
    """A frozen dataclass of options with two functions. Copy `jaxgan/recipes/gan.py`, or write one of ten lines.

    It may have a third, `advice(finding: str) -> tuple[str, ...]`: what to try where a detector of that name fires,
    such as "mode collapse", the most promising first, and nothing that its options already do. What the detector
    advises by itself is said of recipes without it. A `MEDIUM`, such as "clips", has its help list only the metrics for
    such data, see `jaxgan.observe.numbers`.
    """

    def dataset(self) -> "Dataset | IterableDataset":
        """Load or make the data."""

    def experiment(self, data: "Dataset | IterableDataset | DataShape", steps: int) -> "Experiment":
        """The experiment on these data, for so many steps.

        A stored run is sampled without its rows: `data` is then their shape, where that says all.
        """


class OfPresets(Recipe, Protocol):
    """A recipe whose instances can be presets, which are described before their data are there."""

    def asked_for(self, of: DataShape) -> "Dataset | DataShape":
        """Replacement for data of the preset's shape, at the size that the options request."""
