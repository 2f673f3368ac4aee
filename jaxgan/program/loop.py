"""The loop: steps, numbers and checkpoints, until the run is done, stopped or diverges. Sweeps use the same loop."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax
import orbax.checkpoint as ocp
from jaxtyping import Array, Key

from jaxgan.core import DUE, Algorithm, GANState, Info
from jaxgan.diagnostics.watch import TICK, TICKED
from jaxgan.program.inputs import inputs
from jaxgan.program.interruption import Interruption
from jaxgan.program.observer import Observer
from jaxgan.program.placement import Agreement
from jaxgan.program.preparation import Session
from jaxgan.runs import checkpoints, means
from jaxgan.runs.log import Log
from jaxgan.runs.means import Sums
from jaxgan.runs.run_folder import Run

MOST_UNTOLD = 64
"""Largest number of ticks that wait for the next report."""


class Progress(NamedTuple):
    """Argument of a callback, every `log_every` steps."""

    step: int
    info: dict[str, float]
    """Mean of each number over the steps since the last report. A number that only some steps compute is averaged over
    these steps, and is missing if there was none. `metrics.jsonl`, TensorBoard and the detectors get the same means."""
    state: GANState
    """State after that step. It is valid only during the callback: the next step reuses its memory."""
    algorithm: Algorithm
    run: Run


Callback = Callable[[Progress], bool | None]
"""Called between steps; True stops the run, with a checkpoint."""


class Silence:
    """Replaces the log in all processes but the first."""

    def compiling(self) -> None:
        """See `Log`, also for the other functions."""

    def dispatched(self, step: int, infos: Info) -> None:
        """Nothing."""

    def compiled(self, first: int, step: int) -> None:
        """Nothing."""

    def flush(self) -> None:
        """Nothing."""


class Tools(NamedTuple):
    """Log, checkpoints and other tools that a run writes with."""

    manager: ocp.CheckpointManager
    log: Log | Silence
    observer: Observer
    interruption: Interruption


def take_steps(
    session: Session, state: GANState, key: Key[Array, "..."], tools: Tools, callbacks: Sequence[Callback] = ()
) -> GANState:
    """Take steps until all are done or the run is asked to stop.

    Raises:
        FloatingPointError: if it diverges and is not to go on.
    """
    program, placement, (manager, log, observer, interruption) = session.run.program, session.placement, tools
    done = first = int(state.step)
    batches = inputs(program, session.dataset, done, placement)
    state, key = placement.begin(state, key)
    if placement.processes > 1:
        placement.meet()
    agreed = Agreement(placement)
    stop = interruption.asked and placement.processes == 1
    unread: tuple[int, Sums] | None = None
    sums = means.parsed(checkpoints.note(manager, done, means.FILE))
    log.compiling()
    ticks = Ticks(observer, program.steps_per_call, means.parsed(checkpoints.note(manager, done, means.TICK)))
    while done < program.steps and not stop:
        batch = next(batches)
        with jax.transfer_guard("disallow"):
            state, infos = session.step(state, batch, key)
        done += program.steps_per_call
        sums = means.added(sums, infos)
        log.dispatched(done, infos)
        ticks.add(done, infos)
        if done == first + program.steps_per_call:
            jax.block_until_ready(state)
            log.compiled(first, done)
        if unread is not None:  # while the device is busy with the next step
            ticks.tell(unread[0])
            observer.report(unread[0], means.means(unread[1]))
            unread = None
        stop = agreed(interruption.asked)
        logs, saves = (
            done % every == 0 or done == program.steps for every in (program.log_every, program.checkpoint_every)
        )
        if logs and (callbacks or saves or observer.is_due(done) or stop):
            info = means.means(sums)
            ticks.tell(done)
            observer.report(done, info)
            sums = {}
            at_hand = placement.at_hand(state) if callbacks else state
            progress = Progress(done, info, at_hand, session.experiment.algorithm, session.run)
            for callback in callbacks:
                if callback(progress):
                    interruption.asked = True
            stop |= interruption.asked and placement.processes == 1
        elif logs:
            jax.tree.map(lambda x: x.copy_to_host_async(), sums)
            unread, sums = (done, sums), {}
        saved = (saves or stop) and observer.is_sound(state, infos)
        if saved:
            ticks.tell(done)
            log.flush()  # what a checkpoint has seen is on disk before it
            notes = {**observer.notes(done), means.FILE: means.text(sums), means.TICK: means.text(ticks.sums)}
            checkpoints.save(manager, state, every=program.checkpoint_every, notes=notes)
        if observer.is_due(done):
            ticks.tell(done)
        observer.look(placement.at_hand(state) if observer.is_due(done) else state, done, saved=saved)
        if observer.is_due(done):
            placement.meet()
    ticks.tell(done)
    if unread is not None:
        observer.report(unread[0], means.means(unread[1]))
    return placement.at_hand(state)


class Ticks:
    """Sums a few numbers over a few steps, at whatever interval a run reports, and passes the means to an observer.

    Args:
        observer: whom to tell.
        steps_per_call: steps between two calls of `add`.
        sums: sums of the tick that had begun when the run was stopped.
    """

    def __init__(self, observer: Observer, steps_per_call: int, sums: Sums) -> None:
        self.observer, self.sums = observer, sums
        self.every = -(-TICK // steps_per_call) * steps_per_call
        self.untold: list[tuple[int, Sums]] = []

    def add(self, step: int, infos: Info) -> None:
        """Add the numbers of the steps up to this one. It waits for the device only now and then."""
        names = [name + end for name in TICKED for end in ("", DUE)]
        self.sums = means.added(self.sums, {name: infos[name] for name in names if name in infos})
        if step % self.every == 0:
            jax.tree.map(lambda x: x.copy_to_host_async(), self.sums)
            self.untold.append((step, self.sums))
            self.sums = {}
        if len(self.untold) > MOST_UNTOLD:
            self.tell(self.untold[-2][0])

    def tell(self, upto: int) -> None:
        """Pass on the ticks up to a step."""
        while self.untold and self.untold[0][0] <= upto:
            step, sums = self.untold.pop(0)
            self.observer.tick(step, means.means(sums), every=self.every)
