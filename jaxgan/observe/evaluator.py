"""From a state of a run to records of how good its samples are: which samples, which data, which features."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Literal

import jax
import numpy as np
from jaxtyping import Int

from jaxgan import data
from jaxgan.checks import require
from jaxgan.core import Algorithm, GANState
from jaxgan.data.images import encode
from jaxgan.data.load import OPTIONS
from jaxgan.errors import InputError
from jaxgan.metrics.classifier import train_classifier
from jaxgan.metrics.evaluate import METRICS, check_rows, evaluate
from jaxgan.metrics.evaluate import Metric as Metrics
from jaxgan.metrics.features import FeatureFunction, pixels
from jaxgan.metrics.ms_ssim import WINDOW
from jaxgan.metrics.random_features import random_features
from jaxgan.observe.numbers import NUMBERS, Metric, shown
from jaxgan.observe.sampling import draw_latents, generated
from jaxgan.recipes.config import Config
from jaxgan.runs.records import Record

Features = Literal["auto", "classifier", "inception", "pixels", "random"]
"""auto: Inception if its weights are given, else a classifier of labelled images, else the numbers themselves; of
images of more than `FEW` numbers a random network."""
FEW = 1024
MOST = 4096
"""Numbers of an image whose covariance is taken: it has the square of that many, and costs the third power."""
MEMORY = 8 * 2**30
"""Bytes of all features that are held at once."""
RESIZER = "tensorflow"
"""By which Inception's distance was defined."""


class Evaluator:
    """Compares samples of a run, drawn from the averaged generator, with its data.

    Args:
        config: of the run.
        dataset: of the run; a classifier is trained on it when it is first needed.
        algorithm: of the run.
        features: what the metrics look at.
        reference: what samples are compared with, its split named; the data set of the run if None.

    Raises:
        ValueError: if the data has no rows, or the features do not fit it.
    """

    def __init__(
        self,
        config: Config,
        dataset: data.Dataset | data.IterableDataset,
        algorithm: Algorithm,
        *,
        features: Features = "auto",
        reference: tuple[data.Dataset, str] | None = None,
    ) -> None:
        if not isinstance(dataset, data.Dataset):
            raise InputError(f"an evaluation needs a data set with rows, got {dataset.name}")
        self.config, self.dataset, self.algorithm = config, dataset, algorithm
        self.features = _chosen(features, dataset, config.inception_weights)
        self.reference, split = reference or (dataset, config.split)
        has_splits = dataset.name.partition(":")[0] in OPTIONS["split"]
        self.reference_name = f"{self.reference.name}, {split}" if has_splits else self.reference.name

    @cached_property
    def seen_by(self) -> FeatureFunction:
        """The feature function."""
        if self.features == "pixels":
            return pixels()
        if self.features == "classifier":
            return train_classifier(self.dataset, cache_dir=self.config.cache_dir).feature_function()
        if self.features == "random":
            return random_features(self.dataset.shape)
        from jaxgan.metrics.inception import inception

        return inception(Path(self.config.inception_weights or ""), resize=RESIZER)

    def check(self, metrics: Sequence[Metric], n: int) -> None:
        """Raise `ValueError` if a metric does not fit the run, the features or the number of samples and data.

        Inception's weights are read, and whatever can be checked without computing an image's features is.
        """
        shape = self.dataset.shape
        for name in metrics:
            number = NUMBERS[name]
            tells = ("classifier", "inception") if name == "inception_score" else ("classifier",)
            fits = not number.of_classes or self.features in tells
            require(fits, f"{name} needs features={' or '.join(tells)}, got features={self.features}")
            require(name != "labels_obeyed" or self.config.conditional, "labels_obeyed needs conditional")
            large = len(shape) == 3 and min(shape[:2]) >= WINDOW
            require(name != "ms_ssim" or large, f"ms_ssim needs images of at least {WINDOW} pixels, got {shape}")
            metric = METRICS[number.metric]
            check_rows(name, metric, self.reference, n)
            if self.features == "pixels" and name != "ms_ssim":
                _check_size(name, metric, shape, len(self.reference) + n)
        require(
            self.reference.shape == shape,
            f"reference must be of shape {shape}, as {self.dataset.name} is; got {self.reference.shape}",
        )
        if self.features == "inception":
            jax.eval_shape(self.seen_by.of, jax.ShapeDtypeStruct((1, *shape), np.float32))

    def __call__(self, state: GANState, metrics: Sequence[Metric], *, n: int, seed: int) -> list[Record]:
        """A record a metric; none at all if the samples are not finite.

        Args:
            state: on one device.
            metrics: what to measure.
            n: samples.
            seed: of their latents and labels, and of what metrics draw.

        Raises:
            ValueError: if a metric does not fit the data or the features.
        """
        self.check(metrics, n)
        labels = self._labels(n, seed)
        images = self.reference.real.dtype == np.uint8
        chunks = []
        for chunk in generated(self.algorithm, state, draw_latents(self.config, seed, n), labels):
            if not np.isfinite(chunk).all():
                return []
            chunks.append(encode(chunk) if images else chunk)
        found = evaluate(
            list(dict.fromkeys(NUMBERS[name].metric for name in metrics)),
            real=self.reference,
            fake=np.concatenate(chunks),
            features=self.seen_by,
            asked=labels,
            reference=self.reference_name,
            resizer=RESIZER if self.features == "inception" else None,
            seed=seed,
            cache_dir=self.config.cache_dir,
        )
        by_name = {record.metric: asdict(record) for record in found}
        return [self._record(name, by_name[NUMBERS[name].metric], int(state.step)) for name in metrics]

    def _record(self, name: Metric, found: Record, step: int) -> Record:
        number, values = NUMBERS[name], found["values"]
        rest = {key: value for key, value in found.items() if key not in ("metric", "values")}
        record = {"metric": shown(name, self.features), "value": values[number.value], "step": step, **rest}
        if number.spread and np.isfinite(values[number.spread]):
            record["deviation"] = values[number.spread]
        return record

    def _labels(self, n: int, seed: int) -> Int[np.ndarray, "samples"] | None:
        """Of rows of the reference, or of the run's data if it has none, drawn at random: in their proportions."""
        every = (self.dataset if self.reference.labels is None else self.reference).labelled().labels
        if not self.config.conditional or every is None:
            return None
        return every[np.random.default_rng(seed).integers(len(every), size=n)]


