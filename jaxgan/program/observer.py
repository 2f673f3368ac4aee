"""Observers of a run in progress: the loop calls them, and they print, draw and save."""

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from jaxgan.core import GANState, Info


@runtime_checkable
class Observer(Protocol):
    """Observer of one run, or of the members of a sweep."""

    def report(self, step: int, means: dict[str, Any]) -> None:
        """Print and save the means of the numbers up to a step.

        Raises:
            FloatingPointError: if they diverge and the run is not to go on.
        """

    def tick(self, step: int, means: dict[str, Any], *, every: int) -> None:
        """Look at the means of `TICKED` numbers over the `every` steps up to this one. Ticks come in order, and all
        before a report, a checkpoint or a look at a later step."""

    def is_sound(self, state: GANState, infos: Info) -> bool:
        """Whether a state may be saved.

        Raises:
            FloatingPointError: if it is not finite and the run is not to go on.
        """

    def notes(self, step: int) -> Mapping[str, str]:
        """Texts to save with the checkpoint of a step, by file name."""

    def is_due(self, step: int) -> bool:
        """Whether the state after a step is looked at."""

    def look(self, state: GANState, step: int, *, saved: bool) -> None:
        """Draw, measure and evaluate a state, if it is due. This comes after the state was saved, because it may
        fail."""
