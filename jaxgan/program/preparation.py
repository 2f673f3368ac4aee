"""Make a run ready: load the data, check the configuration, make or reopen its folder."""

import warnings
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from jaxgan import data
from jaxgan.checks import require
from jaxgan.core import Algorithm, GANState
from jaxgan.execution.layout import AnyStep
from jaxgan.observe.evaluator import Evaluator
from jaxgan.observe.gallery import example
from jaxgan.recipes import effects
from jaxgan.recipes.build import build, compile_step, is_resident
from jaxgan.recipes.config import Config, DataShape, differences
from jaxgan.runs import checkpoints, run_folder, same_data
from jaxgan.runs.run_folder import Run

SKIPPED_SHOWN = 10


class Session(NamedTuple):
    """A run that is ready to start: everything has been checked, the step has not been compiled."""

    run: Run
    dataset: data.Dataset | data.IterableDataset
    algorithm: Algorithm
    step: AnyStep
    state: GANState
    notes: list[str]
    """What to say at the start: files skipped, checkpoints damaged."""
    evaluator: Evaluator | None
    """Of a run that is evaluated while it trains."""
    lock: run_folder.Lock
    """On the run's folder."""


def prepare(
    config: Config,
    *,
    preset: str,
    out: Path,
    resume: Path | None = None,
    dataset: data.Dataset | data.IterableDataset | None = None,
) -> Session:
    """Load the data, check the configuration, and make or reopen the run's folder.

    Args:
        config: of the run; must agree with the saved one when resuming.
        preset: name for the folder.
        out: folder of run folders.
        resume: the run to go on with, from its newest whole checkpoint, or from the start if it has none yet. Its data
            may lie elsewhere now, as long as rows and labels are the same.
        dataset: to train on, instead of the one that `config.data` describes.

    Raises:
        ValueError: if the configuration does not fit the data, the devices, or the run to resume.
        FileNotFoundError: if data or run is missing.
    """
    if resume is None:
        effects.check(config)
    source = loaded(config, dataset)
    dataset, of, rows, notes = source.dataset, source.of, source.rows, source.notes
    algorithm = build(config, of)
    step = compile_step(config, algorithm.step, resident=is_resident(config, dataset))
    state = algorithm.init(jax.random.key(config.seed), example(dataset, config.batch_size, config.seed))
    jax.eval_shape(
        lambda state: algorithm.sample(state, jax.random.key(0), 2), state
    )  # what cannot be drawn is told now
    evaluator = None
    if config.evaluate_every:
        evaluator = Evaluator(config, dataset, algorithm)
        evaluator.check(config.evaluate_metrics, config.evaluate_samples)
    if resume is None:
        run = run_folder.create(out, preset, config, of, rows, source.described)
        lock = run_folder.Lock(run.folder)
        return Session(run, dataset, algorithm, step, state, notes, evaluator, lock)
    run = run_folder.load(resume)
    changed = differences(run.config, config, may_differ(run, source)) + other_data(run, source)
    require(not changed, f"cannot resume {resume}, the configuration differs:\n  " + "\n  ".join(changed))
    lock = run_folder.Lock(run.folder)
    state, told = restored(run, state, steps=config.steps)
    notes += doubts(run, source)
    run = run._replace(config=config, source=run.source or source.described)
    run_folder.record_resume(run, int(state.step))
    return Session(run, dataset, algorithm, step, state, notes + told, evaluator, lock)


class Source(NamedTuple):
    """The data of a run."""

    dataset: data.Dataset | data.IterableDataset
    of: DataShape
    rows: int | None
    """None if it has no end."""
    described: dict[str, Any]
    """See `data.describe`."""
    notes: list[str]
    """What is doubtful, and the files that were skipped."""


