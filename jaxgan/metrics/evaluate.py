"""Several metrics of the same samples. Features are extracted once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple

import jax
import numpy as np

from jaxgan.checks import described, require, require_choice
from jaxgan.data.dataset import Dataset
from jaxgan.data.media import of, points
from jaxgan.errors import InputError, InputTypeError
from jaxgan.metrics.by_class import classification_accuracy, intra_frechet
from jaxgan.metrics.classes import class_coverage, obeyed
from jaxgan.metrics.density_coverage import density_coverage
from jaxgan.metrics.features import BATCH, Extract, FeatureFunction, Seen, extract, feature_function
from jaxgan.metrics.frechet import Moments, frechet_distance, moments
from jaxgan.metrics.inception_score import inception_score
from jaxgan.metrics.kernel import kernel_distance
from jaxgan.metrics.ms_ssim import similarity_of_pairs
from jaxgan.metrics.precision_recall import precision_recall
from jaxgan.metrics.record import Record
from jaxgan.metrics.reference import reference_features, reference_moments
from jaxgan.metrics.sliced_wasserstein import sliced_wasserstein
from jaxgan.metrics.two_sample import logistic_test, nearest_neighbour_test


@dataclass(frozen=True, eq=False)
class _Material:
    """Inputs of the metrics of one evaluation. Each is computed once, when it is first needed."""

    dataset: Dataset
    images: np.ndarray
    decode: Callable[[np.ndarray], np.ndarray]
    asked: np.ndarray
    features: FeatureFunction
    seed: int
    batch_size: int
    cache_dir: str | Path | None
    moments_alone: bool

    @cached_property
    def fake(self) -> Seen:
        starts = range(0, len(self.images), self.batch_size)
        decoded = (self.decode(self.images[i : i + self.batch_size]) for i in starts)
        return extract(self.features, decoded, batch_size=self.batch_size)

    @cached_property
    def real(self) -> Seen:
        return reference_features(self.dataset, self.features, batch_size=self.batch_size, cache_dir=self.cache_dir)

    @cached_property
    def real_moments(self) -> Moments:
        if not self.moments_alone:
            return moments(self.real.features)
        return reference_moments(self.dataset, self.features, batch_size=self.batch_size, cache_dir=self.cache_dir)

    @property
    def labels(self) -> np.ndarray:
        """Classes of the rows of the data."""
        labels = self.dataset.labels
        if labels is None:
            raise InputError(f"intra_frechet needs data with labels, and {self.dataset.name} has none")
        return np.tile(labels, 2) if self.dataset.mirror else labels

    @property
    def stored(self) -> np.ndarray:
        """Samples as the medium of the data stores them."""
        floats = np.issubdtype(self.images.dtype, np.floating)
        return self.dataset.medium.encode(self.images) if floats else self.images

    @property
    def both(self) -> tuple[np.ndarray, np.ndarray]:
        return np.asarray(self.real.features), np.asarray(self.fake.features)

    @cached_property
    def equal(self) -> tuple[np.ndarray, np.ndarray]:
        """Equally many random rows of both sets: as many as the smaller set has."""
        random = np.random.default_rng(self.seed)
        count = min(map(len, self.both))
        real, fake = (rows[random.choice(len(rows), count, replace=False)] for rows in self.both)
        return real, fake

    @property
    def probabilities(self) -> np.ndarray:
        if self.fake.probabilities is None:
            raise InputError(f"features must be those of a classifier for such a metric, got {self.features.name}")
        return np.asarray(self.fake.probabilities)

    @property
    def predictions(self) -> np.ndarray:
        return self.probabilities.argmax(axis=1)

    @property
    def shares(self) -> np.ndarray | None:
        """Shares of the classes in the data; None if the features distinguish other classes."""
        labels, count = self.dataset.labels, self.probabilities.shape[1]
        if labels is None or self.dataset.num_classes != count:
            return None
        return np.bincount(labels, minlength=count) / len(labels)


class Metric(NamedTuple):
    """How `evaluate` computes one metric."""

    of: Callable[[_Material], Any]
    """A number, or a NamedTuple of numbers."""
    reference: Literal["moments", "all", "equal", "none"]
    """What the metric needs of the real features: their moments, all of them, or at most as many as there are
    samples."""
    rows: int = 1
    """Smallest number of samples, and of rows of data if the metric uses them."""
    needs_classes: bool = False
    """Whether samples must be conditioned on classes."""
    featureless: bool = False
    """Whether the metric uses no features."""


METRICS: dict[str, Metric] = {
    "frechet": Metric(lambda m: frechet_distance(m.real_moments, moments(m.fake.features)), "moments", 2),
    "kernel": Metric(lambda m: kernel_distance(*m.both, seed=m.seed), "all", 2),
    "precision_recall": Metric(lambda m: precision_recall(*m.equal), "equal", 4),
    "density_coverage": Metric(lambda m: density_coverage(*m.equal), "equal", 6),
    "sliced_wasserstein": Metric(lambda m: sliced_wasserstein(*m.equal, seed=m.seed), "equal"),
    "nearest_neighbour_test": Metric(lambda m: nearest_neighbour_test(*m.equal), "equal", 2),
    "logistic_test": Metric(lambda m: logistic_test(*m.equal, seed=m.seed), "equal", 4),
    "inception_score": Metric(lambda m: inception_score(m.probabilities), "none", 20),
    "class_coverage": Metric(
        lambda m: class_coverage(m.predictions, m.probabilities.shape[1], expected=m.shares), "none"
    ),
    "labels_obeyed": Metric(lambda m: obeyed(m.predictions, m.asked), "none", needs_classes=True),
    "intra_frechet": Metric(
        lambda m: intra_frechet(m.both[0], m.labels, m.both[1], m.asked), "all", 2, needs_classes=True
    ),
    "classification_accuracy": Metric(
        lambda m: classification_accuracy(m.dataset, m.stored, m.asked, seed=m.seed, cache_dir=m.cache_dir),
        "all",
        needs_classes=True,
        featureless=True,
    ),
    "ms_ssim": Metric(lambda m: similarity_of_pairs(m.images, seed=m.seed), "none", 2, featureless=True),
}
"""Metrics by name: the functions of this package, with their default options."""


def check_rows(name: str, metric: Metric, real: Dataset, fake: int) -> None:
    """Raise `ValueError` unless there are enough rows of data and enough samples."""
    require(fake >= metric.rows, f"{name} needs at least {metric.rows} samples, got {fake}")
    require(
        metric.reference == "none" or len(real) >= metric.rows,
        f"{name} needs at least {metric.rows} rows of data, but {real.name} has {len(real)}",
    )


def evaluate(
    metrics: Sequence[str],
    *,
    real: Dataset | np.ndarray | jax.Array,
    fake: np.ndarray | jax.Array,
    features: Extract,
    asked: np.ndarray | jax.Array | None = None,
    reference: str | None = None,
    resizer: str | None = None,
    seed: int = 0,
    batch_size: int = BATCH,
    cache_dir: str | Path | None = None,
) -> list[Record]:
    """Compute metrics of samples against data, in the order of their names in the call.

    Features of either are extracted once, those of the data kept in the cache. Where only moments are needed, the
    features of the data are never held together. Metrics that want equal counts get as many rows of both as there are
    of the fewer, drawn at random: their records say how many. `class_coverage` expects the classes in the shares that
    they have in the data, uniform ones if the data have no labels or others than the features.

        (record,) = jaxgan.evaluate(["frechet"], real=x, fake=y, features=lambda images: network(params, images))
        record.values["value"]

    Args:
        metrics: names in `METRICS`.
        real: the reference: a data set, or an array `[N, ...]` of floats as networks see them, or of images of 8 or 16
            bits.
        fake: samples `[N, ...]`, floats as networks make them, or as the medium of the data stores them.
        features: what most metrics look at, see `Metric.featureless`: a function from a batch `[B, ...]` to features
            `[B, size]`, each row by itself, or a `FeatureFunction`. A plain function is "unnamed" in the records, and
            its features are never kept.
        asked: labels `[N]` that the samples were asked for, for metrics of classes, see `Metric.needs_classes`.
        reference: data set and split, for the records; the data set's name if None.
        resizer: how `features` brings images to its size, for the records.
        seed: seed of every draw.
        batch_size: images that `features` sees at once.
        cache_dir: see `jaxgan.data.store.cache_folder`.

    Raises:
        ValueError: for an unknown metric, too few samples or data, samples of another shape than the data, missing
            labels, a classifier's metric without a classifier, or what the metric itself refuses.
        TypeError: if data, samples or features are of another kind.

    Examples:
        >>> rows = np.random.default_rng(0).normal(size=[50, 2]).astype(np.float32)
        >>> (record,) = jaxgan.evaluate(["frechet"], real=rows, fake=rows + 3, features=lambda batch: batch)
        >>> round(record.values["value"], 1)  # 3² + 3²
        18.0
    """
    seen_by, real, fake = feature_function(features), _dataset(real), _array("fake", fake)
    if isinstance(metrics, str):
        raise InputTypeError(f"metrics must be a list of names, such as [{metrics!r}]; got a text")
    for name in metrics:
        require_choice("metrics", name, tuple(METRICS))
        check_rows(name, METRICS[name], real, len(fake))
    stored = not np.issubdtype(fake.dtype, np.floating)
    if stored:
        real.medium.check("fake", fake)
    decode = real.medium.decode if stored else np.asarray
    shape = decode(fake[:1]).shape[1:]
    require(shape == real.shape, f"fake must be of shape {real.shape}, as {real.name} is; got {shape}")
    for name in metrics:
        needs = METRICS[name].needs_classes
        require(not needs or asked is not None, f"{name} needs asked, the labels asked for")
    moments_alone = all(METRICS[name].reference in ("moments", "none") for name in metrics)
    labels = np.zeros(0, np.int32) if asked is None else np.asarray(asked)
    material = _Material(real, fake, decode, labels, seen_by, seed, batch_size, cache_dir, moments_alone)

    def record(name: str) -> Record:
        found, kind = METRICS[name].of(material), METRICS[name].reference
        values = {"value": found} if isinstance(found, float) else found._asdict()
        fewer = min(len(real), len(fake))
        return Record(
            metric=name,
            values={key: float(value) for key, value in values.items()},
            features=None if METRICS[name].featureless else seen_by.name,
            reference=None if kind == "none" else reference or real.name,
            real_count={"none": 0, "equal": fewer}.get(kind, len(real)),
            fake_count=fewer if kind == "equal" else len(fake),
            resizer=None if METRICS[name].featureless else resizer,
            seed=seed,
        )

    return [record(name) for name in metrics]


def _dataset(real: Any) -> Dataset:
    """Turn an array into a data set: numbers as they are, or images of 8 or 16 bits."""
    if isinstance(real, Dataset):
        return real
    rows = _array("real", real)
    floats = np.issubdtype(rows.dtype, np.floating)
    return Dataset("real", rows.astype(np.float32) if floats else rows, medium=points if floats else of(rows))


def _array(name: str, given: Any) -> np.ndarray:
    if not isinstance(given, np.ndarray | jax.Array) or given.ndim < 2:
        raise InputTypeError(f"{name} must be an array [N, ...], got {described(given)}")
    return np.asarray(given)
