"""The run of a sweep: prepare it, take the steps, and write its folder."""

import contextlib
import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Array, Float

from jaxgan.checks import require
from jaxgan.core import GANState, Info
from jaxgan.data.description import sentence
from jaxgan.errors import InputError
from jaxgan.metrics.summary import summarize
from jaxgan.observe.following import Follower
from jaxgan.observe.requests import example
from jaxgan.program import processes
from jaxgan.program.inputs import steps_of_a_call
from jaxgan.program.interruption import Interruption
from jaxgan.program.loop import Silence, Tools, take_steps
from jaxgan.program.placement import spread_placement
from jaxgan.program.preparation import (
    Session,
    check_division,
    check_labels,
    check_processes,
    check_resume,
    check_writable,
    followed,
    loaded,
    meet,
    reopened,
)
from jaxgan.program.program import Program
from jaxgan.program.run import end
from jaxgan.program.sweep.measures import Measures
from jaxgan.program.sweep.settings import Axis, Sweep, changes, spelled
from jaxgan.runs import checkpoints, run_folder
from jaxgan.runs.log import Log, Show
from jaxgan.runs.run_folder import Run

FILE = "sweep.json"


class SweepSession(NamedTuple):
    """A sweep that is ready to start: everything has been checked, the step has not been compiled."""

    session: Session
    sweep: Sweep

    @property
    def run(self) -> Run:
        """Its folder."""
        return self.session.run


@processes.all_or_none()
def prepare(sweep: Sweep, *, name: str, out: Path, resume: Path | None = None) -> SweepSession:
    """Load the data, check the sweep, and make or reopen its folder, `out/NNNNN-NAME-sweep`.

    In several processes, all do this, but only the first makes the folder, which the others must see too.

    Args:
        sweep: what to train; must agree with the saved one when resuming.
        name: for the folder.
        out: folder of run folders.
        resume: the sweep to go on with.

    Raises:
        ValueError: if the recipe does not fit the data, the devices, or the sweep to resume.
        FileNotFoundError: if data or sweep is missing.
    """
    program = sweep.program
    saved = None if resume is None else load(resume)
    if saved is not None:
        check_resume(saved[0], sweep.recipe, program)
        changed = changes(saved[1], sweep)
        require(not changed, f"cannot resume {resume}, the sweep differs:\n  " + "\n  ".join(changed))
    else:
        check_writable(out)
    source = loaded(sweep.recipe, program)
    experiment = sweep.experiment(source.dataset)
    check_division(program.batch_size, 1, experiment.parts)
    check_labels(experiment, source.dataset)
    placement = spread_placement(sweep.members())
    check_processes(sweep.recipe, program, source)
    processes.require_same({"seeds": sweep.seeds, "over": spelled(sweep.axes)})
    step = placement.compile(steps_of_a_call(program, experiment.algorithm.step, source.dataset))
    keys = sweep.keys()
    state = experiment.algorithm.init(keys, example(source.dataset, program.batch_size, program.seed))
    run, notes = Run(out, name, sweep.recipe, program, source.of, source.rows, source.described), source.notes
    lock: contextlib.AbstractContextManager[Any] = contextlib.nullcontext()
    if not placement.leads:
        run, state = followed(run, state, FILE)
    elif saved is None:
        folder = run_folder.numbered(out, f"{name}-sweep", lambda folder: _save(run._replace(folder=folder), sweep))
        run, lock = run._replace(folder=folder), run_folder.Lock(folder)
    else:
        extendable = experiment.extendable
        run, state, notes, lock = reopened(
            saved[0], source, program, sweep.recipe, state, extendable=extendable, file=FILE
        )
    meet(placement, run, state)
    return SweepSession(Session(run, experiment, step, state, keys, placement, notes, None, lock), sweep)


def load(folder: Path) -> tuple[Run, Sweep]:
    """Read a sweep from its folder.

    Raises:
        FileNotFoundError: if `folder` holds none.
        ValueError: if its `sweep.json` cannot be understood.
    """
    run = run_folder.load(folder, FILE)
    record = json.loads((folder / FILE).read_text(encoding="utf-8"))
    try:
        axes = tuple(Axis(name, tuple(values)) for name, values in record["over"].items())
        assert run.recipe is not None
        return run, Sweep(run.recipe, run.program, axes, record["seeds"])
    except InputError:
        raise
    except (KeyError, TypeError, AttributeError, AssertionError) as error:
        raise InputError(f"{folder / FILE} is not the configuration of a sweep: {error!r}") from error


