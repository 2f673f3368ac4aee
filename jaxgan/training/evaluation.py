"""Evaluate a run that lies in its folder."""

from dataclasses import dataclass, replace
from pathlib import Path

from rich.table import Table

from jaxgan.checks import require, require_number
from jaxgan.training import records, run_folder
from jaxgan.training.build import build
from jaxgan.training.evaluator import Evaluator, Features
from jaxgan.training.numbers import Metric
from jaxgan.training.preparation import load
from jaxgan.training.records import Record
from jaxgan.training.sampling import Checkpoint, check_checkpoint, stored


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
    step: int | None = None
    """Of a kept checkpoint (default: the newest)."""
    checkpoint: Checkpoint = "latest"
    """The newest state, or that of the best evaluation."""
    out: Path | None = None
    """JSON file to which the records are added (default: RUN/evaluation.json)."""

    def __post_init__(self) -> None:
        require_number("n", self.n, at_least=10)
        require(bool(self.metrics), "metrics must name at least one")
        check_checkpoint(self.step, self.checkpoint)


def evaluate_run(folder: Path, evaluation: Evaluation) -> list[Record]:
    """As `measure`, and add the records to a JSON file, by `keep`."""
    found = measure(folder, evaluation)
    keep(folder, evaluation, found)
    return found


def keep(folder: Path, evaluation: Evaluation, found: list[Record]) -> None:
    """Add records to the file that `evaluation` names.

    Raises:
        ValueError: if the file holds something else.
        OSError: if it cannot be written.
    """
    records.add(_file(folder, evaluation), found)


def measure(folder: Path, evaluation: Evaluation) -> list[Record]:
    """Evaluate a state of a run against its data.

    Returns:
        A record a metric.

    Raises:
        FileNotFoundError: if there is no run, no such state, or no data or weights.
        ValueError: if an option does not fit the run, a state cannot be read, or its samples are not finite.
        OSError: if the file for the records cannot be written.
    """
    run = run_folder.load(folder)
    algorithm = build(run.config, run.of)
    state = stored(run, algorithm, step=evaluation.step, checkpoint=evaluation.checkpoint)
    weights = evaluation.inception_weights or run.config.inception_weights
    config = replace(run.config, inception_weights=weights)
    split = evaluation.reference
    reference = None if split is None else (load(replace(config, split=split)), split)
    evaluator = Evaluator(config, load(config), algorithm, features=evaluation.features, reference=reference)
    evaluator.check(evaluation.metrics, evaluation.n)
    records.check(_file(folder, evaluation))
    found = evaluator(state, evaluation.metrics, n=evaluation.n, seed=evaluation.seed)
    require(bool(found), f"samples of {folder} at step {int(state.step)} are not finite")
    return found


def _file(folder: Path, evaluation: Evaluation) -> Path:
    return evaluation.out or run_folder.load(folder).evaluation


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
