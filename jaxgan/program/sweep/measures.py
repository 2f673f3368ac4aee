"""Measures of the samples of each member."""

import jax
import numpy as np

from jaxgan.core import GANState
from jaxgan.data.dataset import Dataset
from jaxgan.data.iterable import IterableDataset
from jaxgan.diagnostics.mode_collapse import diversity
from jaxgan.experiment import Experiment
from jaxgan.metrics.points import Measured
from jaxgan.observe.gallery import COLUMNS, compared
from jaxgan.observe.requests import classes_in_turn, example, request
from jaxgan.observe.row_observer import RowObserver, is_measured, values
from jaxgan.program.sweep.settings import Sweep
from jaxgan.runs.classes import with_rows
from jaxgan.runs.run_folder import Run

MOST = 256


class Measures:
    """Measures of `jaxgan train` and `jaxgan evaluate` for points, sounds, clips and texts; diversity of others."""

    def __init__(self, run: Run, experiment: Experiment, sweep: Sweep) -> None:
        data = experiment.data
        assert isinstance(data, Dataset | IterableDataset)
        self.experiment, self.key = experiment, jax.random.key(run.program.seed)
        self.floor: dict[str, float] = {}
        """Floors of points, sounds, clips and texts: means over the members."""
        self.observers: list[RowObserver] = []
        """One a seed, for points, sounds, clips and texts."""
        if is_measured(experiment):
            self.alone = sweep.alone(data)
            seeds = range(run.program.seed, run.program.seed + sweep.seeds)
            self.observers = [RowObserver(self.alone[0], seed=seed) for seed in seeds]
            return
        rows = example(data, max(MOST, data.medium.shown(COLUMNS)), run.program.seed)
        self.real = compared(experiment, rows.real)
        self.count = jax.tree.leaves(rows)[0].shape[0]
        classes = with_rows(run) if experiment.conditional == "classes" else []
        self.request = request(experiment, rows, classes_in_turn(classes, self.count) if classes else None)

    def of(self, state: GANState) -> dict[str, np.ndarray]:
        """A number of each member, `[members]`; NaN where a sample is not finite."""
        state = jax.device_put(state, jax.local_devices()[0])
        found = self._of_rows(state) if self.observers else self._of_others(state)
        names = next((each.keys() for each in found if each), ())
        return {name: np.array([each.get(name, np.nan) for each in found]) for name in names}

    def _of_rows(self, state: GANState) -> list[dict[str, float]]:
        found: list[dict[str, Measured]] = []
        for setting, experiment in enumerate(self.alone):
            for seed, observer in enumerate(self.observers):
                found.append(observer(experiment.algorithm, member(state, setting * len(self.observers) + seed)))
        names = next((each.keys() for each in found if each), ())
        self.floor = {name: float(np.mean([each[name].floor for each in found if each])) for name in names}
        return [values(each) for each in found]

    def _of_others(self, state: GANState) -> list[dict[str, float]]:
        samples = self.experiment.algorithm.sample(state, self.key, self.count, self.request)
        members = jax.tree.leaves(samples)[0].shape[0]
        each = (jax.tree.map(lambda x, i=i: np.asarray(x[i]), samples) for i in range(members))
        return [self._diversity(compared(self.experiment, one)) for one in each]

    def _diversity(self, samples: np.ndarray | None) -> dict[str, float]:
        if samples is None or self.real is None or not np.isfinite(samples).all():
            return {}
        return diversity(samples, self.real)._asdict()


def member(state: GANState, i: int) -> GANState:
    """The state of the i-th member of a population."""
    step, *own = state
    return GANState(step, *jax.tree.map(lambda x: x[i], own))
