"""From a state of a run to records of how good its samples are: which samples, which data, which features."""

from collections.abc import Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Int

from jaxgan import data
from jaxgan.checks import require
from jaxgan.core import Algorithm, GANState
from jaxgan.data.images import encode
from jaxgan.data.load import OPTIONS
from jaxgan.errors import InputError
from jaxgan.metrics.classifier import train_classifier
from jaxgan.metrics.evaluate import evaluate
from jaxgan.metrics.features import FeatureFunction, pixels
from jaxgan.metrics.ms_ssim import WINDOW
from jaxgan.training.config import Config
from jaxgan.training.numbers import NUMBERS, Metric
from jaxgan.training.records import Record
from jaxgan.training.sampling import draw_latents, generated

Features = Literal["auto", "classifier", "inception", "pixels"]
"""auto: Inception if its weights are given, else a classifier of labelled images, else the numbers themselves."""
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
        from jaxgan.metrics.inception import inception

        return inception(Path(self.config.inception_weights or ""), resize=RESIZER)

    def check(self, metrics: Sequence[Metric]) -> None:
        """Raise `ValueError` if one of these does not fit the run or the features."""
        shape, labelled = self.dataset.shape, self.config.conditional and self.features == "classifier"
        for name in metrics:
            fits = self.features != "pixels" or not NUMBERS[name].of_classes
            require(fits, f"{name} needs features that tell classes apart, got features=pixels")
            require(name != "labels_obeyed" or labelled, "labels_obeyed needs conditional and features=classifier")
            large = len(shape) == 3 and min(shape[:2]) >= WINDOW
            require(name != "ms_ssim" or large, f"ms_ssim needs images of at least {WINDOW} pixels, got {shape}")

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
        self.check(metrics)
        labels = self._labels(n, seed)
        chunks = list(generated(self.algorithm, state, draw_latents(self.config, seed, n), labels))
        if not all(np.isfinite(chunk).all() for chunk in chunks):
            return []
        images = self.reference.real.dtype == np.uint8
        found = evaluate(
            list(dict.fromkeys(NUMBERS[name].metric for name in metrics)),
            real=self.reference,
            fake=np.concatenate([encode(chunk) if images else chunk for chunk in chunks]),
            features=self.seen_by,
            asked=labels,
            reference=self.reference_name,
            resizer=RESIZER if self.features == "inception" else None,
            seed=seed,
            cache_dir=self.config.cache_dir,
        )
        by_name = {record.metric: asdict(record) for record in found}
        return [_record(name, by_name[NUMBERS[name].metric], int(state.step)) for name in metrics]

    def _labels(self, n: int, seed: int) -> Int[np.ndarray, "samples"] | None:
        """Of rows of the reference, drawn at random."""
        if not self.config.conditional or self.reference.labels is None:
            return None
        every = self.reference.labels
        return every[np.random.default_rng(seed).integers(len(every), size=n)]


def _chosen(features: Features, dataset: data.Dataset, weights: str | None) -> Features:
    images, labelled = len(dataset.shape) == 3, dataset.labels is not None
    require(weights is None or Path(weights).is_file(), f"inception_weights: no file {weights}")
    require(features != "inception" or weights is not None, "features=inception needs inception_weights")
    require(features != "inception" or images, f"features=inception needs images; {dataset.name} has {dataset.shape}")
    require(
        features != "classifier" or (images and labelled),
        f"features=classifier needs images with labels; {dataset.name} has {dataset.shape}"
        + ("" if labelled else " without labels"),
    )
    if features != "auto":
        return features
    return "inception" if images and weights is not None else "classifier" if images and labelled else "pixels"


def _record(name: Metric, found: Record, step: int) -> Record:
    number, values = NUMBERS[name], found["values"]
    spread = {"deviation": values[number.spread]} if number.spread else {}
    rest = {key: value for key, value in found.items() if key not in ("metric", "values")}
    return {"metric": name, "value": values[number.value], **spread, "step": step, **rest}
