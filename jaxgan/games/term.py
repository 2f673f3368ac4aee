"""Terms of the players' losses: one contract for penalties, heads, distances, averages and second samples.

A game evaluates its loss, and each term adds a number to the loss of each player. A term of your own is a plain
function of the `Context`:

    def drift(context):
        size = 1e-3 * global_mean(context.real_logits**2)
        return Players(generator=0.0, discriminator=size), {"drift": size}

    game = jaxgan.gan(..., terms=[drift])

A `Term` is for what needs more: parameters, variables, features, or what the generator makes beside the samples.
"""

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float, Key, PyTree

from jaxgan.core import Batch, Info, Players, Turn
from jaxgan.errors import InputTypeError

Latents = Float[Array, "batch size"]
Features = Float[Array, "batch size"]
Rows = PyTree[Float[Array, "batch ..."]]
"""Rows of a batch; in some games each has several arrays, as the pairs of a BiGAN have."""
Critic = Callable[[Rows], Float[Array, "batch ..."]]
Penalty = Callable[[Critic, Rows, Rows, Turn], Float[Array, ""]]


class Context(NamedTuple):
    """What a term can see in one pass of the discriminator."""

    real: PyTree
    """Rows as the critic takes them: with instance noise, several in one where the game packs them, not augmented."""
    fake: PyTree
    """Samples, likewise."""
    condition: PyTree
    """Condition of these rows, as the networks get it: one-hot labels, vectors, arrays of rows, or None."""
    critic: Critic
    """`x -> logits`: the discriminator in training mode, with the variables that it had before the two passes, and the
    augmentation that real rows get. It moves no variables."""
    real_logits: Float[Array, "batch ..."]
    fake_logits: Float[Array, "batch ..."]
    real_features: Features | None
    """Features of the discriminator, if a term of the game has `needs_features`, else None."""
    fake_features: Features | None
    batch: Batch
    """Batch as it came: without noise, not packed."""
    samples: PyTree
    """Samples as the generator made them: without noise, not packed."""
    extra: PyTree
    """Result of the term's own `generate`, else None."""
    pack: Callable[[PyTree], PyTree]
    """Packs rows for the critic: as many side by side as the game packs."""
    turn: Turn
    """Step, and streams of random numbers that are the term's own; `draw` draws for each row that the critic takes."""


class GeneratorContext(NamedTuple):
    """What a term can see while the generator makes the samples."""

    samples: Callable[[Latents], PyTree]
    """`latents -> samples` for the conditions of the batch, in training mode. It moves no variables."""
    latents: Latents
    """Latents of the samples that are judged."""
    other_latents: Latents
    """As many other latents, drawn in the same way; they are the same for every term."""
    condition: Callable[[Turn], PyTree]
    """Condition of a turn's rows, as the generator gets it; the turn may be a part of this one."""
    params: PyTree
    """Parameters of the generator."""
    variables: PyTree
    """Variables of the generator's network, as they were before the pass."""


class Shapes(NamedTuple):
    """Shapes and types of two rows or packs, before the first step."""

    real: PyTree
    condition: PyTree
    features: PyTree
    """None unless a term of the game has `needs_features`."""


class Term(NamedTuple):
    """A number that is added to each player's loss. Of the fields, `name` and `losses` must be given."""

    name: str
    """Name of the term's streams of random numbers, its parameters and its variables. If another term has the same
    name, a number is added."""
    losses: Callable[[PyTree, PyTree, Context], tuple[Players, PyTree, Info]]
    """`(heads, variables, context) -> (scalars to be added, variables, info)`. Numbers that several terms report under
    one name are added up."""
    heads: Callable[[Key[Array, ""], Shapes], PyTree] | None = None
    """`(key, shapes) -> parameters` that the discriminator's player moves."""
    variables: Callable[[Shapes], PyTree] | None = None
    """`(shapes) -> variables`, kept with the discriminator's and moved by `losses`. They must be the same on every
    device; no derivative is taken through those that come back."""
    generate: Callable[[PyTree, GeneratorContext, Turn], tuple[PyTree, PyTree]] | None = None
    """`(variables, generator, turn) -> (extra, variables)`: what the generator makes for the term beside the samples.
    The generator's loss reaches its parameters through `extra`."""
    generator_variables: Callable[[], PyTree] | None = None
    """`() -> variables` of `generate`, kept with the generator's."""
    needs_features: bool = False
    """Whether the discriminator must have features, see `Network.apply_with_features`."""
    replaces_labels: bool = False
    """Whether the term reads the labels instead of the discriminator, which then gets no condition."""


def term(function: Callable[[Context], tuple[Players, Info]], *, needs_features: bool = False) -> Term:
    """Turn a plain function of the context into a `Term` with its name.

    Args:
        function: `(context) -> (Players of scalars, info)`.
        needs_features: whether it reads `real_features` and `fake_features`.

    Raises:
        TypeError: while tracing, if it returns something else.

    Examples:
        >>> def drift(context):
        ...     size = jaxgan.global_mean(context.real_logits**2)
        ...     return jaxgan.Players(generator=0.0, discriminator=1e-3 * size), {"drift": size}
        >>> game = players(jaxgan.terms.term(drift))
    """
    name = getattr(function, "__name__", type(function).__name__)

    def losses(heads: PyTree, variables: PyTree, context: Context) -> tuple[Players, PyTree, Info]:
        value = function(context)
        if not (type(value) is tuple and len(value) == 2 and isinstance(value[1], dict)):
            raise InputTypeError(f"{_RETURNS}; {name} returned {type(value).__name__}")
        return value[0], variables, value[1]

    return Term(name, losses, needs_features=needs_features)


def as_term(value: Any) -> Term:
    """Return a `Term` unchanged; turn a function of the context into a `Term`.

    Raises:
        TypeError: if it is neither.
    """
    if isinstance(value, Term):
        return value
    if _takes(value, 1) and _returned(value) not in (Term, Penalty):
        return term(value)
    example = "terms.feature_matching(1.0)"
    name = getattr(value, "__name__", None)
    hint = f"the function {name}; if it makes a term, call it: {name}(...)" if name else repr(value)
    raise InputTypeError(
        f"each of terms must be a Term such as {example}, a penalty (critic, real, fake, turn), or a function "
        f"(context) that returns (Players, info); got {hint}"
    )


def is_penalty(value: Any) -> bool:
    """Whether this is a function of four arguments, like a penalty."""
    return callable(value) and not isinstance(value, Term) and not _takes(value, 1) and _takes(value, 4)


def check_players(name: str, values: Any) -> Players:
    """Raise `TypeError` unless what a term returned is `Players` of two scalars."""
    shapes = [jnp.shape(value) for value in values] if isinstance(values, Players) else None
    if shapes != [(), ()]:
        what = type(values).__name__ if shapes is None else f"Players of shapes {shapes}; take jaxgan.global_mean"
        raise InputTypeError(f"{_RETURNS}; {name} returned {what}")
    return values


_RETURNS = "each of terms must return (Players(generator=..., discriminator=...) of scalars, info)"


def _takes(function: Any, count: int) -> bool:
    try:
        inspect.signature(function).bind(*range(count))
    except (TypeError, ValueError):
        return False
    return True


def _returned(function: Any) -> Any:
    return inspect.signature(function).return_annotation
