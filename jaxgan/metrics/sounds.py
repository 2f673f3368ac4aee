"""Measures of sounds against the data, each with its perfect value and with the value of other data."""

import itertools
import math
from functools import cached_property, partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxgan.checks import require
from jaxgan.data.dataset import Dataset
from jaxgan.metrics.frechet import frechet_distance, moments
from jaxgan.metrics.mel import log_mel
from jaxgan.metrics.pitch import HIGHEST, LOWEST, SAMPLES, Pitches, pitches
from jaxgan.metrics.points import Measured

CLEAR = 0.8
"""Clarity above which a pitch counts as clear."""
BANDS, PARTS = 16, 8
"""Bands of mel and parts of time: their mean decibels are the features of a sound."""
LEAST = 2 * BANDS
"""Smallest number of samples, and of rows of data, that are measured."""
FLOOR = -50.0
"""Decibels below which a level counts as silence."""
SETS = 4
"""Smallest number of sets, each of as many rows as there are samples, into which the data must split."""
SHORTEST, SLOWEST = 512, 1000
"""Samples of a sound, which must be an eighth of a second too, and samples a second."""
KIND = f"at least {SETS * LEAST} sounds of at least {SHORTEST} samples and an eighth of a second"
BATCH = 256

OF_SOUNDS = ("mel_distance", "pitch_distance", "clear_pitch")


class SoundMeasures:
    """Compares samples `[n, T, C]` with equally many rows of the data, which are drawn once and are not used for the
    floors.

    | measure | of samples |
    |---|---|
    | `mel_distance` | Fréchet distance, in decibels², of the level in 16 bands of mel and 8 parts of time |
    | `pitch_distance` | mean distance, in semitones, of the sorted pitches of the sounds whose pitch is clear |
    | `clear_pitch` | share of sounds with a clear pitch, see `jaxgan.metrics.pitch`; perfect is that of the data |

    Channels are mixed.

    Args:
        dataset: sounds of at least 512 samples and an eighth of a second, of at least 1,000 samples a second.
        n: samples; with fewer than 4n rows of data, a quarter as many samples as rows are compared.
        seed: seed of the rows.

    Raises:
        ValueError: if the data are no such sounds, or n or a quarter of their rows is below 32.

    Reference:
        Kilgour et al., [Fréchet Audio Distance: A Metric for Evaluating Music Enhancement
        Algorithms](https://arxiv.org/abs/1812.08466), 2019, who take the distance of a classifier's features.
    """

    def __init__(self, dataset: Dataset, n: int, seed: int) -> None:
        require(measurable(dataset), f"the measures need {KIND}; got {dataset!r}")
        check_samples(n)
        self.reference, self.names, self.count = dataset.name, OF_SOUNDS, min(n, len(dataset) // SETS)
        self.rate = dataset.medium.rate or 1
        drawn = np.random.default_rng(seed).permutation(len(dataset))[: SETS * self.count].reshape(SETS, -1)
        self.real, *self.others = (self._seen(dataset.decode(dataset.take(rows)).real) for rows in drawn)

    def __call__(self, samples: np.ndarray) -> dict[str, Measured]:
        """Measure the first `count` samples.

        Raises:
            ValueError: if there are fewer.
        """
        require(len(samples) >= self.count, f"samples must be at least {self.count}, got {len(samples)}")
        values = self._values(self._seen(samples[: self.count]))
        perfect = {"mel_distance": 0.0, "pitch_distance": 0.0, "clear_pitch": _share(self.real[1])}
        return {name: Measured(values[name], perfect[name], self._floors[name]) for name in self.names}

    @cached_property
    def _floors(self) -> dict[str, float]:
        each = [self._values(other) for other in self.others]
        return {name: float(np.mean([values[name] for values in each])) for name in self.names}

    def _seen(self, sounds: np.ndarray) -> tuple[Float[np.ndarray, "rows size"], Pitches]:
        """Mel levels and pitches."""
        waves = np.asarray(sounds, np.float32).mean(axis=2)
        starts = range(0, len(waves), BATCH)
        levels = np.concatenate([np.asarray(_levels(waves[i : i + BATCH], self.rate)) for i in starts])
        return levels, pitches(waves, self.rate, highest=min(HIGHEST, self.rate / SAMPLES))

    def _values(self, seen: tuple[Float[np.ndarray, "rows size"], Pitches]) -> dict[str, float]:
        (real, real_pitches), (fake, fake_pitches) = self.real, seen
        return {
            "mel_distance": frechet_distance(moments(real), moments(fake)),
            "pitch_distance": pitch_distance(real_pitches, fake_pitches),
            "clear_pitch": _share(fake_pitches),
        }


def pitch_distance(real: Pitches, fake: Pitches) -> float:
    """Wasserstein distance of clear pitches in semitones, 12·log₂ of hertz; where one side has none, the interval
    between the lowest and the highest pitch that is looked for."""
    from scipy.stats import wasserstein_distance

    semitones = [12 * np.log2(side.hertz[_clear(side)]) for side in (real, fake)]
    return float(wasserstein_distance(*semitones)) if all(map(len, semitones)) else 12 * math.log2(HIGHEST / LOWEST)


def measurable(dataset: Dataset) -> bool:
    """Whether the rows are sounds that `SoundMeasures` compares, and whether there are enough."""
    rate = dataset.medium.rate
    if rate is None or not isinstance(dataset.real, np.ndarray):
        return False
    return rate >= SLOWEST and dataset.shape[0] >= max(SHORTEST, rate / 8) and len(dataset) >= SETS * LEAST


def check_samples(n: int) -> None:
    """Raise `ValueError` unless this number of samples is enough."""
    require(n >= LEAST, f"sounds are measured by {LEAST} samples at least, got {n}")


def _clear(found: Pitches) -> np.ndarray:
    return (found.clarity >= CLEAR) & np.isfinite(found.hertz)


def _share(found: Pitches) -> float:
    return float(np.mean(_clear(found)))


@partial(jax.jit, static_argnums=1)
def _levels(waves: Float[np.ndarray, "rows times"], rate: int) -> Float[jax.Array, "rows size"]:
    size = min(1 << (waves.shape[1] // PARTS).bit_length() - 1, 1024)
    levels = log_mel(jnp.asarray(waves), rate, size=size, hop=size // 4, bands=BANDS, floor=FLOOR)
    places = np.linspace(0, levels.shape[1], PARTS + 1).astype(int)
    parts = [levels[:, i:j].mean(axis=1) for i, j in itertools.pairwise(places)]
    return jnp.concatenate(parts, axis=1)