def loaded(config: Config, dataset: data.Dataset | data.IterableDataset | None = None) -> Source:
    """The data set of a configuration, or the one given, checked against the batch size.

    Raises:
        ValueError: if the configuration does not fit the data.
        FileNotFoundError: if they are missing.
    """
    if dataset is None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", data.SkippedFiles)
            warnings.simplefilter("ignore", data.DoubtfulData)
            dataset = load(config)
    dataset.check_batch_size(config.batch_size)
    _check_labels(config, dataset)
    rows = len(dataset) if isinstance(dataset, data.Dataset) else None
    described = data.describe(dataset)
    notes = [*dataset.origin.notes, *_skipped(dataset)]
    return Source(dataset, DataShape(dataset.shape, dataset.num_classes), rows, described, notes)


def other_data(run: Run, source: Source) -> list[str]:
    """What keeps a saved run from going on with these data, a line each."""
    if (run.of, run.rows) != (source.of, source.rows):
        return [f"data set: saved {run.rows} rows of {run.of.shape}, now {source.rows} rows of {source.of.shape}"]
    other = same_data.likeness(run.source, source.described) == "other"
    return [same_data.difference(run.source, source.described)] if other else []


def may_differ(run: Run, source: Source) -> frozenset[str]:
    """Fields of the configuration that may change when a saved run goes on with these data."""
    return same_data.PLACE if same_data.likeness(run.source, source.described) == "same" else frozenset()


def doubts(run: Run, source: Source) -> list[str]:
    """What is to be said of these data to a saved run that goes on with them."""
    otherwise = same_data.likeness(run.source, source.described) == "decoded otherwise"
    return [same_data.doubt(run.source, source.described)] if otherwise else []


def _check_labels(config: Config, dataset: data.Dataset | data.IterableDataset) -> None:
    labels = dataset.labels if isinstance(dataset, data.Dataset) else dataset.first.condition
    if config.conditional and config.label_dropout == 0 and dataset.num_classes is not None and labels is not None:
        require(
            int(np.min(labels)) >= 0,
            f"{dataset.name} has rows with label -1, which stands for none: a conditional run then needs label_dropout "
            f"above 0",
        )


def _skipped(dataset: data.Dataset | data.IterableDataset) -> list[str]:
    if not isinstance(dataset, data.Dataset) or not dataset.skipped:
        return []
    first = "\n".join(f"  {name}: {reason}" for name, reason in dataset.skipped[:SKIPPED_SHOWN])
    more = len(dataset.skipped) - SKIPPED_SHOWN
    rest = f"\n  and {more} more" if more > 0 else ""
    return [f"{len(dataset.skipped)} files cannot be used and are left out:\n{first}{rest}"]


def load(config: Config) -> data.Dataset:
    """The data set of a configuration."""
    return data.load(
        config.data,
        image_size=config.image_size,
        channels=config.channels,
        mirror=config.mirror,
        data_dir=config.data_dir,
        split=config.split,
        cache_dir=config.cache_dir,
    )


def restored(run: Run, like: GANState, *, steps: int) -> tuple[GANState, list[str]]:
    """The newest whole state of a run, `like` if it has none, and what there is to say about the others.

    Raises:
        ValueError: if none of the checkpoints is whole, or the run has taken more than `steps` steps already.
    """
    told = []
    if run_folder.rollbacks(run).damaged:
        told.append(f"{run.folder / 'rollbacks.json'} cannot be read: the run counts as one that was never rolled back")
    with checkpoints.manager(run.checkpoints) as manager:
        if not manager.all_steps():
            return like, [*told, f"{run.folder} has no checkpoint yet: it starts again at step 0"]
        state, damaged = checkpoints.restore(manager, like)
        done = int(state.step)
        require(done <= steps, f"steps={steps} is less than the {done} steps that {run.folder} has taken")
        for step, reason in damaged:
            aside = checkpoints.set_aside(manager, step)
            told.append(
                f"the checkpoint of step {step} is damaged ({reason}): moved to {aside}, going on from step {done}"
            )
    return state, told