def run_session(prepared: SweepSession, *, show: Show = "auto", ends_program: bool = False) -> GANState:
    """Run the remaining steps. Ctrl-C and SIGTERM stop the sweep after the current call, with a checkpoint; in one of
    several processes they stop them all.

    A member that diverges goes on, not finite, and is counted.

    Returns:
        The state of the population; its step is short of `program.steps` if the sweep was stopped.
    """
    session = prepared.session
    run, state = session.run, session.state
    if not session.placement.leads:
        return _follow(prepared, ends_program=ends_program)
    with (
        session.lock,
        checkpoints.manager(run.checkpoints, together=True) as manager,
        Log(
            run,
            start=int(state.step),
            size=None if int(state.step) else 0,
            show=show,
            members=prepared.sweep.members(),
        ) as log,
        Interruption(ends_program=ends_program, before_end=log.hide) as interruption,
    ):
        _begin(prepared, log)
        observer = SweepObserver(prepared, log)
        state = take_steps(session, state, session.key, Tools(manager, log, observer, interruption))
        end(run, int(state.step), log)
    return state


def _follow(prepared: SweepSession, *, ends_program: bool) -> GANState:
    """Take the same steps as the first process, which measures and saves everything."""
    session = prepared.session
    with (
        checkpoints.manager(session.run.checkpoints, together=True) as manager,
        Interruption(ends_program=ends_program) as interruption,
    ):
        observer = Follower(partial(is_due, session.run.program), None)
        return take_steps(session, session.state, session.key, Tools(manager, Silence(), observer, interruption))


def is_due(program: Program, step: int) -> bool:
    """Whether the members are measured after a step."""
    return step % program.sample_every == 0 or step == program.steps


class SweepObserver:
    """Prints and saves the numbers of all members, and measures their samples, see `jaxgan.program.observer`."""

    def __init__(self, prepared: SweepSession, log: Log) -> None:
        self.program, self.members, self.log = prepared.run.program, prepared.sweep.members(), log
        self.measures = Measures(prepared.run, prepared.session.experiment, prepared.sweep)

    def report(self, step: int, means: dict[str, Any]) -> None:
        """Save the numbers of each member, and print their mean."""
        finite = int(np.all([np.isfinite(values) for values in means.values()], axis=0).sum())
        self.log.record(step, {**self.log.speed(step), **_lists(means)}, curves=_means(means))
        losses = {name: means[name] for name in ("loss_generator", "loss_discriminator") if name in means}
        text = f"{finite} of {self.members} finite  {_shown(losses)}"
        self.log.advance(step, text, finite=finite, **_means(means))

    def tick(self, step: int, means: dict[str, Any], *, every: int) -> None:
        """Nothing: the members have no detectors."""

    def is_sound(self, state: GANState, infos: Info) -> bool:
        """Always true: a member that diverges does not affect the others."""
        return True

    def notes(self, step: int) -> Mapping[str, str]:
        """Nothing."""
        return {}

    def is_due(self, step: int) -> bool:
        """Whether the members are measured."""
        return is_due(self.program, step)

    def look(self, state: GANState, step: int, *, saved: bool) -> None:
        """Measure the members, if it is due."""
        if not self.is_due(step):
            return
        with self.log.busy("measuring the samples of every run"):
            values = self.measures.of(state)
        self.log.record(step, _lists(values), curves=_means(values))
        floor = self.measures.floor
        beside = f"; floor {_spelled(floor)}" if floor else ""
        self.log.say("measures", f"step {step}: {_shown(values)}{beside}", step=step, **_means(values), floor=floor)


def _save(run: Run, sweep: Sweep) -> None:
    over = {axis.name: axis.values for axis in sweep.axes}
    run_folder.save_config(run, FILE, {"over": over, "seeds": sweep.seeds})


def _begin(prepared: SweepSession, log: Log) -> None:
    session, sweep = prepared
    run, devices = session.run, session.placement.devices
    log.say(
        "start",
        f"{run.folder}: {sweep.members()} runs on {session.dataset.name}: {sweep.seeds} seeds of "
        f"{len(sweep.settings())} settings, over {spelled(sweep.axes)}; {session.placement}",
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
        log.note(note)


def _lists(values: Mapping[str, np.ndarray | Float[Array, "members"]]) -> dict[str, Any]:
    """A value for JSON, which has no NaN."""
    return {name: [float(v) if np.isfinite(v) else None for v in each] for name, each in values.items()}


def _means(values: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Means over the finite members, if there are any."""
    return {name: float(summarize(each).mean) for name, each in values.items() if np.isfinite(each).any()}


def _shown(values: Mapping[Any, np.ndarray]) -> str:
    summaries = {name: summarize(each) for name, each in values.items()}
    return "  ".join(f"{name.replace('_', ' ')} {s.mean:.4g} ± {s.standard_error:.2g}" for name, s in summaries.items())


def _spelled(values: Mapping[str, float]) -> str:
    return "  ".join(f"{name.replace('_', ' ')} {value:.4g}" for name, value in values.items())
