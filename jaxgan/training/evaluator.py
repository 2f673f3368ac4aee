"""From a state of a run to records of how good its samples are: which samples, which data, which features."""

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np

from jaxgan import data
from jaxgan.core import Algorithm, GANState
from jaxgan.training.config import Config, Metric
from jaxgan.training.records import Record
from jaxgan.training.sampling import draw_latents, generated

Features = Literal["auto", "classifier", "inception", "pixels"]
"""auto: Inception if its weights are given, else a classifier of labelled images, else the numbers themselves."""


class Evaluator:
    """Compares samples of a run, drawn from the averaged generator, with its data.

    Raises:
        ValueError: if the data has no rows, or the features do not fit it.
    """

    def __init__(self, config: Config, dataset: data.Dataset | data.IterableDataset, algorithm: Algorithm) -> None:
        if not isinstance(dataset, data.Dataset):
            raise ValueError(f"an evaluation needs a data set with rows, got {dataset.name}, an iterable of batches")
        self.config, self.dataset, self.algorithm = config, dataset, algorithm

    def __call__(self, state: GANState, metrics: Sequence[Metric], *, n: int, seed: int) -> list[Record]:
        """A record a metric; none at all if the samples are not finite.

        Args:
            state: on one device.
            metrics: what to measure.
            n: samples.
            seed: of their latents and labels.
        """
        samples = np.concatenate(list(self.samples(state, n, seed)))
        if not np.isfinite(samples).all():
            return []
        real = self.dataset.real.reshape(len(self.dataset), -1)
        value = float(np.square(real.mean(0) - samples.reshape(n, -1).mean(0)).sum())
        return [{"metric": m, "value": value, "step": int(state.step), "n": n, "seed": seed} for m in metrics]

    def samples(self, state: GANState, n: int, seed: int) -> Iterator[np.ndarray]:
        """Chunks of them; the labels are those of rows of the data, drawn at random."""
        labels = None
        if self.config.conditional:
            rows = np.random.default_rng(seed).integers(len(self.dataset), size=n)
            labels = self.dataset.take(rows).condition
        return generated(self.algorithm, state, draw_latents(self.config, seed, n), labels)
