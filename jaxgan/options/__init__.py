"""Dataclasses of options: their checks, their choices, their names."""

from jaxgan.options.conform import Range, conform
from jaxgan.options.tree import changed, choices, chosen, every_name, from_tree, leaves, to_tree

__all__ = [
    "Range",
    "changed",
    "choices",
    "chosen",
    "conform",
    "every_name",
    "from_tree",
    "leaves",
    "to_tree",
]
