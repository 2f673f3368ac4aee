"""Compare any two sets of images or points: `jaxgan evaluate --real A --fake B`."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

import jax
import numpy as np
from jaxtyping import Int

from jaxgan import data
from jaxgan.checks import require, require_number
from jaxgan.data.load import OPTIONS, WITHOUT_PATH
from jaxgan.errors import InputError, NotFoundError
from jaxgan.export.generator import load_generator
from jaxgan.export.sampling import check_drawn, drawn, is_export, medium_of
from jaxgan.metrics import moments_file
from jaxgan.metrics.classifier import train_classifier
from jaxgan.metrics.evaluate import METRICS, check_rows, evaluate
from jaxgan.metrics.frechet import frechet_distance
from jaxgan.metrics.reference import reference_moments
from jaxgan.observe import stored
from jaxgan.observe.evaluator import Features, as_record, check_size, chosen, is_trainable, untrained
from jaxgan.observe.numbers import NUMBERS, Metric, check_features
from jaxgan.observe.requests import asked_at_random, classes_in_turn, stored_samples
from jaxgan.observe.sample_count import check_count
from jaxgan.program.program import SEEDS
from jaxgan.runs import records, run_folder
from jaxgan.runs.records import Record

DEFAULT: tuple[Metric, ...] = ("fid", "kid", "precision", "recall")
SAMPLES = 10_000


@dataclass(frozen=True)
class Comparison:
    """Two sets to compare."""

    real: str
    """Reference set: a folder of pictures, data by name (tfds:NAME, npz:PATH, digits, ...), or a file of moments: mu
    and sigma in an .npz, as pytorch-fid, clean-fid and --keep-moments write them."""
    fake: str
    """Set to compare with the reference: a folder of pictures, data by name, or a run or an export, from which samples
    are drawn."""
    metrics: tuple[Metric, ...] | None = None
    """Metrics (default: fid, kid, precision and recall; fid alone against moments)."""
    features: Features = "auto"
    """Features for the metrics: a classifier trained on the real data, Inception, DINOv2, CLIP, the numbers
    themselves, or a network of random weights. auto: the network whose weights are given, else a classifier if the
    images have labels, else the numbers themselves, or a random network if an image has more than 1,024 numbers."""
    inception_weights: str | None = None
    """File of the published weights of Inception."""
    transformer_weights: str | None = None
    """File (.safetensors) of the published weights of DINOv2 or CLIP."""
    resizer: Literal["tensorflow", "pytorch", "clean"] = "tensorflow"
    """Method to resize images to Inception's 299 pixels per side: that of FID's definition, of pytorch-fid, or of
    clean-fid."""
    image_size: int | None = None
    """Pixels per side, to which both sets of pictures are cropped and resized (default: unchanged, if all have one
    size)."""
    channels: int | None = None
    """Channels of both sets of pictures: 1, 3 or 4 (default: 1 where all are grayscale, else 3)."""
    sample_rate: int | None = None
    """Samples a second to which sounds of wav:PATH are brought (default: 16,000)."""
    length: int | None = None
    """Samples to which sounds are cut or filled up (default: 16,384)."""
    data_dir: str | None = None
    """Folder of TFDS data sets."""
    split: str | None = None
    """Split of TFDS sets (default: train)."""
    n: int | None = None
    """Number of samples to draw from a run or an export (default: 10,000)."""
    seed: int = 0
    """Seed of the samples' latents and labels, and of what metrics draw."""
    keep_moments: Path | None = None
    """File (.npz) to which the moments of the real data are written, for use with --real later."""
    out: Path | None = None
    """JSON file to which the results are added."""

    def __post_init__(self) -> None:
        require_number("seed", self.seed, at_least=0, below=SEEDS)
        require_number("n", 10 if self.n is None else self.n, at_least=10)
        require(self.metrics is None or bool(self.metrics), "metrics must name at least one")
        for name in self.metrics or ():
            require(name in NUMBERS, f"{name} can only be measured for a run: jaxgan evaluate RUN --metrics {name}")
        require(
            self.resizer == "tensorflow" or self.inception_weights is not None,
            f"resizer={self.resizer} has an effect with inception_weights alone",
        )


