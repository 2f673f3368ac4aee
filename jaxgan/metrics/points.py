"""Measures of points against the data, each with its perfect value and with the value of other data."""

from functools import cached_property
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from jaxgan.checks import require
from jaxgan.data.dataset import Dataset
from jaxgan.data.mixtures import Mixture, nearest_centres
from jaxgan.metrics.modes import mode_coverage
from jaxgan.metrics.rows import two_sets
from jaxgan.metrics.sliced_wasserstein import sliced_wasserstein

NEIGHBOURS = 5
"""Order of a neighbour: a row of the data is covered if a sample is at least as close as its fifth nearest other
row."""
LEAST = NEIGHBOURS + 1
"""Smallest number of rows of data, and of samples of a mode, that are judged."""
DRAWS = 16
"""Largest number of sets of other data that are measured; the floor is the mean over them."""
DIRECTIONS = 64
LARGEST = 15
"""Dimension above which the search for neighbours is no faster than a comparison of all pairs."""

OF_MODES = ("modes", "high_quality", "reverse_kl", "spread", "worst_spread")
OF_POINTS = ("uncovered", "neighbour_ratio", "sliced_wasserstein")


class Measured(NamedTuple):
    """A measure of samples, with the values to compare it with."""

    value: float
    perfect: float
    """Value of endless samples of the data's distribution; for `uncovered`, the average of as many samples of it."""
    floor: float
    """Mean of the same measure over sets of other data with as many rows as there are samples. No sampler does
    better."""

    def __str__(self) -> str:
        return f"{self.value:.4g} ({self.perfect:.4g}, {self.floor:.4g})"


