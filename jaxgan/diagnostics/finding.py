"""What a detector of failed training says."""

from typing import NamedTuple


class Finding(NamedTuple):
    """One detector's answer."""

    name: str
    """The detector's."""
    fired: bool
    value: float
    """The number that it judges."""
    sentence: str
    """What is seen, with the number; where it fired, what that means as well."""
    advice: tuple[str, ...] = ()
    """Where it fired, what to try, the most promising first. A recipe may know better, see `jaxgan.recipes.recipe`."""

    def text(self, advice: tuple[str, ...] | None = None) -> str:
        """The sentence and what to try: its own advice, or other advice in its place."""
        given = self.advice if advice is None else advice
        return f"{self.sentence}: try {', or '.join(given)}" if given else self.sentence