class Samples(NamedTuple):
    """Samples that are compared with the reference."""

    rows: data.Dataset
    asked: Int[np.ndarray, "n"] | None = None
    """Labels that were requested for the samples."""


def compare(comparison: Comparison) -> list[Record]:
    """Measure, and add the records to a JSON file if one is requested.

    Returns:
        A record a metric.

    Raises:
        FileNotFoundError: if there is nothing at a path.
        ValueError: if either is not as it must be, they do not go together, or a metric does not fit.
        OSError: if a file cannot be written.
    """
    if comparison.out is not None:
        records.check(comparison.out)
    known = moments_file.read(Path(comparison.real))
    found = _of_moments(comparison, known) if known is not None else _of_rows(comparison)
    if comparison.out is not None:
        records.add(comparison.out, found)
    return found


def _of_rows(asked: Comparison) -> list[Record]:
    real = _rows("real", asked.real, asked)
    samples = _samples(asked, real)
    fake, metrics = samples.rows, asked.metrics or DEFAULT
    require(
        real.shape == fake.shape,
        f"real and fake must be of one shape: {real.name} has {real.shape}, {fake.name} has {fake.shape}. "
        f"--image-size and --channels bring pictures to one",
    )
    require(
        real.medium.vocabulary == fake.medium.vocabulary,
        f"real and fake must have one vocabulary, but {real.name} and {fake.name} have different ones",
    )
    features = chosen(asked.features, real, asked)
    _check(metrics, features, real, samples)
    classifier = train_classifier(real) if features == "classifier" else None
    seen_by = (
        classifier.feature_function()
        if classifier is not None
        else untrained(features, real.shape, asked, asked.resizer)
    )
    found = evaluate(
        list(dict.fromkeys(NUMBERS[name].metric for name in metrics)),
        real=real,
        fake=fake.real if fake.medium.name == real.medium.name else fake.medium.decode(fake.real),
        features=seen_by,
        asked=samples.asked,
        resizer=asked.resizer if features == "inception" else None,
        seed=asked.seed,
    )
    if asked.keep_moments is not None:
        moments_file.write(asked.keep_moments, real, seen_by)
    by_name = {record.metric: asdict(record) for record in found}
    return [
        as_record(name, {"fake": fake.name, **by_name[NUMBERS[name].metric]}, features, classifier, real.medium.name)
        for name in metrics
    ]


def _of_moments(asked: Comparison, known: moments_file.Known) -> list[Record]:
    measured = asked.metrics or ("fid",)
    require(measured == ("fid",), f"only fid can be measured against moments, got {' '.join(measured)}")
    require(asked.keep_moments is None, f"keep_moments has no effect: {asked.real} already holds moments")
    samples = _samples(asked, None).rows
    unlabelled = data.Dataset(samples.name, samples.real, medium=samples.medium)
    features = chosen(asked.features, unlabelled, asked)
    seen_by = untrained(features, samples.shape, asked, asked.resizer)
    require(
        known.features in (None, seen_by.name),
        f"the moments in {asked.real} are of features {known.features}, not of {seen_by.name}",
    )
    (size,) = jax.eval_shape(seen_by.of, jax.ShapeDtypeStruct((1, *samples.shape), np.float32)).features.shape[1:]
    require(
        len(known.moments.mean) == size,
        f"the moments in {asked.real} are of {len(known.moments.mean)} features; {seen_by.name} has {size}",
    )
    check_rows("fid", METRICS["frechet"], samples, len(samples))
    found = {
        "fake": samples.name,
        "values": {"value": frechet_distance(known.moments, reference_moments(samples, seen_by))},
        "features": seen_by.name,
        "reference": known.name,
        "real_count": known.rows,
        "fake_count": len(samples),
        "resizer": asked.resizer if features == "inception" else None,
        "seed": asked.seed,
    }
    return [as_record("fid", found, features, None, samples.medium.name)]


