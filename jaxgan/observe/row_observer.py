"""Measures of a run on points, sounds, clips or texts, with the same samples and the same numbers in every command."""

import jax
import numpy as np

from jaxgan.core import Algorithm, GANState
from jaxgan.data.dataset import Dataset
from jaxgan.experiment import Experiment
from jaxgan.metrics import clips, points, sounds, texts
from jaxgan.metrics.clips import ClipMeasures
from jaxgan.metrics.points import Measured, PointMeasures
from jaxgan.metrics.sounds import SoundMeasures
from jaxgan.metrics.texts import TextMeasures
from jaxgan.observe.requests import asked_at_random

SAMPLES = 2500
"""Number of samples, as in the papers, see `jaxgan.metrics.modes`."""
CHUNK = 250
"""Number of rows whose likelihood is computed at once."""


class RowObserver:
    """Measures states of one experiment by samples of one seed.

    Training, evaluations, sweeps and benchmarks all draw and measure here, so that equal states, samples and seeds have
    equal numbers.

    Args:
        experiment: whose samples.
        n: samples.
        seed: seed of the samples, and of the rows of data that they are compared with.
        reference: the data; those of the experiment if None.

    Raises:
        ValueError: if the data are no points that `PointMeasures` compares, no sounds that `SoundMeasures` does, no
            clips that `ClipMeasures` does and no texts that `TextMeasures` does, or too few.
    """

    def __init__(
        self, experiment: Experiment, *, n: int = SAMPLES, seed: int, reference: Dataset | None = None
    ) -> None:
        assert isinstance(experiment.data, Dataset)
        reference = experiment.data if reference is None else reference
        self.measures, self.key = _measures_of(reference)(reference, n, seed), jax.random.key(seed)
        self.decode = reference.medium.decode
        self.likelihood = None if experiment.log_likelihood is None else jax.jit(experiment.log_likelihood)
        labels_of = experiment.data if reference.labels is None else reference
        self.condition = asked_at_random(experiment, labels_of, self.measures.count, seed)

    def __call__(self, algorithm: Algorithm, state: GANState) -> dict[str, Measured]:
        """Measures of samples of the averaged generator; none if they are not finite.

        Args:
            algorithm: algorithm of the experiment, or of a member of a population of it.
            state: state of one run, on one device.
        """
        samples = np.asarray(algorithm.sample(state, self.key, self.measures.count, self.condition))
        if not np.isfinite(samples).all():
            return {}
        if isinstance(self.measures, TextMeasures):
            return self.measures(samples, None if self.likelihood is None else self._of_rows(self.measures.real, state))
        return self.measures(samples)

    def _of_rows(self, rows: np.ndarray, state: GANState) -> np.ndarray:
        """Logarithms of the probabilities of rows under the generator."""
        assert self.likelihood is not None
        chunks = (self.decode(rows[i : i + CHUNK]) for i in range(0, len(rows), CHUNK))
        return np.concatenate([np.asarray(self.likelihood(state, chunk)) for chunk in chunks])


def is_measured(experiment: Experiment) -> bool:
    """Whether there is a `RowObserver` for this experiment."""
    data = experiment.data
    return isinstance(data, Dataset) and experiment.compared is None and bool(names(experiment, data))


def names(experiment: Experiment, dataset: Dataset) -> tuple[str, ...]:
    """Names of the measures of an experiment against these data; none unless they are such points, sounds,
    clips or texts."""
    if texts.measurable(dataset):
        return texts.names(dataset, likelihood=experiment.log_likelihood is not None)
    if clips.measurable(dataset):
        return clips.OF_CLIPS
    return sounds.OF_SOUNDS if sounds.measurable(dataset) else points.names(dataset)


def check_samples(dataset: Dataset, n: int) -> None:
    """Raise `ValueError` unless so many samples of such data are enough."""
    kind = next((kind for kind in (texts, sounds, clips) if kind.measurable(dataset)), points)
    kind.check_samples(n)


def _measures_of(
    dataset: Dataset,
) -> type[PointMeasures] | type[SoundMeasures] | type[ClipMeasures] | type[TextMeasures]:
    if texts.measurable(dataset):
        return TextMeasures
    if clips.measurable(dataset):
        return ClipMeasures
    return SoundMeasures if sounds.measurable(dataset) else PointMeasures


def told(measures: dict[str, Measured]) -> str:
    """For people."""
    shown = ", ".join(f"{name.replace('_', ' ')} {measured}" for name, measured in measures.items())
    return f"measures (perfect, floor): {shown}"


def values(measures: dict[str, Measured]) -> dict[str, float]:
    """For curves and detectors."""
    return {name: measured.value for name, measured in measures.items()}
