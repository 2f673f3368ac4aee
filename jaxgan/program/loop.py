"""The loop: steps, numbers, pictures and checkpoints, until the run is done, stopped or diverges."""

import contextlib
import math
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax
import orbax.checkpoint as ocp
from jaxtyping import Array, Key

from jaxgan import failures
from jaxgan.core import Algorithm, GANState, Info, stream
from jaxgan.data.description import sentence
from jaxgan.devices import everywhere, mesh_of
from jaxgan.observe.gallery import Gallery
from jaxgan.observe.selection import Selection
from jaxgan.observe.watching import FILE as WATCH
from jaxgan.observe.watching import Remembered, Watching, remembered
from jaxgan.program.inputs import inputs
from jaxgan.program.interruption import Interruption
from jaxgan.program.preparation import Session
from jaxgan.recipes.build import is_resident, rows_placed
from jaxgan.runs import checkpoints, means, run_folder
from jaxgan.runs.log import Log, Show
from jaxgan.runs.means import Sums
from jaxgan.runs.run_folder import Run

MOST_ROLLBACKS = 3
ADVICE = "Try a lower learning rate, or a gradient penalty (--r1 1)."


class Progress(NamedTuple):
    """What a callback is given, every `log_every` steps."""

    step: int
    info: dict[str, float]
    """The mean of each number over the steps since the last report. A term that is not taken in every step counts in
    those in which it is, and is missing if there was none. `metrics.jsonl`, TensorBoard and the detectors get the
    same."""
    state: GANState
    """After that step. Valid during the callback alone: the next step takes its memory."""
    algorithm: Algorithm
    run: Run


Callback = Callable[[Progress], bool | None]
"""Called between steps; True stops the run, with a checkpoint."""


class _Tools(NamedTuple):
    """What a run writes with."""

    manager: ocp.CheckpointManager
    log: Log
    gallery: Gallery
    watching: Watching
    selection: Selection | None


def run_session(
    session: Session, *, callbacks: Sequence[Callback] = (), show: Show = "auto", ends_program: bool = False
) -> GANState:
    """Run the steps that are left, and write everything to the run's folder.

    Ctrl-C, SIGTERM or a callback stops the run after the step it is in, with a checkpoint. A picture or an evaluation
    that fails is reported, and the run goes on. The run also goes on if nobody reads its standard output any more.

    Args:
        session: from `prepare`.
        callbacks: called every `log_every` steps.
        show: what to print.
        ends_program: see `Interruption`.

    Returns:
        The final state; its step is short of `config.steps` if the run was stopped.

    Raises:
        FloatingPointError: if the run diverges, see `Config.on_divergence`; the checkpoints before stay.
    """
    run, state = session.run, session.state
    first = int(state.step)
    run.samples.mkdir(exist_ok=True)
    with contextlib.ExitStack() as stack:
        stack.enter_context(session.lock)
        manager = stack.enter_context(checkpoints.manager(run.checkpoints))
        known = Remembered(looked=False, size=0) if first == 0 else remembered(run, manager, first)
        log = stack.enter_context(Log(run, start=first, size=None if known.looked else known.size, show=show))
        interruption = stack.enter_context(Interruption(ends_program=ends_program))
        _begin(session, log)
        gallery = Gallery(run, session.dataset, session.algorithm)
        log.tensorboard.picture("real", 0, run.samples / "real.png")
        selection = None if session.evaluator is None else Selection(run, session.evaluator, log)
        tools = _Tools(manager, log, gallery, Watching(run, log, known.watch), selection)
        if first == 0:
            _draw(state, tools)
        elif not known.looked:
            _look(state, first, run, tools)
            tools.watching.save_looked(first)
        began = time.perf_counter()
        shapes = jax.eval_shape(lambda: state)
        while True:
            try:
                state = _steps(session, state, tools, callbacks, interruption)
                break
            except FloatingPointError as error:
                if run.config.on_divergence != "rollback":
                    raise
                state = _roll_back(run, shapes, tools, error)
                watch = remembered(run, manager, int(state.step)).watch
                tools = tools._replace(watching=Watching(run, log, watch))
        if selection is not None and int(state.step) == run.config.steps:
            selection.conclude(shapes)
        done, seconds = int(state.step), time.perf_counter() - began
        event = "stopped" if done < run.config.steps else "finished"
        text = f"{event} at step {done} after {seconds:.0f} s; all of it is in {run.folder}"
        log.say(event, text, step=done, seconds=round(seconds, 1), run=str(run.folder))
    return state


