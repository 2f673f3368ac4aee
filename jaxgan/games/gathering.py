"""All terms of a game: their names, their parameters and variables, what the generator makes for them, and their
sum."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Key, PyTree

from jaxgan.checks import require_call
from jaxgan.core import DUE, Info, Players, Turn
from jaxgan.errors import InputTypeError
from jaxgan.games.penalties.contract import check_penalty
from jaxgan.games.penalties.every import Lazy, reported
from jaxgan.games.term import Context, GeneratorContext, Penalty, Shapes, Term, as_term, check_players, is_penalty

OWN_STREAMS = (
    *("init", "part", "redraw", "latent", "second latent", "label dropout", "generator dropout", "loss", "augment"),
    *("real noise", "fake noise", "augment real", "augment fake", "real dropout", "fake dropout", "critic dropout"),
)
"""Names of a game's own random streams, which no term may use."""


class Headed(NamedTuple):
    """Parameters of a discriminator in a game with terms that have parameters."""

    network: PyTree
    heads: dict[str, PyTree]
    """Values by the names of the terms."""


class Generated(NamedTuple):
    """Samples in a game with terms for which the generator makes more."""

    samples: PyTree
    extra: dict[str, PyTree]
    """Values by the names of the terms."""


class Terms(NamedTuple):
    """The terms of a game, each with a name of its own."""

    listed: list[Term]

    @property
    def headed(self) -> list[Term]:
        """Terms with parameters."""
        return [term for term in self.listed if term.heads]

    @property
    def making(self) -> bool:
        """Whether the generator makes more than the samples."""
        return any(term.generate for term in self.listed)

    def start_heads(self, keys: Key[Array, "terms"], shapes: Shapes) -> dict[str, PyTree]:
        """Parameters of the terms, each from its own key."""
        return {term.name: term.heads(key, shapes) for term, key in zip(self.headed, keys, strict=True) if term.heads}

    def start_variables(self, shapes: Shapes) -> dict[str, PyTree]:
        """Variables that are kept with the discriminator's."""
        return {term.name: term.variables(shapes) for term in self.listed if term.variables}

    def start_generator_variables(self) -> dict[str, PyTree]:
        """Variables that are kept with the generator's."""
        return {term.name: term.generator_variables() for term in self.listed if term.generator_variables}

    def generate(
        self, variables: dict[str, PyTree], context: GeneratorContext, turn: Turn
    ) -> tuple[dict[str, PyTree], dict[str, PyTree]]:
        """What the generator makes in addition to the samples, and the variables after that."""
        extra, kept = {}, dict(variables)
        for term in self.listed:
            if term.generate:
                extra[term.name], moved = term.generate(kept.get(term.name), context, turn.within(term.name))
                kept |= {term.name: moved} if term.name in kept else {}
        return extra, kept

    def add(
        self, heads: dict[str, PyTree], variables: dict[str, PyTree], context: Callable[[Term], Context]
    ) -> tuple[Players, dict[str, PyTree], Info]:
        """Sums for both losses, new variables, and the info."""
        total, kept = Players(jnp.zeros(()), jnp.zeros(())), dict(variables)
        info: Info = {}
        for term in self.listed:
            values, moved, told = term.losses(heads.get(term.name), kept.get(term.name), context(term))
            total = Players(*(a + b for a, b in zip(total, check_players(term.name, values), strict=True)))
            kept |= {term.name: moved} if term.name in kept else {}
            sums = {name: info[name] + told[name] for name in told if name in info and not name.endswith(DUE)}
            info |= told | sums
        return total, kept, info


def gathered(penalties: Sequence[Penalty], terms: Sequence[Any], further: Sequence[Any]) -> Terms:
    """The penalties, the terms, and those that come from other options of a game.

    Raises:
        TypeError: if a list is none, or what is in it is no penalty or no term.
    """
    for name, value, example in (
        ("penalties", penalties, "penalties.r1(gamma=1.0)"),
        ("terms", terms, "terms.feature_matching(1.0)"),
    ):
        if not isinstance(value, Sequence) or isinstance(value, Term | str):
            raise InputTypeError(f"{name} must be a list, such as [{example}]; got {value!r}")
    for penalty in penalties:
        require_call("each of penalties", penalty, "critic, real, fake, turn", "penalties.r1(gamma=1.0)")
    rest = [*terms, *further]
    unnamed = _of_penalties([*penalties, *filter(is_penalty, rest)])
    unnamed += [as_term(term) for term in rest if not is_penalty(term)]
    listed: dict[str, Term] = {}
    for term in unnamed:
        name, number = term.name, 1
        while name in listed or name in OWN_STREAMS:
            number += 1
            name = f"{term.name} {number}"
        listed[name] = term._replace(name=name)
    return Terms(list(listed.values()))


def _of_penalties(penalties: list[Penalty]) -> list[Term]:
    intervals = {penalty.n if isinstance(penalty, Lazy) else 1 for penalty in penalties}
    interval = intervals.pop() if len(intervals) == 1 else 1

    def of(penalty: Penalty) -> Callable[[PyTree, PyTree, Context], tuple[Players, PyTree, Info]]:
        def losses(heads: PyTree, variables: PyTree, c: Context) -> tuple[Players, PyTree, Info]:
            value = check_penalty(penalty, penalty(c.critic, c.real, c.fake, c.turn))
            info = reported("penalty", value / interval, c.turn.step, interval)
            return Players(jnp.zeros(()), value), variables, info

        return losses

    return [Term(f"penalty {i}", of(penalty)) for i, penalty in enumerate(penalties)]
