"""Observer of a run in all processes but the first."""

from collections.abc import Callable, Mapping
from typing import Any

from jaxgan.core import GANState, Info
from jaxgan.observe.soundness import Soundness


class Follower:
    """Replaces the observer of the first process. It raises the same errors if a run diverges; it prints, draws and
    saves nothing.

    Args:
        is_due: whether the first process looks at the state after a step.
        soundness: check of the numbers; None for a sweep, whose members may diverge.
    """

    def __init__(self, is_due: Callable[[int], bool], soundness: Soundness | None) -> None:
        self.is_due, self.soundness = is_due, soundness

    def report(self, step: int, means: dict[str, Any]) -> None:
        """Check the numbers."""
        if self.soundness is not None:
            self.soundness.check(step, means)

    def tick(self, step: int, means: dict[str, Any], *, every: int) -> None:
        """Nothing."""

    def is_sound(self, state: GANState, infos: Info) -> bool:
        """Whether the state, and the numbers of its step, are finite."""
        return self.soundness is None or self.soundness.problem(state, infos) is None

    def notes(self, step: int) -> Mapping[str, str]:
        """Nothing."""
        return {}

    def look(self, state: GANState, step: int, *, saved: bool) -> None:
        """Nothing."""