def _chosen(features: Features, dataset: data.Dataset, weights: str | None) -> Features:
    name, shape = dataset.name, dataset.shape
    images, labelled = len(shape) == 3, dataset.num_classes is not None and dataset.num_classes >= 2
    trainable = images and labelled and len(dataset.real) >= 2
    require(weights is None or Path(weights).is_file(), f"inception_weights: no file {weights}")
    require(features != "inception" or weights is not None, "features=inception needs inception_weights")
    for asked in ("inception", "random"):
        require(features != asked or images, f"features={asked} needs images; {name} has {shape}")
    require(
        features != "classifier" or trainable,
        f"features=classifier needs two images or more with labels of two classes or more; {name} has "
        f"{len(dataset.real)} of shape {shape}" + ("" if labelled else " without such labels"),
    )
    if features != "auto":
        return features
    if images and weights is not None:
        return "inception"
    if trainable:
        return "classifier"
    return "random" if images and math.prod(shape) > FEW else "pixels"


def _check_size(name: Metric, metric: Metrics, shape: tuple[int, ...], rows: int) -> None:
    """Raise `ValueError` unless a metric of the numbers themselves can be computed."""
    size = math.prod(shape)
    advice = "take features=random or labels" if len(shape) == 3 else "take other metrics"
    require(
        name != "fid" or size <= MOST,
        f"fid of features=pixels takes the covariance of at most {MOST:,} numbers; shape {shape} has {size:,}, a "
        f"covariance of {8 * size**2 / 2**30:,.1f} GiB: {advice}",
    )
    held = 12 * size * rows
    require(
        metric.reference in ("moments", "none") or held <= MEMORY,
        f"{name} of features=pixels holds all of them: {rows:,} rows and samples of shape {shape} take "
        f"{held / 2**30:,.1f} GiB, more than {MEMORY / 2**30:.0f}: {advice}",
    )
