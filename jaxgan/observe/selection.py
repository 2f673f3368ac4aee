"""Evaluations of a run during training: numbers, the best state, and a second evaluation of that state."""

import warnings
from collections.abc import Callable

import jax
import numpy as np

from jaxgan import failures
from jaxgan.core import GANState
from jaxgan.metrics.cache import NotKept
from jaxgan.observe.evaluator import weakness
from jaxgan.observe.numbers import lower_is_better
from jaxgan.runs import records
from jaxgan.runs.best import Best
from jaxgan.runs.log import Log
from jaxgan.runs.records import Record
from jaxgan.runs.run_folder import Run

AGAIN = 2
"""Factor for the number of samples that judge the best state at the end."""
LONGEST = 300
"""Largest number of characters of a message about a failure."""


class Selection:
    """Evaluates a run every `evaluate_every` steps, and keeps its best state by the first metric.

    Args:
        run: the run.
        evaluate: an `Evaluator`.
        log: what it says and the numbers go there.
    """

    def __init__(self, run: Run, evaluate: Callable[..., list[Record]], log: Log) -> None:
        self.run, self.evaluate, self.log = run, evaluate, log
        self.best = Best(run.best)
        self.noted: set[str] = set()

    def due(self, step: int) -> bool:
        """Whether the state after this step is to be evaluated."""
        program = self.run.program
        return step % program.evaluate_every == 0 or step == program.steps

    def look(self, state: GANState) -> None:
        """Evaluate a state, and keep it if it is the best so far. A failure is reported in a line, not raised."""
        step = int(state.step)
        try:
            self._look(jax.device_put(state, jax.local_devices()[0]), step)
        except Exception as error:
            self._say_failed(step, error)

    def conclude(self, like: GANState) -> None:
        """Evaluate the best state again, with another seed and more samples: a state that was chosen for its number
        looks better than it is. A failure is reported in a line, not raised.

        Args:
            like: shapes of a state.
        """
        if self.best.record is None:
            return
        try:
            self._conclude(like, self.best.record)
        except Exception as error:
            self._say_failed(self.best.record["step"], error)

    def _look(self, state: GANState, step: int) -> None:
        program = self.run.program
        found = self._evaluate(state, n=program.evaluate_samples, seed=program.seed)
        if not found:
            self.log.say("evaluation", f"step {step}: not evaluated, its samples are not finite", step=step)
            return
        values = {record["metric"]: record["value"] for record in found}
        first = program.evaluate_metrics[0]
        better = _is_better(found[0], self.best.record, lower_is_better=lower_is_better(first))
        self.log.record(step, values)
        shown = ", ".join(map(_shown, found))
        text = f"step {step}: {shown}{', the best so far' if better else ''}"
        self.log.say("evaluation", text, step=step, best=better, **values)
        if better:
            self.best.replace(state, found[0])

    def _conclude(self, like: GANState, first: Record) -> None:
        program = self.run.program
        n, seed = AGAIN * program.evaluate_samples, program.seed + 1
        found = self._evaluate(self.best.restore(like), n=n, seed=seed)
        name, step, value = first["metric"], first["step"], first["value"]
        again = found[0]["value"] if found else float("nan")
        text = f"the best state is that of step {step}: {name} {value:.4g} of {program.evaluate_samples:,} samples, "
        text += f"{again:.4g} of {n:,} others"
        self.log.say("best", text, step=step, metric=name, value=value, again=again)
        records.add(self.run.evaluation, found)

    def _evaluate(self, state: GANState, *, n: int, seed: int) -> list[Record]:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", NotKept)
            found = self.evaluate(state, self.run.program.evaluate_metrics, n=n, seed=seed)
        weak = weakness(found)
        for note in dict.fromkeys([*(str(warning.message) for warning in caught), *([weak] if weak else [])]):
            if note not in self.noted:
                self.log.say("note", note, note=note)
                self.noted.add(note)
        return found

    def _say_failed(self, step: int, error: Exception) -> None:
        reason = failures.sentence(error) or f"{type(error).__name__}: {error}"
        line = " ".join(reason.split())[:LONGEST]
        self.log.say("evaluation", f"step {step}: the evaluation failed: {line}", step=step, failed=line)


def _is_better(record: Record, before: Record | None, *, lower_is_better: bool) -> bool:
    """Whether a value is better. A value with another question than the last one is better; for measures of points, the
    value nearer to perfect is better."""
    if not np.isfinite(record["value"]):
        return False
    if before is None or records.question(before) != records.question(record):
        return True
    if "perfect" in record:
        return abs(record["value"] - record["perfect"]) < abs(before["value"] - record["perfect"])
    change = record["value"] - before["value"]
    return change < 0 if lower_is_better else change > 0


def _shown(record: Record) -> str:
    if "perfect" not in record:
        return f"{record['metric']} {record['value']:.4g}"
    return f"{record['metric']} {record['value']:.4g} (perfect {record['perfect']:.4g}, floor {record['floor']:.4g})"
