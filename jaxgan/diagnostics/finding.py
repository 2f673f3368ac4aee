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
    """What is seen, with the number; where it fired, what to try as well."""
