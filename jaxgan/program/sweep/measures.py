"""What is measured of the samples of each member."""

import jax
import numpy as np

from jaxgan import data
from jaxgan.core import Algorithm, GANState
from jaxgan.data.mixtures import MIXTURES
from jaxgan.diagnostics.mode_collapse import diversity
from jaxgan.metrics.modes import mode_coverage
from jaxgan.observe.gallery import POINTS, example
from jaxgan.runs.run_folder import Run

IMAGES = 256


class Measures:
    """Of a known mixture of Gaussians the coverage of its modes, of other data the diversity of the samples."""

    def __init__(self, run: Run, dataset: data.Dataset | data.IterableDataset, algorithm: Algorithm) -> None:
        self.algorithm, self.key = algorithm, jax.random.key(run.config.seed)
        self.mixture = MIXTURES.get(dataset.name)
        rows = POINTS if len(run.of.shape) == 1 else IMAGES
        self.real = np.asarray(example(dataset, rows, run.config.seed).real)

    def of(self, state: GANState) -> dict[str, np.ndarray]:
        """A number of each member, `[members]`; NaN where a sample is not finite."""
        state = jax.device_put(state, jax.local_devices()[0])
        samples = np.asarray(self.algorithm.sample(state, self.key, len(self.real)))
        found = [self._one(each) for each in samples]
        names = next((each.keys() for each in found if each), ())
        return {name: np.array([each.get(name, np.nan) for each in found]) for name in names}

    def _one(self, samples: np.ndarray) -> dict[str, float]:
        if not np.isfinite(samples).all():
            return {}
        found = diversity(samples, self.real) if self.mixture is None else mode_coverage(samples, self.mixture)
        return found._asdict()
