"""The run of a sweep: prepare it, take the steps, and write its folder."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np
import orbax.checkpoint as ocp
from jaxtyping import Array, Float, Key

from jaxgan import data
from jaxgan.checks import require
from jaxgan.core import Algorithm, GANState
from jaxgan.data.description import sentence
from jaxgan.devices import MEMBERS, dividing, everywhere, mesh_of
from jaxgan.errors import InputError
from jaxgan.execution import spread
from jaxgan.execution.layout import AnyStep
from jaxgan.metrics.summary import summarize
from jaxgan.observe.gallery import example
from jaxgan.program.inputs import inputs
from jaxgan.program.interruption import Interruption
from jaxgan.program.preparation import doubts, loaded, may_differ, other_data, restored
from jaxgan.program.sweep.measures import Measures
from jaxgan.program.sweep.settings import Axis, Sweep, changes, spelled
from jaxgan.recipes import effects
from jaxgan.recipes.build import is_resident, steps_of_a_call
from jaxgan.runs import checkpoints, means, run_folder
from jaxgan.runs.log import Log, Show
from jaxgan.runs.means import Sums
from jaxgan.runs.run_folder import Run

FILE = "sweep.json"


class SweepSession(NamedTuple):
    """A sweep that is ready to start: everything has been checked, the step has not been compiled."""

    run: Run
    sweep: Sweep
    dataset: data.Dataset | data.IterableDataset
    algorithm: Algorithm
    """The population."""
    step: AnyStep
    state: GANState
    notes: list[str]
    lock: run_folder.Lock
    """On the sweep's folder."""

    def devices(self) -> list[jax.Device]:
        """Those that are used."""
        return list(dividing(jax.devices(), self.sweep.members()))


def prepare(sweep: Sweep, *, preset: str, out: Path, resume: Path | None = None) -> SweepSession:
    """Load the data, check the sweep, and make or reopen its folder, `out/NNNNN-PRESET-sweep`.

    Args:
        sweep: what to train; must agree with the saved one when resuming.
        preset: name for the folder.
        out: folder of run folders.
        resume: the sweep to go on with.

    Raises:
        ValueError: if the configuration does not fit the data, or the sweep to resume.
        FileNotFoundError: if data or sweep is missing.
    """
    config = sweep.config
    if resume is None:
        effects.check(config)
    source = loaded(config)
    algorithm = sweep.algorithm(source.of)
    step = spread(steps_of_a_call(config, algorithm.step, resident=is_resident(config, source.dataset)))
    saved = None if resume is None else load(resume)
    if saved is not None:
        changed = changes(saved[1], sweep, may_differ(saved[0], source)) + other_data(saved[0], source)
        require(not changed, f"cannot resume {resume}, the sweep differs:\n  " + "\n  ".join(changed))
    state = algorithm.init(sweep.keys(), example(source.dataset, config.batch_size, config.seed))
    notes = source.notes
    if saved is None:
        made = Run(out, preset, config, source.of, source.rows, source.described)
        folder = run_folder.numbered(out, f"{preset}-sweep", lambda folder: _save(made._replace(folder=folder), sweep))
        run = made._replace(folder=folder)
        lock = run_folder.Lock(folder)
    else:
        lock = run_folder.Lock(saved[0].folder)
        state, told = restored(saved[0], state, steps=config.steps)
        run = saved[0]._replace(config=config, source=saved[0].source or source.described)
        notes = notes + doubts(saved[0], source) + told
        run_folder.record_resume(run, int(state.step), FILE)
    return SweepSession(run, sweep, source.dataset, algorithm, step, state, notes, lock)


def load(folder: Path) -> tuple[Run, Sweep]:
    """Read a sweep back.

    Raises:
        FileNotFoundError: if `folder` holds none.
        ValueError: if its `sweep.json` cannot be understood.
    """
    run = run_folder.load(folder, FILE)
    record = json.loads((folder / FILE).read_text(encoding="utf-8"))
    try:
        axes = tuple(Axis(name, tuple(values)) for name, values in record["over"].items())
        return run, Sweep(run.config, axes, record["seeds"])
    except InputError:
        raise
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{folder / FILE} is not the configuration of a sweep: {error!r}") from error


