"""Checks that the numbers of a run are finite, and what happens if they are not."""

import math
from collections.abc import Callable, Mapping

import jax

from jaxgan.core import GANState, Info
from jaxgan.diagnostics.divergence import ADVICE
from jaxgan.runs import checkpoints
from jaxgan.runs.run_folder import Run


class Soundness:
    """Checks of one run, with the advice of its recipe."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.advice: Callable[[str], tuple[str, ...]] | None = getattr(run.recipe, "advice", None)

    def advised(self, finding: str) -> tuple[str, ...] | None:
        """Advice of the recipe; None if it has none."""
        return None if self.advice is None else self.advice(finding)

    def check(self, step: int, info: Mapping[str, float]) -> None:
        """Raise `FloatingPointError` if a number is not finite and the run should stop."""
        bad = [name for name, value in info.items() if not math.isfinite(value)]
        if bad and self.run.program.on_divergence != "continue":
            raise FloatingPointError(f"step {step}: {', '.join(bad)} not finite. {self._after_divergence()}")

    def problem(self, state: GANState, infos: Info) -> str | None:
        """Reason why a state must not be saved, in words or "", or None.

        Raises:
            FloatingPointError: if the state or the numbers of its step are not finite and the run is not to go on.
        """
        step = int(state.step)
        info = {name: float(values[-1]) for name, values in jax.device_get(infos).items()}
        self.check(step, info)
        if checkpoints.is_finite(state):
            return None if all(map(math.isfinite, info.values())) else ""
        text = f"step {step}: the state is not finite; it is not saved"
        if self.run.program.on_divergence != "continue":
            raise FloatingPointError(f"{text}. {self._after_divergence()}")
        return text

    def _after_divergence(self) -> str:
        advice = " or ".join(self.advised("divergence") or ADVICE)
        saved = any(each.name.isdecimal() for each in self.run.checkpoints.glob("*"))
        kept = (
            f"The checkpoints in {self.run.checkpoints} are from earlier steps"
            if saved
            else "No checkpoint was saved yet"
        )
        return f"{kept}. Try {advice}"