def _steps(
    session: Session, state: GANState, tools: _Tools, callbacks: Sequence[Callback], interruption: Interruption
) -> GANState:
    """Take steps until all are taken or the run is asked to stop.

    Raises:
        FloatingPointError: if it diverges.
    """
    run, config, log = session.run, session.run.config, tools.log
    done = first = int(state.step)
    key = _key(run)
    whole = None if config.wrapper == "jit" else everywhere(mesh_of(jax.local_devices()))
    batches = inputs(config, session.dataset, done, whole=whole, rows=rows_placed(config))
    unread: tuple[int, Sums] | None = None
    sums = means.parsed(checkpoints.note(tools.manager, done, means.FILE))
    while done < config.steps and not interruption.asked:
        batch = next(batches)
        with jax.transfer_guard("disallow"):
            state, infos = session.step(state, batch, key)
        done += config.steps_per_call
        sums = means.added(sums, infos)
        if done == first + config.steps_per_call:
            jax.block_until_ready(state)
            log.compiled(done)
        if unread is not None:  # while the device is busy with the next step
            _report(*unread, run, tools)
            unread = None
        logs, draws, saves = (
            done % every == 0 or done == config.steps
            for every in (config.log_every, config.sample_every, config.checkpoint_every)
        )
        selection = tools.selection if tools.selection is not None and tools.selection.due(done) else None
        if logs and (callbacks or draws or saves or selection or interruption.asked):
            progress = Progress(done, _report(done, sums, run, tools), state, session.algorithm, run)
            sums = {}
            for callback in callbacks:
                interruption.asked |= bool(callback(progress))
        elif logs:
            jax.tree.map(lambda x: x.copy_to_host_async(), sums)
            unread, sums = (done, sums), {}
        saved = (saves or interruption.asked) and _save(state, infos, sums, run, tools)
        _look(state, done, run, tools)
        if saved:
            tools.watching.save_looked(done)
    if unread is not None:
        _report(*unread, run, tools)
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
    log.say("data", sentence(run.source), **run.source)
    for note in session.notes:
        log.say("note", note, note=note)
    if log.unreadable:
        note = f"lines of {run.metrics} could not be read and were left out: {log.unreadable}"
        log.say("note", note, note=note)


def _key(run: Run) -> Key[Array, ""]:
    """The random key of the run; a new one after each time it was rolled back."""
    key, times = jax.random.key(run.config.seed), run_folder.rollbacks(run).times
    return jax.device_put(stream(key, f"rollback {times}") if times else key)


def _roll_back(run: Run, shapes: GANState, tools: _Tools, error: FloatingPointError) -> GANState:
    """The state of the newest checkpoint, from which the run goes on with other random numbers.

    If the run went back to that one before, or its state is not finite, it is set aside for the one before it.

    Raises:
        FloatingPointError: `error`, if there is no checkpoint or this has happened too often.
    """
    before = run_folder.rollbacks(run)
    times, manager = before.times + 1, tools.manager
    steps = sorted(manager.all_steps())
    if times > MOST_ROLLBACKS or not steps:
        raise error
    if len(steps) > 1 and steps[-1] == before.step:
        checkpoints.set_aside(manager, steps.pop())
    state = checkpoints.restore(manager, shapes).state
    while not checkpoints.is_finite(state):
        checkpoints.set_aside(manager, int(state.step))
        if not manager.all_steps():
            raise error
        state = checkpoints.restore(manager, shapes).state
    step = int(state.step)
    run_folder.save_rollbacks(run, times, step)
    text = f"{error}\nrolled back to step {step}, with other random numbers ({times} of {MOST_ROLLBACKS} times)"
    tools.log.go_back(step)
    tools.log.say("rollback", text, step=step, times=times)
    return state


def _draw(state: GANState, tools: _Tools) -> None:
    gallery, log = tools.gallery, tools.log
    step = int(state.step)
    try:
        path, samples, coverage = gallery.draw(state)
    except Exception as error:
        note = f"step {step}: no picture: {failures.sentence(error) or repr(error)}"
        log.say("note", note, note=note)
        return
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
    tools.watching.look(step, {} if coverage is None else coverage._asdict(), samples, gallery.real)


def _report(step: int, sums: Sums, run: Run, tools: _Tools) -> dict[str, float]:
    """Say and keep the means of the numbers up to a step, and what the detectors find in them.

    Raises:
        FloatingPointError: if they diverge and the run is not to go on.
    """
    info = means.means(sums)
    _check_finite(step, info, run)
    tools.log.numbers(step, info)
    for finding in tools.watching.look(step, info):
        if finding.name == "divergence" and run.config.on_divergence == "rollback":
            raise FloatingPointError(f"step {step}: {finding.sentence}")
    return info


def _look(state: GANState, step: int, run: Run, tools: _Tools) -> None:
    """Draw and evaluate a state, if it is time to: after it was saved, for both may fail or be killed. A run that was
    killed between the two looks when it is resumed."""
    selection = tools.selection
    if step % run.config.sample_every == 0 or step == run.config.steps:
        _draw(state, tools)
    if selection is not None and selection.due(step):
        selection.look(state)


def _save(state: GANState, infos: Info, sums: Sums, run: Run, tools: _Tools) -> bool:
    """Save a state unless it, or a number of its step, is not finite; returns whether it was saved.

    Raises:
        FloatingPointError: if it is not, and the run is not to go on.
    """
    step, info = int(state.step), _last(infos)
    _check_finite(step, info, run)
    if not checkpoints.is_finite(state):
        what = f"step {step}: the state is not finite; no checkpoint is made of it"
        if run.config.on_divergence != "continue":
            raise FloatingPointError(f"{what}. The checkpoints in {run.checkpoints} are from before. {ADVICE}")
        tools.log.say("note", what, note=what)
        return False
    if not all(map(math.isfinite, info.values())):
        return False
    tools.log.flush()  # what a checkpoint has seen is on disk before it
    notes = {WATCH: tools.watching.text(step, looked=False), means.FILE: means.text(sums)}
    checkpoints.save(tools.manager, state, every=run.config.checkpoint_every, notes=notes)
    return True


def _last(infos: Info) -> dict[str, float]:
    return {name: float(values[-1]) for name, values in jax.device_get(infos).items()}


def _check_finite(step: int, info: dict[str, float], run: Run) -> None:
    bad = [name for name, value in info.items() if not math.isfinite(value)]
    if bad and run.config.on_divergence != "continue":
        raise FloatingPointError(
            f"step {step}: {', '.join(bad)} not finite. The checkpoints in {run.checkpoints} are from before. {ADVICE}"
        )
