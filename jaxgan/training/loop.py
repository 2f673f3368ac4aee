"""Train: from a configuration to a folder with a trained state, numbers and pictures."""

import itertools
import math
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import jax
from jaxtyping import PyTree

from jaxgan import data
from jaxgan.checks import require
from jaxgan.core import Algorithm, GANState, Info
from jaxgan.execution.layout import Step
from jaxgan.training import checkpoints, run_folder
from jaxgan.training.build import DataShape, build, compile_step, is_resident, rows_placed
from jaxgan.training.config import Config, differences
from jaxgan.training.gallery import Gallery, example
from jaxgan.training.interruption import Interruption
from jaxgan.training.log import Log, Show
from jaxgan.training.run_folder import Run

SKIPPED_SHOWN = 10


class Session(NamedTuple):
    """A run that is ready to start: everything has been checked, the step has not been compiled."""

    run: Run
    dataset: data.Dataset | data.IterableDataset
    algorithm: Algorithm
    step: Step
    state: GANState
    notes: list[str]
    """What to say at the start: files skipped, checkpoints damaged."""


class Progress(NamedTuple):
    """What a callback is given, every `log_every` steps."""

    step: int
    info: dict[str, float]
    """The step's numbers."""
    state: GANState
    """After that step. Valid during the callback alone: the next step takes its memory."""
    algorithm: Algorithm
    run: Run


