"""Features of a data set in the cache, so that the next evaluation need not compute them again."""

import dataclasses
from collections.abc import Callable, Iterator
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import PyTree

from jaxgan.data.dataset import Dataset
from jaxgan.metrics.cache import digest, kept
from jaxgan.metrics.features import BATCH, FeatureFunction, Seen, extract, seen_in_batches
from jaxgan.metrics.frechet import Moments, moments

FORMAT = 2
"""Version of the content. Raise it with every change of what is computed here."""


def reference_features(
    dataset: Dataset, features: FeatureFunction, *, batch_size: int = BATCH, cache_dir: str | Path | None = None
) -> Seen:
    """Output of `features` for the whole data set, including mirrored images if it has them.

    They are kept in the cache by a hash of the data and the identity of the feature function, if it has one.

    Args:
        dataset: the reference.
        features: the feature function.
        batch_size: rows at once.
        cache_dir: see `jaxgan.data.store.cache_folder`.

    Raises:
        ValueError: if a feature is not finite.
    """

    def make() -> PyTree:
        seen = extract(features, _rows(dataset, batch_size), batch_size=batch_size)
        return {name: array for name, array in seen._asdict().items() if array is not None}

    return Seen(**_kept("features", dataset, features, make, cache_dir))


def reference_moments(
    dataset: Dataset, features: FeatureFunction, *, batch_size: int = BATCH, cache_dir: str | Path | None = None
) -> Moments:
    """Moments of the result of `reference_features`, computed without keeping it in memory."""

    def make() -> PyTree:
        seen = seen_in_batches(features, _rows(dataset, batch_size), batch_size=batch_size)
        return dataclasses.asdict(reduce(Moments.merge, (moments(each.features) for each in seen)))

    return Moments(**_kept("moments", dataset, features, make, cache_dir))


def _kept(
    kind: str, dataset: Dataset, features: FeatureFunction, make: Callable[[], PyTree], cache_dir: str | Path | None
) -> PyTree:
    if features.identity is None:
        return make()
    key: dict[str, Any] = {"data": digest(dataset.real), "mirror": dataset.mirror, "shape": dataset.shape}
    key |= {"kind": kind, "features": features.identity, "format": FORMAT}
    return kept(f"{kind} of {dataset.name}", key, make, cache_dir=cache_dir)


def _rows(dataset: Dataset, batch_size: int) -> Iterator[np.ndarray]:
    for start in range(0, len(dataset), batch_size):
        yield dataset.decode(dataset.take(np.arange(start, min(start + batch_size, len(dataset))))).real
