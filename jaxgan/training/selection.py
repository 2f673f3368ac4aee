"""Evaluations of a run while it trains: numbers, the best state, and how good that is when it is judged again."""

from collections.abc import Callable

import jax
import numpy as np

from jaxgan.core import GANState
from jaxgan.training import records
from jaxgan.training.best import Best
from jaxgan.training.log import Log
from jaxgan.training.numbers import NUMBERS
from jaxgan.training.records import Record
from jaxgan.training.run_folder import Run

AGAIN = 2
"""So many times the samples judge the best state at the end."""


class Selection:
    """Evaluates a run every `evaluate_every` steps, and keeps its best state by the first metric.

    Args:
        run: of which.
        evaluate: an `Evaluator`.
        log: what it says and the numbers go there.
    """

    def __init__(self, run: Run, evaluate: Callable[..., list[Record]], log: Log) -> None:
        self.run, self.evaluate, self.log = run, evaluate, log
        self.best = Best(run.best)

    def due(self, step: int) -> bool:
        """Whether the state after this step is to be evaluated."""
        config = self.run.config
        return step % config.evaluate_every == 0 or step == config.steps

    def look(self, state: GANState) -> None:
        """Evaluate a state, and keep it if it is better than any before."""
        config, step = self.run.config, int(state.step)
        state = jax.device_put(state, jax.local_devices()[0])
        found = self.evaluate(state, config.evaluate_metrics, n=config.evaluate_samples, seed=config.seed)
        if not found:
            self.log.say("evaluation", f"step {step}: not evaluated, its samples are not finite", step=step)
            return
        values = {record["metric"]: record["value"] for record in found}
        better = _is_better(found[0], self.best.record)
        self.log.record(step, values)
        shown = ", ".join(f"{name} {value:.4g}" for name, value in values.items())
        text = f"step {step}: {shown}{', the best so far' if better else ''}"
        self.log.say("evaluation", text, step=step, best=better, **values)
        if better:
            self.best.replace(state, found[0])

    def conclude(self, like: GANState) -> None:
        """Evaluate the best state again, with another seed and more samples: a state that was chosen for its number is
        flattered by it.

        Args:
            like: shapes of a state.
        """
        first, config = self.best.record, self.run.config
        if first is None:
            return
        n, seed = AGAIN * config.evaluate_samples, config.seed + 1
        found = self.evaluate(self.best.restore(like), config.evaluate_metrics, n=n, seed=seed)
        records.add(self.run.evaluation, found)
        name, step, value = first["metric"], first["step"], first["value"]
        again = found[0]["value"] if found else float("nan")
        text = f"the best state is that of step {step}: {name} {value:.4g} of {config.evaluate_samples:,} samples, "
        text += f"{again:.4g} of {n:,} others"
        self.log.say("best", text, step=step, metric=name, value=value, again=again)


def _is_better(record: Record, before: Record | None) -> bool:
    """A value that answers another question than the one before is."""
    if not np.isfinite(record["value"]):
        return False
    if before is None or records.question(before) != records.question(record):
        return True
    change = record["value"] - before["value"]
    return change < 0 if NUMBERS[record["metric"]].lower_is_better else change > 0
