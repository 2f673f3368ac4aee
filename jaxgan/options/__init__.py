"""Dataclasses of options: their checks, their choices, their names."""

from jaxgan.options.conform import Range as Range
from jaxgan.options.conform import conform as conform
from jaxgan.options.tree import changed as changed
from jaxgan.options.tree import choices as choices
from jaxgan.options.tree import chosen as chosen
from jaxgan.options.tree import every_name as every_name
from jaxgan.options.tree import from_tree as from_tree
from jaxgan.options.tree import leaves as leaves
from jaxgan.options.tree import to_tree as to_tree
