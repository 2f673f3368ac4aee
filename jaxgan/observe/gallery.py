"""The pictures of a run, all of the same latents and labels, and what they show of a known mixture."""

from pathlib import Path

import jax
import numpy as np

from jaxgan import data
from jaxgan.core import Algorithm, Batch, GANState
from jaxgan.data.mixtures import MIXTURES
from jaxgan.metrics.modes import ModeCoverage, mode_coverage
from jaxgan.observe import pictures
from jaxgan.runs.run_folder import Run

POINTS = 2500
ROWS = 8


def example(dataset: data.Dataset | data.IterableDataset, rows: int, seed: int) -> Batch:
    """So many rows of a data set; the first batch, whatever its size, of one that has none of its own."""
    if isinstance(dataset, data.Dataset):
        return next(dataset.batches(min(rows, len(dataset)), seed))
    return dataset.decode(dataset.first)


class Gallery:
    """Draws and saves the pictures of a run."""

    def __init__(self, run: Run, dataset: data.Dataset | data.IterableDataset, algorithm: Algorithm) -> None:
        self.run, self.algorithm = run, algorithm
        classes = run.of.num_classes
        self.columns = classes if run.config.conditional and classes and classes <= 16 else 8
        self.mixture = MIXTURES.get(dataset.name)
        size = POINTS if len(run.of.shape) == 1 else ROWS * self.columns
        self.real = example(dataset, size, run.config.seed).real
        pictures.save_picture(run.samples / "real.png", self.real, columns=self.columns)

    def draw(self, state: GANState) -> tuple[Path, np.ndarray, ModeCoverage | None]:
        """Save `step-NNNNNN.png`; returns its path, the samples and, of a known mixture of Gaussians, the coverage."""
        state = jax.device_put(state, jax.local_devices()[0])
        made = np.asarray(self.algorithm.sample(state, jax.random.key(self.run.config.seed), len(self.real)))
        path = self.run.samples / f"step-{int(state.step):06d}.png"
        coverage = None if self.mixture is None else mode_coverage(made, self.mixture)
        title = f"step {int(state.step):,}"
        if coverage is not None and self.mixture is not None:
            title += f", {coverage.modes} of {len(self.mixture.centres)} modes"
        pictures.save_picture(path, made, columns=self.columns, around=self.real, title=title)
        return path, made, coverage
