"""One run, from its first step to its last: `jaxgan train`."""

import contextlib
from collections.abc import Sequence
from functools import partial

import jax
import orbax.checkpoint as ocp
from jaxtyping import Array, Key

from jaxgan.core import GANState, stream
from jaxgan.data.description import sentence
from jaxgan.observe.following import Follower
from jaxgan.observe.run_observer import RunObserver, due
from jaxgan.observe.soundness import Soundness
from jaxgan.observe.unseen import Unseen
from jaxgan.program.inputs import is_resident
from jaxgan.program.interruption import Interruption
from jaxgan.program.loop import Callback, Silence, Tools, take_steps
from jaxgan.program.preparation import Session
from jaxgan.runs import checkpoints, run_folder
from jaxgan.runs.log import Log, Show
from jaxgan.runs.run_folder import Run
from jaxgan.runs.watch_note import Remembered, remembered

MOST_ROLLBACKS = 3


def run_session(
    session: Session, *, callbacks: Sequence[Callback] = (), show: Show = "auto", ends_program: bool = False
) -> GANState:
    """Run the remaining steps, and write everything to the run's folder.

    Ctrl-C, SIGTERM or a callback stops the run after the step it is in, with a checkpoint; in one of several processes
    it stops them all, a step later. A picture or an evaluation that fails is reported, and the run goes on. It also
    goes on if nobody reads its standard output any more.

    Args:
        session: from `prepare`.
        callbacks: called every `log_every` steps.
        show: what to print.
        ends_program: see `Interruption`.

    Returns:
        The final state; its step is short of `program.steps` if the run was stopped.

    Raises:
        FloatingPointError: if the run diverges, see `Program.on_divergence`; the checkpoints before stay.
    """
    if not session.placement.leads:
        return follow(session, callbacks, ends_program=ends_program)
    run, state = session.run, session.state
    first = int(state.step)
    run.samples.mkdir(exist_ok=True)
    with contextlib.ExitStack() as stack:
        stack.enter_context(session.lock)
        manager = stack.enter_context(checkpoints.manager(run.checkpoints, together=True))
        known = Remembered(looked=False, size=0) if first == 0 else remembered(run, manager, first)
        log = stack.enter_context(Log(run, start=first, size=None if known.looked else known.size, show=show))
        interruption = stack.enter_context(Interruption(ends_program=ends_program, before_end=log.hide))
        begin(session, log)
        observer = RunObserver(run, session.experiment, session.evaluator, log, known.watch, unseen(session))
        tools = Tools(manager, log, observer, interruption)
        at_hand = session.placement.at_hand(state)
        if not known.looked:
            observer.look(at_hand, first, saved=first > 0, at_start=first == 0)
        shapes = jax.eval_shape(lambda: at_hand)
        while True:
            try:
                state = take_steps(session, state, _key(run), tools, callbacks)
                break
            except FloatingPointError as error:
                if run.program.on_divergence != "rollback":
                    raise
                state = _roll_back(run, shapes, manager, log, error)
                observer.remember(remembered(run, manager, int(state.step)).watch)
        if int(state.step) == run.program.steps:
            observer.conclude(shapes)
        end(run, int(state.step), log)
    return state


def follow(session: Session, callbacks: Sequence[Callback], *, ends_program: bool) -> GANState:
    """Take the same steps as the first process, which prints, draws and saves everything."""
    run = session.run
    with (
        checkpoints.manager(run.checkpoints, together=True) as manager,
        Interruption(ends_program=ends_program) as interruption,
    ):
        session.placement.at_hand(session.state)  # the first process looks at it
        follower = Follower(partial(due, run.program), Soundness(run))
        return take_steps(
            session, session.state, _key(run), Tools(manager, Silence(), follower, interruption), callbacks
        )


def unseen(session: Session) -> Unseen | None:
    """Observer of the held-out rows, if there are any and the game is known."""
    held_out, game = session.held_out, session.experiment.algorithm.game
    if held_out is None or game is None:
        return None
    return Unseen(game, held_out.training, held_out.rows, session.run.program, session.experiment.parts)


def begin(session: Session, log: Log) -> None:
    """Print what runs on which devices."""
    run, dataset = session.run, session.dataset
    rows = "endless" if run.rows is None else f"{run.rows:,}"
    where = "on the device" if is_resident(run.program, dataset) else "streamed"
    placement, step = session.placement, int(session.state.step)
    continued = f"; goes on from step {step:,}" if step > 0 else ""
    log.say(
        "start",
        f"{run.folder}: {dataset.name}, {rows} x {run.of.shape}, {where}; {placement}{continued}",
        run=str(run.folder),
        data=dataset.name,
        rows=run.rows,
        shape=run.of.shape,
        devices=len(placement.devices),
        device=placement.devices[0].device_kind,
        step=step,
    )
    log.say("data", sentence(run.source), **run.source)
    for note in session.notes:
        log.note(note)
    if session.held_out is not None:
        log.note(f"{len(session.held_out.rows):,} rows are held out, {len(session.held_out.training):,} trained on")
    if log.unreadable:
        log.note(f"lines of {run.metrics} could not be read and were left out: {log.unreadable}")


def end(run: Run, done: int, log: Log) -> None:
    """Print how the run ended."""
    seconds = log.seconds
    event = "stopped" if done < run.program.steps else "finished"
    text = f"{event} at step {done} after {seconds:.0f} s; all of it is in {run.folder}"
    log.say(event, text, step=done, seconds=round(seconds, 1), run=str(run.folder))


def _key(run: Run) -> Key[Array, ""]:
    """Random key of the run, which is new after each rollback."""
    key, times = jax.random.key(run.program.seed), run_folder.rollbacks(run).times
    return jax.device_put(stream(key, f"rollback {times}") if times else key)


def _roll_back(
    run: Run, shapes: GANState, manager: ocp.CheckpointManager, log: Log, error: FloatingPointError
) -> GANState:
    """State of the newest checkpoint, from which the run continues with other random numbers.

    If the run went back to that one before, or its state is not finite, it is set aside for the one before it.

    Raises:
        FloatingPointError: `error`, if there is no checkpoint or this has happened too often.
    """
    before = run_folder.rollbacks(run)
    times = before.times + 1
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
    log.go_back(step)
    log.say("rollback", text, step=step, times=times)
    return state