class PointMeasures:
    """Compares samples `[n, ...]` with equally many rows of the data, which are drawn once and are not used for the
    floors.

    | measure | of samples |
    |---|---|
    | `modes` | modes with a high-quality sample, see `jaxgan.metrics.modes` |
    | `high_quality` | share within 3σ of a centre; perfect is P(χ²(size) ≤ 9), 1 − e^(−4.5) in the plane |
    | `reverse_kl` | KL(shares of the modes ‖ weights), in nats; its floor is about (K − 1)/(2n) |
    | `spread` | median distance of a mode's samples from their median, over that of its data; mean over modes |
    | `worst_spread` | the same ratio of the mode where its logarithm is farthest from 0 |
    | `uncovered` | share of the rows to which no sample is as near as their fifth nearest other row |
    | `neighbour_ratio` | median distance to the nearest other, over that of the rows: low where samples are beads |
    | `sliced_wasserstein` | distance along 64 random directions, see `jaxgan.metrics.sliced_wasserstein` |

    The first five need a data set with `modes`. A mode of fewer than six samples has no spread: `modes` tells of it.

    Args:
        dataset: points of at most 15 numbers; its `held_out` rows are the data compared with, if there are any.
        n: samples; with fewer than 2n rows of data, half as many samples as rows are compared.
        seed: seed of the rows and the directions.

    Raises:
        ValueError: if the data are no such points, or n or half of their rows is below six.

    Reference:
        Srivastava et al., [VEEGAN](https://arxiv.org/abs/1705.07761), 2017, section 4.1 (modes, high quality); Naeem et
        al., [Reliable Fidelity and Diversity Metrics for Generative Models](https://arxiv.org/abs/2002.09797), 2020,
        section 3.2 (1 − coverage); Rabin et al., Wasserstein Barycenter and Its Application to Texture Mixing, 2011.
    """

    def __init__(self, dataset: Dataset, n: int, seed: int) -> None:
        require(
            measurable(dataset),
            f"{2 * LEAST} points or more, of at most {LARGEST} numbers, are measured; got {dataset!r}",
        )
        check_samples(n)
        rows = _compared(dataset)
        self.reference = dataset.name if dataset.held_out is None else f"{dataset.name}, held out"
        self.modes, self.seed, self.count = dataset.modes, seed, min(n, len(rows) // 2)
        self.names = names(dataset)
        sets = min(1 + DRAWS, len(rows) // self.count)
        drawn = np.random.default_rng(seed).permutation(len(rows))[: sets * self.count]
        chosen = np.asarray(rows[drawn], np.float64).reshape(sets, self.count, -1)
        self.real, self.others = chosen[0], chosen[1:]
        self.radii = nearest_others(self.real, NEIGHBOURS)
        self.apart = float(np.median(nearest_others(self.real, 1)))
        self.widths = None if self.modes is None else widths(chosen.reshape(-1, chosen.shape[-1]), self.modes)

    def __call__(self, samples: np.ndarray) -> dict[str, Measured]:
        """Measure the first `count` samples.

        Raises:
            ValueError: if there are fewer, or they are not finite or of another shape than the data.
        """
        require(len(samples) >= self.count, f"samples must be at least {self.count}, got {len(samples)}")
        values, floors = self._values(samples[: self.count].reshape(self.count, -1)), self._floors
        if values.get("worst_spread", 1.0) < 1:
            floors = floors | {"worst_spread": 1 / floors["worst_spread"]}
        return {name: Measured(values[name], self._perfect[name], floors[name]) for name in self.names}

    @cached_property
    def _perfect(self) -> dict[str, float]:
        from scipy.stats import chi2

        passed = np.arange(1, NEIGHBOURS + 1)
        uncovered = float(np.prod((self.count - passed) / (2 * self.count - passed)))
        perfect = {"uncovered": uncovered, "neighbour_ratio": 1.0, "sliced_wasserstein": 0.0}
        if self.modes is not None:
            perfect |= {"modes": float(len(self.modes.centres)), "reverse_kl": 0.0, "spread": 1.0, "worst_spread": 1.0}
            perfect["high_quality"] = float(chi2.cdf(9, self.real.shape[1]))
        return perfect

    @cached_property
    def _floors(self) -> dict[str, float]:
        """Floors. The worst spread counts as a factor above 1, because it may lie on either side of 1."""
        each = [self._values(other) for other in self.others]
        for values in each:
            worst = values.get("worst_spread", 1.0)
            values["worst_spread"] = max(worst, 1 / worst) if worst > 0 else np.inf
        return {name: float(np.mean([values[name] for values in each])) for name in self.names}

    def _values(self, points: np.ndarray) -> dict[str, float]:
        from scipy.spatial import cKDTree

        _, points = two_sets(self.real, points, at_least=LEAST)
        distances, _ = cKDTree(points).query(self.real)
        apart = float(np.median(nearest_others(points, 1)))
        values = {
            "uncovered": float(np.mean(distances > self.radii)),
            "neighbour_ratio": apart / self.apart if self.apart > 0 else float("nan"),
            "sliced_wasserstein": sliced_wasserstein(self.real, points, directions=DIRECTIONS, seed=self.seed),
        }
        if self.modes is not None and self.widths is not None:
            values |= {name: float(value) for name, value in mode_coverage(points, self.modes)._asdict().items()}
            values["spread"], values["worst_spread"] = _spread(widths(points, self.modes) / self.widths)
        return values


def measurable(dataset: Dataset) -> bool:
    """Whether the rows are points that `PointMeasures` compares, and whether there are enough."""
    small = dataset.medium.name == "points" and isinstance(dataset.real, np.ndarray) and dataset.real[0].size <= LARGEST
    return small and len(_compared(dataset)) >= 2 * LEAST


def check_samples(n: int) -> None:
    """Raise `ValueError` unless this number of samples is enough."""
    require(n >= LEAST, f"points are measured by {LEAST} samples at least, got {n}")


def _compared(dataset: Dataset) -> np.ndarray:
    return dataset.real if dataset.held_out is None else dataset.held_out


def names(dataset: Dataset) -> tuple[str, ...]:
    """Names of the measures of `PointMeasures` for these data; none if the data are no such points."""
    if not measurable(dataset):
        return ()
    return OF_POINTS if dataset.modes is None else (*OF_MODES, *OF_POINTS)


def nearest_others(points: Float[np.ndarray, "rows size"], neighbours: int) -> Float[np.ndarray, "rows"]:
    """Distance of each point to its k-th nearest other."""
    from scipy.spatial import cKDTree

    distances, _ = cKDTree(points).query(points, [neighbours + 1])  # the nearest is the point itself
    return distances[:, 0]


def widths(points: Float[np.ndarray, "rows size"], mixture: Mixture) -> Float[np.ndarray, "modes"]:
    """Median distance of each mode's points from their median along each axis; NaN for modes with fewer than six
    points.

    Medians, because a few samples between the modes are no spread within them.
    """
    _, nearest = nearest_centres(points, mixture.centres)
    found = np.full(len(mixture.centres), np.nan)
    for mode in np.flatnonzero(np.bincount(nearest, minlength=len(found)) >= LEAST):
        of_mode = points[nearest == mode]
        found[mode] = np.median(np.linalg.norm(of_mode - np.median(of_mode, axis=0), axis=1))
    return found


def _spread(ratios: Float[np.ndarray, "modes"]) -> tuple[float, float]:
    """Mean ratio, and the one farthest from 1; NaN where there are none."""
    known = ratios[np.isfinite(ratios)]
    if not known.size:
        return float("nan"), float("nan")
    with np.errstate(divide="ignore"):
        return float(known.mean()), float(known[np.argmax(np.abs(np.log(known)))])
