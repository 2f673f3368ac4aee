"""The run-time type checker of the tests: beartype, told that Players is a tuple, for it cannot read generic ones."""

import sys

from beartype import BeartypeConf, FrozenDict, beartype

OPTIONS = ("jaxgan.recipes", "jaxgan.options")
"""Packages whose dataclasses check their fields themselves, and take traced numbers."""


def checked(function):
    """Decorate `function`; called by jaxtyping's import hook, while `jaxgan.core` may not be imported yet."""
    if getattr(function, "__module__", "").startswith(OPTIONS):
        return function
    players = getattr(sys.modules.get("jaxgan.core"), "Players", None)
    overrides = {} if players is None else {players: tuple}
    conf = BeartypeConf(is_pep484_tower=True, hint_overrides=FrozenDict(overrides))
    return beartype(conf=conf)(function)
