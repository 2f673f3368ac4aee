"""Observer of a run in all processes but the first."""

from collections.abc import Mapping
from typing import Any

from jaxgan.core import GANState, Info
from jaxgan.observe.run_observer import due
from jaxgan.observe.soundness import Soundness
from jaxgan.runs.run_folder import Run


class Follower:
    """Replaces a `RunObserver`. It raises the same errors if the run diverges; it prints, draws and saves nothing."""

    def __init__(self, run: Run) -> None:
        self.run, self.soundness = run, Soundness(run)

    def report(self, step: int, means: dict[str, Any]) -> None:
        """Check the numbers."""
        self.soundness.check(step, means)

    def tick(self, step: int, means: dict[str, Any], *, every: int) -> None:
        """Nothing."""

    def is_sound(self, state: GANState, infos: Info) -> bool:
        """Whether the state, and the numbers of its step, are finite."""
        return self.soundness.problem(state, infos) is None

    def notes(self, step: int) -> Mapping[str, str]:
        """Nothing."""
        return {}

    def is_due(self, step: int) -> bool:
        """Whether the first process looks at the state after a step."""
        return due(self.run.program, step)

    def look(self, state: GANState, step: int, *, saved: bool) -> None:
        """Nothing."""
