"""The result of a detector of failed training."""

from typing import NamedTuple


class Finding(NamedTuple):
    """The answer of one detector."""

    name: str
    """Name of the detector."""
    fired: bool
    value: float
    """Number that the detector judges."""
    sentence: str
    """A description of what the detector sees, with the number; if it fired, also what that means."""
    advice: tuple[str, ...] = ()
    """What to try if the detector fired, the most promising first. A recipe may give better advice, see
    `jaxgan.recipes.recipe`."""

    def text(self, advice: tuple[str, ...] | None = None) -> str:
        """The sentence and the advice: its own, or other advice instead."""
        given = self.advice if advice is None else advice
        return f"{self.sentence}: try {', or '.join(given)}" if given else self.sentence
