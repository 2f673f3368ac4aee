"""Evaluate a state of a run: choose the samples, the data and the features, and make records of how good the samples
are."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Literal, Protocol, cast, runtime_checkable

import jax
import numpy as np

from jaxgan import data
from jaxgan.checks import require
from jaxgan.core import GANState
from jaxgan.errors import InputError
from jaxgan.experiment import Experiment
from jaxgan.metrics import clips, sounds, texts, vision_transformer
from jaxgan.metrics.classifier import Classifier, train_classifier
from jaxgan.metrics.evaluate import METRICS, check_rows, evaluate
from jaxgan.metrics.evaluate import Metric as Metrics
from jaxgan.metrics.features import FeatureFunction, pixels
from jaxgan.metrics.ms_ssim import WINDOW
from jaxgan.metrics.pairs import OF_PAIRS
from jaxgan.metrics.points import OF_MODES
from jaxgan.metrics.random_features import random_features
from jaxgan.metrics.sound_pairs import OF_SOUND_PAIRS
from jaxgan.observe.numbers import NUMBERS, Metric, check_features, shown
from jaxgan.observe.pair_observer import measured_pairs, of_pairs
from jaxgan.observe.requests import asked_at_random, rows_at, stored_samples
from jaxgan.observe.row_observer import RowObserver, check_samples, is_measured, names
from jaxgan.observe.sample_count import check_count
from jaxgan.program.program import Program
from jaxgan.runs.records import Record

Features = Literal["auto", "classifier", "inception", "dinov2", "clip", "pixels", "random"]
"""auto: the network whose weights are given, else a classifier if the images have labels, else the numbers themselves,
or a random network if an image has more than `FEW` numbers."""
PRETRAINED = ("inception", "dinov2", "clip")
"""Features of networks that others have trained."""
FEW = 1024
MOST = 4096
"""Largest number of numbers in an image for which a covariance is computed: it has the square of that many entries, and
costs the third power."""
GOOD = 0.9
"""Accuracy below which a classifier is reported as weak."""
MEMORY = 8 * 2**30
"""Largest size in bytes of all features in memory."""
RESIZER = "tensorflow"
"""Resizer in the definition of Inception's distance."""