Callback = Callable[[Progress], bool | None]
"""Called between steps; True stops the run, with a checkpoint."""


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
        resume: the run to go on with, from its newest whole checkpoint, or from the start if it has none yet.
        dataset: to train on, instead of the one that `config.data` describes.

    Raises:
        ValueError: if the configuration does not fit the data, the devices, or the run to resume.
        FileNotFoundError: if data or run is missing.
    """
    if dataset is None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", data.SkippedFiles)
            dataset = load(config)
    notes = _skipped(dataset)
    dataset.check_batch_size(config.batch_size)
    of = DataShape(dataset.shape, dataset.num_classes)
    rows = len(dataset) if isinstance(dataset, data.Dataset) else None
    algorithm = build(config, of)
    step = compile_step(config, algorithm.step, resident=is_resident(config, dataset))
    state = algorithm.init(jax.random.key(config.seed), example(dataset, config.batch_size, config.seed))
    if resume is None:
        return Session(run_folder.create(out, preset, config, of, rows), dataset, algorithm, step, state, notes)
    run = run_folder.load(resume)
    changed = differences(run.config, config)
    if (run.of, run.rows) != (of, rows):
        changed.append(f"data set: saved {run.rows} rows of {run.of.shape}, now {rows} rows of {of.shape}")
    require(not changed, f"cannot resume {resume}, the configuration differs:\n  " + "\n  ".join(changed))
    state, told = _restore(run, state)
    run = run._replace(config=config)
    run_folder.save_config(run)
    return Session(run, dataset, algorithm, step, state, notes + told)


def _skipped(dataset: data.Dataset | data.IterableDataset) -> list[str]:
    if not isinstance(dataset, data.Dataset) or not dataset.skipped:
        return []
    first = "\n".join(f"  {name}: {reason}" for name, reason in dataset.skipped[:SKIPPED_SHOWN])
    more = len(dataset.skipped) - SKIPPED_SHOWN
    rest = f"\n  and {more} more" if more > 0 else ""
    return [f"{len(dataset.skipped)} files cannot be used and are left out:\n{first}{rest}"]


def load(config: Config) -> data.Dataset | data.IterableDataset:
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


def run_session(session: Session, *, callbacks: Sequence[Callback] = (), show: Show = "auto") -> GANState:
    """Run the steps that are left, and write everything to the run's folder.

    Ctrl-C, SIGTERM or a callback stops the run after the step it is in, with a checkpoint.

    Returns:
        The final state; its step is short of `config.steps` if the run was stopped.

    Raises:
        FloatingPointError: if a loss is not finite; the checkpoints before stay.
    """
    run, step, state = session.run, session.step, session.state
    config = run.config
    done = first = int(state.step)
    key = jax.device_put(jax.random.key(config.seed))
    with (
        checkpoints.manager(run.checkpoints) as manager,
        Log(run, start=done, show=show) as log,
        Interruption() as interruption,
    ):
        _begin(session, log)
        inputs = _inputs(session)
        gallery = Gallery(run, session.dataset, session.algorithm)
        log.tensorboard.picture("real", 0, run.samples / "real.png")
        if done == 0:
            _draw(gallery, state, log)
        began = time.perf_counter()
        unread: tuple[int, Info] | None = None
        while done < config.steps and not interruption.asked:
            batch = next(inputs)
            with jax.transfer_guard("disallow"):
                state, infos = step(state, batch, key)
            done += config.steps_per_call
            if done == first + config.steps_per_call:
                jax.block_until_ready(state)
                log.compiled(done)
            if unread is not None:  # while the device is busy with the next step
                _report(*unread, log)
                unread = None
            logs, draws, saves = (
                done % every == 0 or done == config.steps
                for every in (config.log_every, config.sample_every, config.checkpoint_every)
            )
            if logs and (callbacks or draws or saves or interruption.asked):
                progress = Progress(done, _report(done, infos, log), state, session.algorithm, run)
                interruption.asked |= any([callback(progress) for callback in callbacks])  # noqa: C419 (call them all)
            elif logs:
                jax.tree.map(lambda x: x.copy_to_host_async(), infos)
                unread = (done, infos)
            if draws:
                _draw(gallery, state, log)
            if saves or interruption.asked:
                _finite(infos, done, run)
                log.flush()  # what a checkpoint has seen is on disk before it
                checkpoints.save(manager, state, every=config.checkpoint_every)
        if unread is not None:
            _report(*unread, log)
        seconds = time.perf_counter() - began
        event, word = ("stopped", "stopped after") if done < config.steps else ("finished", "trained")
        text = f"{word} {done - first} steps in {seconds:.0f} s; all of it is in {run.folder}"
        log.say(event, text, step=done, seconds=round(seconds, 1), run=str(run.folder))
    return state


def _begin(session: Session, log: Log) -> None:
    run, config = session.run, session.run.config
    rows = "endless" if run.rows is None else f"{run.rows:,}"
    where = "on the device" if is_resident(config, session.dataset) else "streamed"
    used = 1 if config.wrapper == "jit" else jax.local_device_count()
    device = jax.devices()[0].device_kind
    log.say(
        "start",
        f"{run.folder}: {session.dataset.name}, {rows} x {run.of.shape}, {where}; {used} x {device} ({config.wrapper})",
        run=str(run.folder),
        data=session.dataset.name,
        rows=run.rows,
        shape=run.of.shape,
        devices=used,
        device=device,
        step=int(session.state.step),
    )
    for note in session.notes:
        log.say("note", note, note=note)


def _inputs(session: Session) -> Iterator[PyTree]:
    """What the step takes beside the state: the resident data set, always the same, or the batches of the stream."""
    config, dataset = session.run.config, session.dataset
    if isinstance(dataset, data.Dataset) and is_resident(config, dataset):
        return itertools.repeat(dataset.on_device(None if config.wrapper == "jit" else jax.local_devices()))
    return data.stream(
        dataset,
        config.batch_size,
        config.seed,
        start_step=int(session.state.step),
        stacked=config.steps_per_call,
        workers=config.workers,
        place=partial(jax.device_put, device=rows_placed(config)),
    )


def _restore(run: Run, like: GANState) -> tuple[GANState, list[str]]:
    """The newest whole state, and what there is to say about the others."""
    with checkpoints.manager(run.checkpoints) as manager:
        if not manager.all_steps():
            return like, [f"{run.folder} has no checkpoint yet: it starts again at step 0"]
        state, damaged = checkpoints.restore(manager, like)
        moved = [(step, reason, checkpoints.set_aside(manager, step)) for step, reason in damaged]
    return state, [
        f"the checkpoint of step {step} is damaged ({reason}): moved to {aside}, going on from step {int(state.step)}"
        for step, reason, aside in moved
    ]


def _draw(gallery: Gallery, state: GANState, log: Log) -> None:
    step = int(state.step)
    path, coverage = gallery.draw(state)
    log.tensorboard.picture("samples", step, path)
    if coverage is not None and gallery.mixture is not None:
        log.record(step, coverage._asdict())
        log.say(
            "modes",
            f"step {step}: {coverage.modes} of {len(gallery.mixture.centres)} modes, {coverage.high_quality:.1%} of "
            f"samples within 3 sigma of one, reverse KL {coverage.reverse_kl:.4f}",
            step=step,
            **coverage._asdict(),
        )


def _report(step: int, infos: Info, log: Log) -> dict[str, float]:
    info = _finite(infos, step, log.run)
    log.numbers(step, info)
    return info


def _finite(infos: Info, step: int, run: Run) -> dict[str, float]:
    """The numbers of the last of the steps.

    Raises:
        FloatingPointError: if one is not finite.
    """
    info = {name: float(values[-1]) for name, values in jax.device_get(infos).items()}
    bad = [name for name, value in info.items() if not math.isfinite(value)]
    if bad:
        raise FloatingPointError(
            f"step {step}: {', '.join(bad)} not finite. The checkpoints in {run.checkpoints} are from before. "
            f"Try a lower learning rate, or a gradient penalty (--r1 1)."
        )
    return info
