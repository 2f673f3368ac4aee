"""Observer of a run in progress: numbers, detectors, pictures, evaluations."""

from collections.abc import Mapping
from typing import Any

from jaxgan import failures
from jaxgan.core import GANState, Info
from jaxgan.diagnostics import Finding, Watch
from jaxgan.experiment import Experiment
from jaxgan.metrics.points import Measured
from jaxgan.observe.evaluator import Evaluator
from jaxgan.observe.gallery import Gallery
from jaxgan.observe.row_observer import told, values
from jaxgan.observe.selection import Selection
from jaxgan.observe.soundness import Soundness
from jaxgan.observe.unseen import Unseen
from jaxgan.program.program import Program
from jaxgan.runs import watch_note
from jaxgan.runs.log import Log
from jaxgan.runs.run_folder import Run


class RunObserver:
    """Prints, draws and saves the progress of a run, see `jaxgan.program.observer`.

    Args:
        run: which.
        experiment: what it trains.
        evaluator: evaluator of a run that is evaluated while it trains.
        log: what is said and the numbers go there.
        watch: what the detectors remember.
        unseen: what looks at rows that are held out, if there are any.
    """

    def __init__(
        self,
        run: Run,
        experiment: Experiment,
        evaluator: Evaluator | None,
        log: Log,
        watch: Watch,
        unseen: Unseen | None = None,
    ) -> None:
        self.run, self.log, self.watch, self.unseen = run, log, watch, unseen
        self.soundness = Soundness(run)
        self.gallery = Gallery(run, experiment)
        self.selection = None if evaluator is None else Selection(run, evaluator, log)
        try:
            log.tensorboard.picture("real", 0, self.gallery.draw_data())
        except Exception as error:
            log.note(f"no picture of the data: {failures.sentence(error) or repr(error)}")

    def remember(self, watch: Watch) -> None:
        """Continue with the earlier memory of the detectors."""
        self.watch = watch

    def report(self, step: int, means: dict[str, Any]) -> None:
        """Print and save numbers, and the detectors' findings about them."""
        self.soundness.check(step, means)
        self.log.numbers(step, means)
        self.watch, findings = self.watch.update(step, means)
        self._say(step, findings)

    def tick(self, step: int, means: dict[str, Any], *, every: int) -> None:
        """Show the detectors means over a few steps."""
        self.watch, findings = self.watch.tick(step, means, every=every)
        self._say(step, findings)

    def is_sound(self, state: GANState, infos: Info) -> bool:
        """Whether the state, and the numbers of its step, are finite."""
        problem = self.soundness.problem(state, infos)
        if problem:
            self.log.note(problem)
        return problem is None

    def notes(self, step: int) -> Mapping[str, str]:
        """Memory of the detectors."""
        return {watch_note.FILE: watch_note.text(self.run, step, self.watch, looked=False)}

    def is_due(self, step: int) -> bool:
        """Whether the state after a step is drawn or evaluated."""
        return due(self.run.program, step)

    def look(self, state: GANState, step: int, *, saved: bool, at_start: bool = False) -> None:
        """Draw and evaluate a state, if it is due. A run that was killed before this looks when it is resumed."""
        if self.unseen is not None and step > 0 and self.unseen.due(step):
            self._look_at_unseen(self.unseen, state, step)
        if at_start or drawn(self.run.program, step):
            self._draw(state, step)
        if not at_start and self.selection is not None and self.selection.due(step):
            with self.log.busy("evaluating"):
                self.selection.look(state)
        if saved:
            watch_note.save_looked(self.run, step, self.watch)

    def conclude(self, like: GANState) -> None:
        """Judge the best state again."""
        if self.selection is not None:
            with self.log.busy("evaluating the best state again"):
                self.selection.conclude(like)

    def _look_at_unseen(self, unseen: Unseen, state: GANState, step: int) -> None:
        logits = unseen.look(state)
        if logits:
            self.watch, findings = self.watch.held_out(logits)
            self._say(step, findings)

    def _draw(self, state: GANState, step: int) -> None:
        gallery, log = self.gallery, self.log
        try:
            with log.busy("drawing samples"):
                path, samples, measures = gallery.draw(state)
            log.picture(step, path)
        except Exception as error:
            log.note(f"step {step}: no picture: {failures.sentence(error) or repr(error)}")
            return
        found = values(measures)
        if measures:
            log.record(step, found)
            log.say("measures", f"step {step}: {told(measures)}", step=step, **found, **_beside(measures))
        info = {"reverse_kl": found["reverse_kl"]} if "reverse_kl" in found else {}
        if "modes" in measures and 4 * step >= 3 * self.run.program.steps:
            info |= {"modes": found["modes"], "mode_count": measures["modes"].perfect}
            info |= {"high_quality": found["high_quality"]}
        self.watch, findings = self.watch.update(step, info, samples, gallery.real, gallery.labels)
        self._say(step, findings)

    def _say(self, step: int, findings: list[Finding]) -> None:
        """Print and save the detectors' findings."""
        for finding in findings:
            name, sentence = finding.name, finding.text(self.soundness.advised(finding.name))
            self.log.record(step, {"finding": name, "sentence": sentence}, curves={})
            text = f"step {step}: {name}: {sentence}"
            self.log.say("finding", text, step=step, name=name, value=finding.value, sentence=sentence)
        for finding in findings:
            if finding.name == "divergence" and self.run.program.on_divergence == "rollback":
                raise FloatingPointError(f"step {step}: {finding.sentence}")


def drawn(program: Program, step: int) -> bool:
    """Whether the state after a step is drawn."""
    return step % program.sample_every == 0 or step == program.steps


def due(program: Program, step: int) -> bool:
    """Whether the state after a step is drawn or evaluated."""
    return drawn(program, step) or (program.evaluate_every > 0 and step % program.evaluate_every == 0)


def _beside(measures: Mapping[str, Measured]) -> dict[str, dict[str, float]]:
    """Values to compare with, for programs that read the log."""
    return {
        "perfect": {name: measured.perfect for name, measured in measures.items()},
        "floor": {name: measured.floor for name, measured in measures.items()},
    }