class Evaluator:
    """Compares samples of an experiment, drawn from the averaged generator, with its data.

    Args:
        experiment: a classifier is trained on its data when it is first needed.
        program: its seed, cache and weights of Inception.
        features: what the metrics look at.
        reference: what samples are compared with; the data of the experiment if None.

    Raises:
        ValueError: if the data has no rows, or the features do not fit it.
    """

    def __init__(
        self,
        experiment: Experiment,
        program: Program,
        *,
        features: Features = "auto",
        reference: data.Dataset | None = None,
    ) -> None:
        if not isinstance(experiment.data, data.Dataset):
            raise InputError(
                f"an evaluation needs a data set with rows, got {getattr(experiment.data, 'name', 'none')}"
            )
        self.experiment, self.program = experiment, program
        self.dataset = comparable(experiment, experiment.data)
        self.features = chosen(features, self.dataset, program)
        self.reference = self.dataset if reference is None else comparable(experiment, reference)
        self.observers: dict[tuple[int, int], RowObserver] = {}
        self.labels_of = self.dataset if self.reference.labels is None else self.reference

    @cached_property
    def classifier(self) -> Classifier:
        """A classifier that is trained on the data when it is first needed."""
        return train_classifier(self.dataset, cache_dir=self.program.cache_dir)

    @cached_property
    def seen_by(self) -> FeatureFunction:
        """The feature function."""
        if self.features == "classifier":
            return self.classifier.feature_function()
        return untrained(self.features, self.dataset.shape, self.program)

    def check(self, metrics: Sequence[Metric], n: int) -> None:
        """Raise `ValueError` if a metric does not fit the run, the features or the number of samples and data.

        Inception's weights are read, and whatever can be checked without computing an image's features is.
        """
        shape = self.dataset.shape
        check_count(n, shape, item=self.dataset.real.dtype.itemsize)
        of_rows, of_pairs = self.of_rows(), self.of_pairs()
        for name in metrics:
            if name in of_rows:
                check_samples(self.reference, n)
                continue
            if name in of_pairs:
                continue
            least = f" of at least {WINDOW} pixels a side" * (name == "ssim")
            require(name not in OF_PAIRS, f"{name} needs pairs of images{least}, got {self.reference!r}")
            require(name not in sounds.OF_SOUNDS, f"{name} needs {sounds.KIND}, got {self.reference!r}")
            require(
                name not in OF_SOUND_PAIRS, f"{name} needs sounds made from their spectrograms, got {self.reference!r}"
            )
            require(name not in clips.OF_CLIPS, f"{name} needs {clips.KIND}, got {self.reference!r}")
            if name in texts.OF_TEXTS:
                raise InputError(f"{name} needs {_need_of_texts(name, self.reference)}, got {self.reference!r}")
            what = "points of at most 15 numbers" + (" with centres of their modes" if name in OF_MODES else "")
            require(name in NUMBERS, f"{name} needs {what}, got {self.reference!r}")
            number = NUMBERS[name]
            check_features(name, self.features, trainable=is_trainable(self.dataset))
            by_class = self.experiment.conditional == "classes"
            needs = METRICS[number.metric].needs_classes
            require(not needs or by_class, f"{name} needs samples that are conditioned on classes")
            large = "random" in self.dataset.medium.features and min(shape[:2]) >= WINDOW
            require(name != "ms_ssim" or large, f"ms_ssim needs images of at least {WINDOW} pixels, got {shape}")
            metric = METRICS[number.metric]
            check_rows(name, metric, self.reference, n)
            if self.features == "pixels" and not metric.featureless:
                check_size(name, metric, self.dataset, len(self.reference) + n)
        require(
            self.reference.shape == shape,
            f"reference must be of shape {shape}, as {self.dataset.name} is; got {self.reference.shape}",
        )
        if self.features in PRETRAINED:
            jax.eval_shape(self.seen_by.of, jax.ShapeDtypeStruct((1, *shape), np.float32))

    def __call__(self, state: GANState, metrics: Sequence[Metric], *, n: int, seed: int) -> list[Record]:
        """One record per metric; none if the samples are not finite.

        Args:
            state: on one device.
            metrics: what to measure.
            n: samples.
            seed: seed of their latents and labels, and of what metrics draw.

        Raises:
            ValueError: if a metric does not fit the data or the features.
        """
        self.check(metrics, n)
        rows = [name for name in metrics if name in self.of_rows()]
        pairs = [name for name in metrics if name in self.of_pairs()]
        others = [name for name in metrics if name not in (*rows, *pairs)]
        by_name: dict[Metric, Record] = {}
        for asked, measure in ((rows, self._measured), (pairs, self._paired), (others, self._compared)):
            found = measure(state, asked, n, seed) if asked else []
            if len(found) < len(asked):
                return []
            by_name |= dict(zip(asked, found, strict=True))
        return [by_name[name] for name in metrics]

    def of_rows(self) -> tuple[str, ...]:
        """Metrics that are measures of points, sounds, clips or texts, see `RowObserver`; none for other data."""
        return names(self.experiment, self.reference) if is_measured(self.experiment) else ()

    def of_pairs(self) -> tuple[str, ...]:
        """Metrics that are measures of pairs of images or sounds, see `measured_pairs`; none for other data."""
        return of_pairs(self.experiment)

    def _paired(self, state: GANState, metrics: Sequence[Metric], n: int, seed: int) -> list[Record]:
        found, count = measured_pairs(self.experiment, self.reference, state, n=n, seed=seed)
        rest = {"features": None, "reference": self.reference.name, "real_count": count, "fake_count": count}
        rest |= {"resizer": None, "seed": seed, "step": int(state.step)}
        return [{"metric": name, "value": found[name], **rest} for name in metrics if found]

    def _measured(self, state: GANState, metrics: Sequence[Metric], n: int, seed: int) -> list[Record]:
        if (n, seed) not in self.observers:
            self.observers[n, seed] = RowObserver(self.experiment, n=n, seed=seed, reference=self.reference)
        observer = self.observers[n, seed]
        found, count = observer(self.experiment.algorithm, state), observer.measures.count
        rest = {"features": None, "reference": observer.measures.reference, "real_count": count, "fake_count": count}
        rest |= {"resizer": None, "seed": seed}
        return [{"metric": name, **found[name]._asdict(), "step": int(state.step), **rest} for name in metrics if found]

    def _compared(self, state: GANState, metrics: Sequence[Metric], n: int, seed: int) -> list[Record]:
        asked = asked_at_random(self.experiment, self.labels_of, n, seed)
        fake = stored_samples(self.experiment, state, asked, n, seed, self.dataset.medium)
        if fake is None:
            return []
        by_class = self.experiment.conditional == "classes"
        found = evaluate(
            list(dict.fromkeys(NUMBERS[name].metric for name in metrics)),
            real=self.reference,
            fake=fake,
            features=self.seen_by,
            asked=asked if by_class else None,
            reference=self.reference.name,
            resizer=RESIZER if self.features == "inception" else None,
            seed=seed,
            cache_dir=self.program.cache_dir,
        )
        by_name = {record.metric: asdict(record) for record in found}
        classifier = self.classifier if self.features == "classifier" else None
        step = {"step": int(state.step)}
        medium = self.dataset.medium.name
        records = {name: step | by_name[NUMBERS[name].metric] for name in metrics}
        return [as_record(name, record, self.features, classifier, medium) for name, record in records.items()]


def as_record(name: Metric, found: Record, features: Features, classifier: Classifier | None, medium: str) -> Record:
    """The record of one number, from the values of its metric.

    Args:
        name: name of the number.
        found: the fields of a `jaxgan.metrics.record.Record`.
        features: what the metric looked at.
        classifier: whose features those are, if they are one's.
        medium: name of the medium of the samples.
    """
    number, values = NUMBERS[name], found["values"]
    rest = {key: value for key, value in found.items() if key not in ("metric", "values")}
    record = {"metric": shown(name, features, medium), "value": values[number.value], **rest}
    if number.spread and np.isfinite(values[number.spread]):
        record["deviation"] = values[number.spread]
    record |= {beside: values[beside] for beside in ("perfect", "floor") if beside in values}
    if classifier is not None:
        record["classifier_accuracy"] = classifier.accuracy
    return record


