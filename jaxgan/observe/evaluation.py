"""Evaluate a run from its folder."""

import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from rich.table import Table

from jaxgan import data
from jaxgan.checks import require, require_number
from jaxgan.errors import NotFoundError
from jaxgan.observe.evaluator import Evaluator, Features, weakness
from jaxgan.observe.nearest_rows import save_nearest_rows
from jaxgan.observe.numbers import Metric
from jaxgan.observe.row_observer import SAMPLES
from jaxgan.observe.stored import Checkpoint, check_checkpoint, check_ema, check_same_shape, recipe_of, stored
from jaxgan.options import changed, choices, leaves
from jaxgan.options.conform import conform
from jaxgan.program.program import SEEDS, Program
from jaxgan.recipes.making import dataset_of, made
from jaxgan.recipes.recipe import Recipe
from jaxgan.runs import records, run_folder, same_data
from jaxgan.runs.records import Record
from jaxgan.runs.run_folder import Run

MOST_NEAREST = 256
"""Rows of the picture of nearest data, which a page must still show."""
DEFAULT: tuple[Metric, ...] = ("fid", "kid", "precision", "recall")


@dataclass(frozen=True)
class Evaluation:
    """What to evaluate in a run."""

    metrics: tuple[Metric, ...] | None = None
    """Metrics (default: all metrics of points, sounds, clips or texts for these; else fid, kid, precision and recall,
    with l1, psnr and ssim before them for pairs of images)."""
    features: Features = "auto"
    """Features for the metrics: a classifier trained on the run's data, Inception, DINOv2, CLIP, the numbers
    themselves, or a network of random weights. auto: the network whose weights are given, else a classifier if the
    images have labels, else the numbers themselves, or a random network if an image has more than 1,024 numbers."""
    inception_weights: str | None = None
    """File of the published weights of Inception (default: that of the run's configuration)."""
    transformer_weights: str | None = None
    """File (.safetensors) of the published weights of DINOv2 or CLIP (default: that of the run's configuration)."""
    n: int | None = None
    """Number of samples (default: 2,500 points, sounds, clips or texts, 10,000 of anything else)."""
    seed: int = 0
    """Seed of the samples' latents and labels."""
    reference: str | None = None
    """Split of the run's TFDS set to compare with (default: the one it was trained on)."""
    data: str | None = None
    """Where the data of the run are now (default: where they were during the run); rows and labels must be the same."""
    data_dir: str | None = None
    """Folder of the run's TFDS data set (default: the folder that the run used)."""
    step: int | None = None
    """Step of a kept checkpoint (default: the newest)."""
    checkpoint: Checkpoint = "latest"
    """Use the newest state, or the state of the best evaluation."""
    ema: float | None = None
    """Length of the generator's average relative to the steps so far, made after training from the averages that
    --ema-lengths kept (default: the average of training)."""
    nearest: int = 0
    """Number of samples to show, up to 256, in RUN/samples/nearest.png and the report, beside the images of the data
    that are nearest to them in features: near copies mean that the generator has memorised data."""
    out: Path | None = None
    """JSON file to which the results are added (default: RUN/evaluation.json)."""

    def __post_init__(self) -> None:
        conform(self)
        require_number("seed", self.seed, at_least=0, below=SEEDS)
        require_number("n", 10 if self.n is None else self.n, at_least=10)
        require_number("nearest", self.nearest, at_least=0)
        require(self.nearest <= MOST_NEAREST, f"nearest must be at most {MOST_NEAREST}, got {self.nearest}")
        require(self.metrics is None or bool(self.metrics), "metrics must name at least one")
        check_checkpoint(self.step, self.checkpoint)
        check_ema(self.ema)


