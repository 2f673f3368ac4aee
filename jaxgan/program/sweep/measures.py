"""What is measured of the samples of each member."""

import jax
import numpy as np

from jaxgan.core import GANState
from jaxgan.data.dataset import Dataset
from jaxgan.data.iterable import IterableDataset
from jaxgan.diagnostics.mode_collapse import diversity
from jaxgan.experiment import Experiment
from jaxgan.metrics.modes import mode_coverage
from jaxgan.observe.gallery import COLUMNS, compared
from jaxgan.observe.requests import classes_in_turn, example, request
from jaxgan.runs.classes import with_rows
from jaxgan.runs.run_folder import Run

MOST = 256


class Measures:
    """Of a known mixture of Gaussians the coverage of its modes, of other data the diversity of the samples."""

    def __init__(self, run: Run, experiment: Experiment) -> None:
        data = experiment.data
        assert isinstance(data, Dataset | IterableDataset)
        self.experiment, self.key = experiment, jax.random.key(run.program.seed)
        self.modes = getattr(data, "modes", None)
        rows = example(data, max(MOST, data.medium.shown(COLUMNS)), run.program.seed)
        self.real = compared(experiment, rows.real)
        self.count = jax.tree.leaves(rows)[0].shape[0]
        classes = with_rows(run) if experiment.conditional == "classes" else []
        self.request = request(experiment, rows, classes_in_turn(classes, self.count) if classes else None)

    def of(self, state: GANState) -> dict[str, np.ndarray]:
        """A number of each member, `[members]`; NaN where a sample is not finite."""
        state = jax.device_put(state, jax.local_devices()[0])
        samples = self.experiment.algorithm.sample(state, self.key, self.count, self.request)
        members = jax.tree.leaves(samples)[0].shape[0]
        each = (jax.tree.map(lambda x, i=i: np.asarray(x[i]), samples) for i in range(members))
        found = [self._one(compared(self.experiment, one)) for one in each]
        names = next((each.keys() for each in found if each), ())
        return {name: np.array([each.get(name, np.nan) for each in found]) for name in names}

    def _one(self, samples: np.ndarray | None) -> dict[str, float]:
        if samples is None or self.real is None or not np.isfinite(samples).all():
            return {}
        found = diversity(samples, self.real) if self.modes is None else mode_coverage(samples, self.modes)
        return found._asdict()