def _check(metrics: Sequence[Metric], features: Features, real: data.Dataset, samples: Samples) -> None:
    for name in metrics:
        metric = METRICS[NUMBERS[name].metric]
        check_features(name, features, trainable=is_trainable(real))
        given = not metric.needs_classes or samples.asked is not None
        require(given, f"{name} needs a run or an export whose samples are conditioned on classes")
        check_rows(name, metric, real, len(samples.rows))
        if features == "pixels" and not metric.featureless:
            check_size(name, metric, real, len(real) + len(samples.rows))


def _samples(asked: Comparison, real: data.Dataset | None) -> Samples:
    folder = Path(asked.fake)
    if run_folder.is_run(folder):
        return _of_run(folder, asked, real)
    if is_export(folder):
        return _of_export(folder, asked, real)
    require(asked.n is None, f"n={asked.n} is for a run or an export; {asked.fake} is compared whole")
    return Samples(_rows("fake", asked.fake, asked))


def _of_run(folder: Path, asked: Comparison, real: data.Dataset | None) -> Samples:
    run, n = run_folder.load(folder), asked.n or SAMPLES
    experiment = stored.experiment_of(run)
    of = experiment.data
    check_count(n, of.shape, item=1 if of.medium.name == "images" else 4)
    state = stored.stored(run, experiment)
    by_class = experiment.conditional == "classes"
    known = real is not None and real.labels is not None and real.num_classes == of.num_classes
    labels_of = real if known else of
    if not by_class or isinstance(labels_of, data.Dataset):
        condition = asked_at_random(experiment, cast(data.Dataset, labels_of), n, asked.seed)
    else:
        condition = classes_in_turn(range(of.num_classes or 0), n)
    rows = stored_samples(experiment, state, condition, n, asked.seed, of.medium)
    if rows is None:
        raise InputError(f"samples of {folder} are not finite")
    return Samples(data.Dataset(folder.name, rows, medium=of.medium), condition if by_class else None)


def _of_export(folder: Path, asked: Comparison, real: data.Dataset | None) -> Samples:
    generator, n = load_generator(folder), asked.n or SAMPLES
    check_drawn(folder, generator)
    check_count(n, generator.about["shape"], item=4)
    labels = None
    if "labels" in generator.about:
        classes = generator.about["labels"]
        labels = classes_in_turn(classes["drawn"], n)
        if real is not None and real.labels is not None and real.num_classes == len(classes["classes"]):
            own = real.labelled().labels
            assert own is not None
            labels = own[np.random.default_rng(asked.seed).integers(len(own), size=n)]
    rows = drawn(generator, n, seed=asked.seed, labels=labels)
    require(bool(np.isfinite(rows).all()), f"samples of {folder} are not finite")
    medium = medium_of(generator)
    name = folder.parent.name if folder.name == "export" else folder.name
    return Samples(data.Dataset(f"{name} exported", medium.encode(rows), medium=medium), labels)


def _rows(which: str, source: str, asked: Comparison) -> data.Dataset:
    path = Path(source).expanduser()
    run = run_folder.is_run(path) or is_export(path)
    require(not run, f"{which} must be data, and {source} is a run or an export: name its data, such as tfds:mnist")
    if path.is_dir():
        source = f"folder:{path}"
    elif path.suffix == ".npz" and path.is_file():
        source = f"npz:{path}"
    elif ":" not in source and source not in WITHOUT_PATH:
        raise NotFoundError(f"{which}: {source} is neither a path that exists nor the name of data")
    options: dict[str, Any] = {"image_size": asked.image_size, "channels": asked.channels, "data_dir": asked.data_dir}
    options |= {"split": asked.split, "sample_rate": asked.sample_rate, "length": asked.length}
    kind = source.partition(":")[0]
    fit = {name: value for name, value in options.items() if value is not None and kind in OPTIONS[name]}
    found: data.Dataset = data.load(source, **fit)
    require(isinstance(found.real, np.ndarray), f"{which} must be one array of rows; {source} has several")
    return found
