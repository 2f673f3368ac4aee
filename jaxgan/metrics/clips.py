"""Measures of clips against the data, each with its perfect value and with the value of other data."""

from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from jaxgan.checks import require
from jaxgan.data.dataset import Dataset
from jaxgan.metrics.frechet import frechet_distance, moments
from jaxgan.metrics.motion import Motion, motion
from jaxgan.metrics.points import Measured
from jaxgan.metrics.random_features import random_features

LEAST = 32
"""Smallest number of samples, and of rows of data, that are measured."""
SETS = 4
"""Smallest number of sets, each of as many rows as there are samples, into which the data must split."""
FRAMES = 3
KIND = f"at least {SETS * LEAST} clips of at least {FRAMES} frames"
BATCH = 256

OF_CLIPS = ("clip_distance", "motion_error", "speed_distance")


class Seen(NamedTuple):
    """What is compared of clips."""

    features: Float[np.ndarray, "rows size"]
    motion: Motion


class ClipMeasures:
    """Compares samples `[n, T, H, W, C]` with equally many rows of the data, which are drawn once and are not used for
    the floors.

    | measure | of samples |
    |---|---|
    | `clip_distance` | Fréchet distance of the features of a random network, to which frames are channels |
    | `motion_error` | mean error of the motion in pixels, see `jaxgan.metrics.motion`; perfect is that of the data |
    | `speed_distance` | Wasserstein distance of the speeds, in pixels a frame |

    Args:
        dataset: clips of at least 3 frames.
        n: samples; with fewer than 4n rows of data, a quarter as many samples as rows are compared.
        seed: seed of the rows.

    Raises:
        ValueError: if the data are no such clips, or n or a quarter of their rows is below 32.

    Reference:
        Unterthiner et al., [Towards Accurate Generative Models of Video: A New Metric &
        Challenges](https://arxiv.org/abs/1812.01717), 2018, who take the distance of a classifier's features.
    """

    def __init__(self, dataset: Dataset, n: int, seed: int) -> None:
        require(measurable(dataset), f"the measures need {KIND}; got {dataset!r}")
        check_samples(n)
        self.reference, self.names, self.count = dataset.name, OF_CLIPS, min(n, len(dataset) // SETS)
        frames, height, width, channels = dataset.shape
        self.features = random_features((height, width, frames * channels))
        drawn = np.random.default_rng(seed).permutation(len(dataset))[: SETS * self.count].reshape(SETS, -1)
        self.real, *self.others = (self._seen(dataset.decode(dataset.take(rows)).real) for rows in drawn)

    def __call__(self, samples: np.ndarray) -> dict[str, Measured]:
        """Measure the first `count` samples.

        Raises:
            ValueError: if there are fewer.
        """
        require(len(samples) >= self.count, f"samples must be at least {self.count}, got {len(samples)}")
        values = self._values(self._seen(samples[: self.count]))
        perfect = {"clip_distance": 0.0, "motion_error": _error(self.real), "speed_distance": 0.0}
        return {name: Measured(values[name], perfect[name], self._floors[name]) for name in self.names}

    @cached_property
    def _floors(self) -> dict[str, float]:
        each = [self._values(other) for other in self.others]
        return {name: float(np.mean([values[name] for values in each])) for name in self.names}

    def _seen(self, clips: np.ndarray) -> Seen:
        rows, _, height, width, _ = clips.shape
        images: Any = np.moveaxis(clips, 1, 3).reshape(rows, height, width, -1)
        parts = [self.features.of(images[i : i + BATCH]).features for i in range(0, rows, BATCH)]
        return Seen(np.concatenate([np.asarray(part) for part in parts]), motion(clips))

    def _values(self, seen: Seen) -> dict[str, float]:
        from scipy.stats import wasserstein_distance

        return {
            "clip_distance": frechet_distance(moments(self.real.features), moments(seen.features)),
            "motion_error": _error(seen),
            "speed_distance": float(wasserstein_distance(self.real.motion.speed, seen.motion.speed)),
        }


def measurable(dataset: Dataset) -> bool:
    """Whether the rows are clips that `ClipMeasures` compares, and whether there are enough."""
    clips = dataset.medium.name == "clips" and isinstance(dataset.real, np.ndarray)
    return clips and dataset.shape[0] >= FRAMES and len(dataset) >= SETS * LEAST


def check_samples(n: int) -> None:
    """Raise `ValueError` unless this number of samples is enough."""
    require(n >= LEAST, f"clips are measured by {LEAST} samples at least, got {n}")


def _error(seen: Seen) -> float:
    return float(np.mean(seen.motion.error))
