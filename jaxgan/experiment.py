"""What a run trains, whole: data, the algorithm, and how its samples are asked for and looked at."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from jaxtyping import Array, Float, PyTree

from jaxgan.core import Algorithm, Batch, GANState
from jaxgan.core import Latents as Latents
from jaxgan.data.dataset import Dataset
from jaxgan.data.iterable import IterableDataset
from jaxgan.data.media import Medium
from jaxgan.recipes.recipe import DataShape


def as_they_are(batch: Batch, samples: PyTree) -> PyTree:
    """The samples alone."""
    return samples


class Experiment(NamedTuple):
    """What a run trains. It knows no file, no device and no command line.

    Only the first two are needed: a game of one's own is `Experiment(dataset, algorithm)`.
    """

    data: Dataset | IterableDataset | DataShape
    """What it is trained on; of a stored run that is only sampled, its shape alone."""
    algorithm: Algorithm
    """Game and dynamics, see `jaxgan.algorithm`."""
    conditional: Literal["nothing", "classes", "rows"] = "nothing"
    """What samples are asked for by: nothing; the classes of the data; or what `ask` takes from rows of the data."""
    ask: Callable[[Batch], PyTree] = lambda batch: batch.condition
    """From rows of the data to the condition of as many samples, where `conditional` is "rows"."""
    unlabelled: bool = False
    """Whether the game takes rows and samples without a class, as label -1, where `conditional` is "classes"."""
    view: Callable[[Batch, PyTree], PyTree] = as_they_are
    """`(rows of the data, samples) -> what a picture shows`, such as source, sample and target side by side."""
    medium: Medium | None = None
    """Medium of what a picture shows; None: that of the data."""
    compared: Callable[[PyTree], Float[Array, "rows ..."]] | None = None
    """From real rows, and from samples, to the one array that detectors and metrics compare; None: they are one."""
    latents: Latents | None = None
    """How samples that are asked for by number get their latents; None: as the game draws them (`Game.latents`), and by
    keys alone where it has none, or where samples are asked for by rows."""
    truncated: Callable[[float, int | None], Algorithm] | None = None
    """`(psi, layers) -> algorithm` whose samples are pulled to their mean, of networks that can do so."""
    styled: Callable[[GANState, Float[Array, "n size"], PyTree], Float[Array, "n layers style"]] | None = None
    """`(state, latents, condition) -> styles` of the averaged generator, of networks that take styles `[n, layers,
    style]` in the place of latents."""
    parts: int = 1
    """Parts into which a step splits its batch; devices times parts must divide the batch."""
    extendable: bool = False
    """Whether a run may go on beyond the steps that were asked for first: nothing in it depends on their number."""
