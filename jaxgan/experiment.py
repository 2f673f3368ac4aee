"""All that a run trains: the data, the algorithm, and how samples are requested and shown."""

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
    """All that a run trains. It knows no file, no device and no command line.

    Only the first two are needed: a game of one's own is `Experiment(dataset, algorithm)`.

    Examples:
        >>> experiment = jaxgan.Experiment(jaxgan.data.load("ring"), algorithm, extendable=True)  # doctest: +SKIP
        >>> trained = jaxgan.train(experiment, jaxgan.Program(steps=1000))  # doctest: +SKIP
    """

    data: Dataset | IterableDataset | DataShape
    """Data to train on; for a stored run that is only sampled, their shape alone."""
    algorithm: Algorithm
    """Game and dynamics, see `jaxgan.algorithm`."""
    conditional: Literal["nothing", "classes", "rows"] = "nothing"
    """Condition of samples: nothing, the classes of the data, or what `ask` takes from rows of the data."""
    ask: Callable[[Batch], PyTree] = lambda batch: batch.condition
    """Function from rows of the data to the condition of as many samples, if `conditional` is "rows"."""
    reconstructs: bool = False
    """Whether samples that are requested by rows are to be the rows themselves. They are then measured as pairs."""
    unlabelled: bool = False
    """Whether the game takes rows and samples without a class, as label -1, if `conditional` is "classes"."""
    view: Callable[[Batch, PyTree], PyTree] = as_they_are
    """`(rows of the data, samples) -> what a picture shows`, such as source, sample and target side by side."""
    medium: Medium | None = None
    """Medium of what a picture shows; None: that of the data."""
    compared: Callable[[PyTree], Float[Array, "rows ..."]] | None = None
    """Function from real rows, or from samples, to the one array that detectors and metrics compare; None if they are
    one array."""
    latents: Latents | None = None
    """Latents of samples that are requested by number. None: those of the game (`Game.latents`); keys alone, if the
    game has none or if samples are requested by rows."""
    truncated: Callable[[float, int | None], Algorithm] | None = None
    """`(psi, layers) -> algorithm` with truncated samples, for networks that support it."""
    styled: Callable[[GANState, Float[Array, "n size"], PyTree], Float[Array, "n layers style"]] | None = None
    """`(state, latents, condition) -> styles` of the averaged generator, for networks that also take styles `[n,
    layers, style]` instead of latents."""
    latent_weights: Callable[[GANState], tuple[Float[Array, "size _features"], ...]] | None = None
    """`(state) -> weights` of the linear layers of the averaged generator that read the latent; if it takes styles, one
    for each layer of styles."""
    log_ratio: Callable[[GANState, PyTree, PyTree], Float[Array, "n"]] | None = None
    """`(state, samples, condition) -> logarithm` of the density of data over that of samples, up to a constant, as the
    discriminator estimates it in evaluation mode; None if its logits do not estimate that."""
    log_likelihood: Callable[[GANState, Float[Array, "rows ..."]], Float[Array, "rows"]] | None = None
    """`(state, rows) -> ` natural logarithm of their probability under the averaged generator, if it has one."""
    group: int = 1
    """Number of neighbouring rows that the discriminator compares with each other, such as the groups of a minibatch
    standard deviation; it gets multiples of this number."""
    parts: int = 1
    """Number of parts into which a step splits its batch; devices times parts must divide the batch."""
    extendable: bool = False
    """Whether a run may continue beyond its original number of steps. Then nothing in it may depend on that number."""
