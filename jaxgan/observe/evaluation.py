"""Evaluate a run that lies in its folder."""

import warnings
from dataclasses import dataclass, replace
from pathlib import Path

from rich.table import Table

from jaxgan import data
from jaxgan.checks import require, require_number
from jaxgan.errors import NotFoundError
from jaxgan.observe.evaluator import Evaluator, Features
from jaxgan.observe.numbers import Metric
from jaxgan.observe.sampling import Checkpoint, check_checkpoint, stored
from jaxgan.options.conform import conform
from jaxgan.program.preparation import load
from jaxgan.recipes.build import build
from jaxgan.recipes.config import SEEDS, Config, DataShape
from jaxgan.runs import records, run_folder, same_data
from jaxgan.runs.records import Record
from jaxgan.runs.run_folder import Run


@dataclass(frozen=True)
class Evaluation:
    """What to ask of a run."""

    metrics: tuple[Metric, ...] = ("fid", "kid", "precision", "recall")
    """What to measure."""
    features: Features = "auto"
    """What the metrics look at: a classifier trained on the run's data, Inception, the numbers themselves, or a network
    of random weights. auto: Inception if its weights are given, else a classifier of images with labels, else the
    numbers themselves; of images with more than 1,024 of them a random network."""
    inception_weights: str | None = None
    """File of the published weights of Inception (default: that of the run's configuration)."""
    n: int = 10_000
    """Samples."""
    seed: int = 0
    """Of their latents and labels."""
    reference: str | None = None
    """Split of the run's TFDS set to compare with (default: the one it was trained on)."""
    data: str | None = None
    """Where the data of the run are now (default: where the run had them); rows and labels must be the same."""
    data_dir: str | None = None
    """Where its TFDS set lies now (default: where the run had it)."""
    step: int | None = None
    """Of a kept checkpoint (default: the newest)."""
    checkpoint: Checkpoint = "latest"
    """The newest state, or that of the best evaluation."""
    out: Path | None = None
    """JSON file to which the records are added (default: RUN/evaluation.json)."""

    def __post_init__(self) -> None:
        conform(self)
        require_number("seed", self.seed, at_least=0, below=SEEDS)
        require_number("n", self.n, at_least=10)
        require(bool(self.metrics), "metrics must name at least one")
        check_checkpoint(self.step, self.checkpoint)


def evaluate_run(folder: Path, evaluation: Evaluation, dataset: data.Dataset | None = None) -> list[Record]:
    """As `measure`, and add the records to a JSON file, by `keep`."""
    found = measure(folder, evaluation, dataset)
    keep(folder, evaluation, found)
    return found


def keep(folder: Path, evaluation: Evaluation, found: list[Record]) -> None:
    """Add records to the file that `evaluation` names.

    Raises:
        ValueError: if the file holds something else.
        OSError: if it cannot be written.
    """
    records.add(_file(folder, evaluation), found)


def measure(folder: Path, evaluation: Evaluation, dataset: data.Dataset | None = None) -> list[Record]:
    """Evaluate a state of a run against its data.

    Args:
        folder: of the run.
        evaluation: what to ask of it.
        dataset: the data of a run that was trained on what a program passed; None loads what its configuration names.

    Returns:
        A record a metric.

    Raises:
        FileNotFoundError: if there is no run, no such state, or no data or weights.
        ValueError: if an option does not fit the run, the data are not those of the run, a state cannot be read, or its
            samples are not finite.
        OSError: if the file for the records cannot be written.
    """
    run = run_folder.load(folder)
    algorithm = build(run.config, run.of)
    state = stored(run, algorithm, step=evaluation.step, checkpoint=evaluation.checkpoint)
    weights = evaluation.inception_weights or run.config.inception_weights
    config = replace(run.config, inception_weights=weights, data=evaluation.data or run.config.data)
    config = replace(config, data_dir=evaluation.data_dir or run.config.data_dir)
    split = evaluation.reference
    reference = None if split is None else (load(replace(config, split=split)), split)
    trained_on = _data(run, config, dataset)
    evaluator = Evaluator(config, trained_on, algorithm, features=evaluation.features, reference=reference)
    evaluator.check(evaluation.metrics, evaluation.n)
    records.check(_file(folder, evaluation))
    found = evaluator(state, evaluation.metrics, n=evaluation.n, seed=evaluation.seed)
    require(bool(found), f"samples of {folder} at step {int(state.step)} are not finite")
    return found


def _file(folder: Path, evaluation: Evaluation) -> Path:
    return evaluation.out or run_folder.load(folder).evaluation


def _data(run: Run, config: Config, dataset: data.Dataset | None) -> data.Dataset:
    """The data of the run, from where the configuration says, or the data set given."""
    told = dataset is not None or config.data != run.config.data
    where = "say where they are: data (--data), or dataset where a program passed them"
    require(
        told or not run.source or run.source["fingerprint"] is not None,
        f"{run.folder} was trained on batches that a program passed, not on data={config.data}. To compare with rows, "
        f"{where}",
    )
    if dataset is None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", data.DoubtfulData)  # the run said it at its start
                dataset = load(config)
        except NotFoundError as error:
            raise NotFoundError(f"{error}. If the data of {run.folder} are elsewhere now, {where}") from error
    now, shape = data.describe(dataset), DataShape(dataset.shape, dataset.num_classes)
    found = same_data.likeness(run.source, now)
    require(shape == run.of, f"{run.folder} was trained on {_spelled(run.of)}; {dataset.name} has {_spelled(shape)}")
    require(found != "other", f"{same_data.difference(run.source, now)}. If those are elsewhere now, {where}")
    if found == "decoded otherwise":
        warnings.warn(same_data.doubt(run.source, now), stacklevel=3)
    return dataset


def _spelled(of: DataShape) -> str:
    return f"rows of {of.shape}" + (f" in {of.num_classes} classes" if of.num_classes else "")


def table(found: list[Record]) -> Table:
    """What was found, for people."""
    first = found[0]
    made = Table(title=f"step {first['step']}, seed {first['seed']}")
    for column in ("metric", "value", "features", "reference", "real", "samples"):
        made.add_column(column, justify="right" if column in ("value", "real", "samples") else "left")
    for record in found:
        spread = f" ± {record['deviation']:.2g}" if "deviation" in record else ""
        of = (record["features"] or "", record["reference"] or "")
        counts = (f"{record['real_count']:,}", f"{record['fake_count']:,}")
        made.add_row(record["metric"], f"{record['value']:.4g}{spread}", *of, *counts)
    return made