def run_session(session: SweepSession, *, show: Show = "auto", ends_program: bool = False) -> GANState:
    """Run the steps that are left. Ctrl-C and SIGTERM stop it after the call it is in, with a checkpoint.

    A member that diverges goes on, not finite, and is counted.

    Returns:
        The state of the population; its step is short of `config.steps` if the sweep was stopped.
    """
    run, state = session.run, session.state
    with (
        session.lock,
        checkpoints.manager(run.checkpoints) as manager,
        Log(run, start=int(state.step), size=None if int(state.step) else 0, show=show) as log,
        Interruption(ends_program=ends_program) as interruption,
    ):
        _begin(session, log)
        begun = time.perf_counter()
        state = _steps(session, state, manager, log, interruption)
        done, seconds = int(state.step), time.perf_counter() - begun
        event = "stopped" if done < run.config.steps else "finished"
        text = f"{event} at step {done} after {seconds:.0f} s; all of it is in {run.folder}"
        log.say(event, text, step=done, seconds=round(seconds, 1), run=str(run.folder))
    return state


def _save(run: Run, sweep: Sweep) -> None:
    over = {axis.name: axis.values for axis in sweep.axes}
    run_folder.save_config(run, FILE, {"over": over, "seeds": sweep.seeds})


def _begin(session: SweepSession, log: Log) -> None:
    run, sweep, devices = session.run, session.sweep, session.devices()
    log.say(
        "start",
        f"{run.folder}: {sweep.members()} runs on {session.dataset.name}: {sweep.seeds} seeds of "
        f"{len(sweep.settings())} settings, over {spelled(sweep.axes)}; {len(devices)} x {devices[0].device_kind}",
        run=str(run.folder),
        data=session.dataset.name,
        members=sweep.members(),
        seeds=sweep.seeds,
        over={axis.name: axis.values for axis in sweep.axes},
        devices=len(devices),
        device=devices[0].device_kind,
        step=int(session.state.step),
    )
    log.say("data", sentence(run.source), **run.source)
    for note in session.notes:
        log.say("note", note, note=note)


def _steps(
    session: SweepSession, state: GANState, manager: ocp.CheckpointManager, log: Log, interruption: Interruption
) -> GANState:
    config = session.run.config
    done = first = int(state.step)
    keys: Key[Array, "members"] = session.sweep.keys()
    everyone = everywhere(mesh_of(session.devices(), MEMBERS))
    batches = inputs(config, session.dataset, done, whole=everyone, rows=everyone)
    sums = means.parsed(checkpoints.note(manager, done, means.FILE))
    measures = Measures(session.run, session.dataset, session.algorithm)
    while done < config.steps and not interruption.asked:
        state, infos = session.step(state, next(batches), keys)
        done += config.steps_per_call
        sums = means.added(sums, infos)
        if done == first + config.steps_per_call:
            jax.block_until_ready(state)
            log.compiled(done)
        logs, measured, saves = (
            done % every == 0 or done == config.steps
            for every in (config.log_every, config.sample_every, config.checkpoint_every)
        )
        if logs:
            _report(done, sums, session, log)
            sums = {}
        if measured:
            values = measures.of(state)
            log.record(done, _lists(values), curves=_means(values))
            said = _means(values)
            log.say("measures", f"step {done}: {_shown(values)}", step=done, **said)
        if saves or interruption.asked:
            log.flush()  # what a checkpoint has seen is on disk before it
            notes = {means.FILE: means.text(sums)}
            checkpoints.save(manager, state, every=config.checkpoint_every, notes=notes)
    return state


def _report(step: int, sums: Sums, session: SweepSession, log: Log) -> None:
    info = means.means(sums)
    members = session.sweep.members()
    finite = int(np.all([np.isfinite(values) for values in info.values()], axis=0).sum())
    images = log.speed(step) * session.run.config.batch_size * members
    log.record(step, {"images_per_second": round(images, 1), **_lists(info)}, curves=_means(info))
    losses = {name: info[name] for name in ("loss_generator", "loss_discriminator")}
    text = f"{images:,.0f} images/s  {finite} of {members} finite  {_shown(losses)}"
    log.advance(step, text, finite=finite, **_means(info))


def _lists(values: Mapping[str, np.ndarray | Float[Array, "members"]]) -> dict[str, Any]:
    """For JSON, which knows no NaN."""
    return {name: [float(v) if np.isfinite(v) else None for v in each] for name, each in values.items()}


def _means(values: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Over the finite members, where there is one."""
    return {name: float(summarize(each).mean) for name, each in values.items() if np.isfinite(each).any()}


def _shown(values: Mapping[str, np.ndarray]) -> str:
    told = {name: summarize(each) for name, each in values.items()}
    return "  ".join(f"{name.replace('_', ' ')} {s.mean:.4g} ± {s.standard_error:.2g}" for name, s in told.items())
