"""The run-time type checker of the tests: beartype, told that Players is a tuple, for it cannot read generic ones."""

import sys

from beartype import BeartypeConf, FrozenDict, beartype


def checked(function):
    """Decorate `function`; called by jaxtyping's import hook, while `jaxgan.core` may not be imported yet."""
    players = getattr(sys.modules.get("jaxgan.core"), "Players", None)
    overrides = {} if players is None else {players: tuple}
    conf = BeartypeConf(is_pep484_tower=True, hint_overrides=FrozenDict(overrides))
    return beartype(conf=conf)(function)