def weakness(found: Sequence[Record]) -> str | None:
    """Note about the records of a classifier that often errs; None for other records."""
    accuracies = [record["classifier_accuracy"] for record in found if "classifier_accuracy" in record]
    if not accuracies or min(accuracies) >= GOOD:
        return None
    return (
        f"the classifier is right about {min(accuracies):.0%} of the rows that were held out from it: what it says of "
        f"samples (precision, recall, classes, labels) is as uncertain"
    )


def comparable(experiment: Experiment, dataset: data.Dataset) -> data.Dataset:
    """The data set as one array of rows, which is what metrics compare.

    Raises:
        ValueError: if a datum is several arrays and the experiment does not say which is compared.
    """
    if experiment.compared is None:
        require(
            isinstance(dataset.real, np.ndarray),
            f"a row of {dataset.name} is several arrays: Experiment.compared must say what of it is evaluated",
        )
        return dataset
    size = 1024
    chunks = []
    for start in range(0, len(dataset), size):
        rows = rows_at(dataset, np.arange(start, min(start + size, len(dataset))))
        chunks.append(np.asarray(experiment.compared(rows.real)))
    return data.Dataset(dataset.name, np.concatenate(chunks), origin=dataset.origin)


def _need_of_texts(name: str, dataset: data.Dataset) -> str:
    """What a measure of texts needs and these data or their generator lack."""
    if not texts.measurable(dataset):
        return texts.KIND
    truth = "data whose distribution is known, such as grammar and oracle"
    return truth if name in texts.OF_TRUTH else "a generator that has a likelihood"


def is_labelled(dataset: data.Dataset) -> bool:
    """Whether the data have two classes or more."""
    return dataset.num_classes is not None and dataset.num_classes >= 2


def is_trainable(dataset: data.Dataset) -> bool:
    """Whether a classifier can be trained on the data."""
    return "classifier" in dataset.medium.features and is_labelled(dataset) and len(dataset) >= 2


@runtime_checkable
class Weights(Protocol):
    """Files of pretrained networks: options of a program, an evaluation or a comparison."""

    @property
    def inception_weights(self) -> str | None:
        """File of Inception."""

    @property
    def transformer_weights(self) -> str | None:
        """File of DINOv2 or CLIP."""


def chosen(features: Features, dataset: data.Dataset, weights: Weights) -> Features:
    """The features that fit a data set.

    Raises:
        ValueError: if those asked for do not, there is no such file of weights, or there are two.
    """
    name, shape, known = dataset.name, dataset.shape, dataset.medium.features
    images, labelled, trainable = "random" in known, is_labelled(dataset), is_trainable(dataset)
    files = {"inception_weights": weights.inception_weights, "transformer_weights": weights.transformer_weights}
    given = {option: file for option, file in files.items() if file is not None}
    for option, file in given.items():
        require(images, f"{option} needs images; {name} has {shape}")
        require(Path(file).is_file(), f"{option}: there is no file {file}")
    require(len(given) < 2, f"{' and '.join(files)} are the weights of two networks: give one of them")
    held: Features | None = None
    if weights.inception_weights is not None:
        held = "inception"
    if weights.transformer_weights is not None:
        held = cast(Features, vision_transformer.kind_of(Path(weights.transformer_weights)))
    needed = "inception_weights" if features == "inception" else "transformer_weights"
    require(features not in PRETRAINED or needed in given, f"features={features} needs {needed}")
    require(features not in PRETRAINED or features == held, f"features={features}, but {needed} is a file of {held}")
    for asked in (*PRETRAINED, "random"):
        require(features != asked or images, f"features={asked} needs images; {name} has {shape}")
    require(
        features != "classifier" or trainable,
        f"features=classifier needs two images or more with labels of two classes or more; {name} has "
        f"{len(dataset.real)} of shape {shape}" + ("" if labelled else " without such labels"),
    )
    if features != "auto":
        return features
    if images and held is not None:
        return held
    if trainable:
        return "classifier"
    return "random" if images and math.prod(shape) > FEW else "pixels"


def untrained(features: Features, shape: tuple[int, ...], weights: Weights, resizer: str = RESIZER) -> FeatureFunction:
    """Feature function of any `chosen` features except those of a classifier."""
    if features == "pixels":
        return pixels()
    if features == "random":
        return random_features(shape)
    if features != "inception":
        return vision_transformer.vision_transformer(weights.transformer_weights or "")
    from jaxgan.metrics.inception import inception

    return inception(Path(weights.inception_weights or ""), resize=resizer)


def check_size(name: Metric, metric: Metrics, dataset: data.Dataset, rows: int) -> None:
    """Raise `ValueError` unless a metric of the numbers themselves can be computed for so many rows and samples."""
    shape, images = dataset.shape, "random" in dataset.medium.features
    size = math.prod(shape)
    advice = "take features=random or labels" if images else "take other metrics"
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