def evaluate_run(folder: Path, evaluation: Evaluation, dataset: data.Dataset | None = None) -> list[Record]:
    """Like `measure`, and add the records to a JSON file with `keep`."""
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
        folder: folder of the run.
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
    recipe = _elsewhere(run, evaluation)
    program = _with_weights(run.program, evaluation)
    trained_on = _data(run, recipe, program, told=recipe != run.recipe or dataset is not None, dataset=dataset)
    experiment = made(recipe, trained_on, program)
    state = stored(run, experiment, step=evaluation.step, checkpoint=evaluation.checkpoint, ema=evaluation.ema)
    reference = trained_on
    if evaluation.reference is not None:
        reference = dataset_of(_changed(recipe, "reference", split=evaluation.reference), program)
    evaluator = Evaluator(experiment, program, features=evaluation.features, reference=reference)
    of_rows = evaluator.of_rows()
    of_pairs = cast(tuple[Metric, ...], evaluator.of_pairs())
    metrics = evaluation.metrics or (*cast(tuple[Metric, ...], of_rows), *of_pairs, *(() if of_rows else DEFAULT))
    n = evaluation.n or (SAMPLES if of_rows else 10_000)
    evaluator.check(metrics, n)
    medium = evaluator.dataset.medium.name
    require(evaluation.nearest == 0 or medium == "images", f"nearest={evaluation.nearest} needs images, not {medium}")
    records.check(_file(folder, evaluation))
    found = evaluator(state, metrics, n=n, seed=evaluation.seed)
    require(bool(found), f"samples of {folder} at step {int(state.step)} are not finite")
    if evaluation.nearest > 0:
        save_nearest_rows(
            run.samples,
            experiment,
            state,
            evaluator.dataset,
            evaluator.seen_by,
            count=evaluation.nearest,
            seed=evaluation.seed,
            cache_dir=program.cache_dir,
        )
    return found if evaluation.ema is None else [record | {"ema": evaluation.ema} for record in found]


def _file(folder: Path, evaluation: Evaluation) -> Path:
    return evaluation.out or run_folder.load(folder).evaluation


def _with_weights(program: Program, evaluation: Evaluation) -> Program:
    """The program with the weights that were asked for, or with its own."""
    inception, transformer = evaluation.inception_weights, evaluation.transformer_weights
    if inception is None and transformer is None:
        return program
    return replace(program, inception_weights=inception, transformer_weights=transformer)


def _elsewhere(run: Run, evaluation: Evaluation) -> Recipe:
    """The recipe of the run, with the present place of its data."""
    recipe = recipe_of(run)
    for name, value in (("data", evaluation.data), ("data_dir", evaluation.data_dir)):
        recipe = recipe if value is None else _changed(recipe, name, **{name: value})
    return recipe


def _changed(recipe: Recipe, asked: str, **values: str) -> Recipe:
    (option,) = values
    known = {**leaves(recipe), **choices(recipe)}
    require(option in known, f"{asked} has no meaning for {type(recipe).__name__} of such data: no option {option}")
    return changed(recipe, **values)


def _data(run: Run, recipe: Recipe, program: Program, *, told: bool, dataset: data.Dataset | None) -> data.Dataset:
    """Data of the run, from the place in the recipe or from the data set that was passed."""
    where = "say where they are: data (--data), or dataset where a program passed them"
    require(
        told or not run.source or run.source["fingerprint"] is not None,
        f"{run.folder} was trained on batches that a program passed, not on data of its recipe. To compare with rows, "
        f"{where}",
    )
    if dataset is None:
        try:
            dataset = dataset_of(recipe, program)
        except NotFoundError as error:
            raise NotFoundError(f"{error}. If the data of {run.folder} are elsewhere now, {where}") from error
    assert isinstance(dataset, data.Dataset)
    now = data.describe(dataset)
    found = same_data.likeness(run.source, now)
    check_same_shape(run, dataset)
    require(found != "other", f"{same_data.difference(run.source, now)}. If those are elsewhere now, {where}")
    if found == "decoded otherwise":
        warnings.warn(same_data.doubt(run.source, now), stacklevel=3)
    return dataset


def table(found: list[Record]) -> Table:
    """The results as a table."""
    first = found[0]
    ema = f", average of length {first['ema']}" if "ema" in first else ""
    what = f"step {first['step']}{ema}" if "step" in first else f"{first['fake']} against {first['reference']}"
    made = Table(title=f"{what}, seed {first['seed']}")
    beside_them = [name for name in ("perfect", "floor") if any(name in record for record in found)]
    numbers = ["value", *beside_them]
    for column in ("metric", *numbers, "features", "reference", "real", "samples"):
        made.add_column(column, justify="right" if column in (*numbers, "real", "samples") else "left")
    for record in found:
        spread = f" ± {record['deviation']:.2g}" if "deviation" in record else ""
        beside = (f"{record[name]:.4g}" if name in record else "" for name in beside_them)
        of = (record["features"] or "", record["reference"] or "")
        counts = ("" if record["real_count"] is None else f"{record['real_count']:,}", f"{record['fake_count']:,}")
        made.add_row(record["metric"], f"{record['value']:.4g}{spread}", *beside, *of, *counts)
    made.caption = weakness(found)
    return made
