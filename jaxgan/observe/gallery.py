"""Pictures of a run, always from the same latents and conditions, and measures of points, sounds, clips or texts."""

from pathlib import Path
from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import PyTree

from jaxgan.core import GANState
from jaxgan.data.dataset import Dataset
from jaxgan.data.iterable import IterableDataset
from jaxgan.data.media import View
from jaxgan.experiment import Experiment
from jaxgan.metrics.points import Measured
from jaxgan.observe.requests import classes_in_turn, example, of_classes, request
from jaxgan.observe.row_observer import RowObserver, is_measured
from jaxgan.runs.classes import with_rows
from jaxgan.runs.run_folder import Run

COLUMNS = 8
MOST_COLUMNS = 16


class Picture(NamedTuple):
    """A saved picture."""

    path: Path
    samples: np.ndarray | None
    """Samples that detectors compare with `Gallery.real`; None if they are not one array, or if each is to be a certain
    row of the data."""
    measures: dict[str, Measured]
    """Measures of points, sounds, clips or texts, see `RowObserver`."""


class Gallery:
    """Draws and saves the pictures of a run."""

    def __init__(self, run: Run, experiment: Experiment) -> None:
        data = experiment.data
        assert isinstance(data, Dataset | IterableDataset)
        self.run, self.experiment = run, experiment
        self.medium = experiment.medium or data.medium
        self.observer = RowObserver(experiment, seed=run.program.seed) if is_measured(experiment) else None
        classes = with_rows(run) if experiment.conditional == "classes" else []
        self.columns = len(classes) if 1 < len(classes) <= MOST_COLUMNS else COLUMNS
        shown = self.medium.shown(self.columns)
        self.rows = example(data, shown, run.program.seed)
        count = jax.tree.leaves(self.rows)[0].shape[0]
        labels = classes_in_turn(classes, count) if classes else None
        self.request = request(experiment, self.rows, labels)
        real = self.rows if labels is None else of_classes(data, labels, run.program.seed) or self.rows
        self.count = count
        self.labels = labels if real is not self.rows else None
        """Classes of `real` and of the samples, row by row; None where there are none."""
        self.shown = jax.device_get(experiment.view(real, real.real))
        self.real = compared(experiment, real.real)

    def draw_data(self) -> Path:
        """Save the picture of the data, sorted by class like those of the samples."""
        return self.medium.save(self.run.samples / "real", self.shown, View(columns=self.columns))

    def draw(self, state: GANState) -> Picture:
        """Save the picture of a state, `step-NNNNNN`."""
        state = jax.device_put(state, jax.local_devices()[0])
        key = jax.random.key(self.run.program.seed)
        samples = jax.device_get(self.experiment.algorithm.sample(state, key, self.count, self.request))
        measures = {} if self.observer is None else self.observer(self.experiment.algorithm, state)
        title = f"step {int(state.step):,}"
        if "modes" in measures:
            title += f", {measures['modes'].value:.0f} of {measures['modes'].perfect:.0f} modes"
        view = View(columns=self.columns, data=self.shown, title=title)
        path = self.medium.save(
            self.run.samples / f"step-{int(state.step):06d}",
            jax.device_get(self.experiment.view(self.rows, samples)),
            view,
        )
        alone = None if self.experiment.reconstructs else compared(self.experiment, samples)
        return Picture(path, alone, measures)


def compared(experiment: Experiment, rows: PyTree) -> np.ndarray | None:
    """Array of rows that detectors and metrics compare, or None."""
    if experiment.compared is not None:
        return np.asarray(experiment.compared(rows))
    return np.asarray(rows) if len(jax.tree.leaves(rows)) == 1 and hasattr(rows, "shape") else None
