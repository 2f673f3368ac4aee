"""A term or penalty that is computed only every n steps."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float, Int, PyTree

from jaxgan.checks import require
from jaxgan.core import DUE, Info, Players, Turn
from jaxgan.games.term import Context, Critic, GeneratorContext, Penalty, Rows, as_term, check_players, is_penalty


@dataclass(frozen=True)
class Lazy:
    """A penalty made by `every`, which knows how often it is computed."""

    n: int
    penalty: Penalty

    def __call__(self, critic: Critic, real: Rows, fake: Rows, turn: Turn) -> Float[Array, ""]:
        """n times the penalty if it is due, else 0."""
        return _when(
            turn.step % self.n == 0, lambda: self.n * self.penalty(critic, real, fake, turn), lambda zero: zero
        )


def every(n: int, term: Any) -> Any:
    """Lazy regularisation: n times the term or penalty on the steps 0, n, 2n, ..., and nothing, at no cost, in between.

    It is a part of the ordinary update. The authors' programs give it an update of its own, n + 1 in n steps, and make
    up for it by learning rates times n/(n + 1) and Adam's β to the power of n/(n + 1). Here the rates and β that a
    paper states are to be taken as they are.

    The branch stays a branch in one compiled program. Networks that call XLA's own convolutions run many times slower
    inside a branch on the CPU; those of `jaxgan.networks` do not.

    What the term reports is without the factor n, and has `NAME_due` beside it, see `core.Info`. Its variables move on
    these steps alone.

    Args:
        n: at least 1.
        term: a `Term`, a function of the context, or a penalty; a penalty stays one.

    Reference:
        Karras et al., [Analyzing and Improving the Image Quality of StyleGAN](https://arxiv.org/abs/1912.04958), 2020,
        appendix B.

    Examples:
        >>> lazy = jaxgan.penalties.every(4, jaxgan.penalties.r1(gamma=2.0))
        >>> [float(lazy(critic, real, fake, turn._replace(step=jnp.array(step)))) for step in range(5)]
        [100.0, 0.0, 0.0, 0.0, 100.0]
    """
    require(isinstance(n, int) and n >= 1, f"n must be a whole number of at least 1, got {n!r}")
    if is_penalty(term):
        return Lazy(n, term)
    inner = as_term(term)
    if n == 1:
        return inner

    def losses(heads: PyTree, variables: PyTree, context: Context) -> tuple[Players, PyTree, Info]:
        def added() -> tuple[Players, PyTree, Info]:
            values, moved, info = inner.losses(heads, variables, context)
            return jax.tree.map(lambda x: n * jnp.asarray(x), check_players(inner.name, values)), moved, info

        values, moved, info = _when(context.turn.step % n == 0, added, lambda zero: (zero[0], variables, zero[2]))
        due = jnp.asarray(context.turn.step % n == 0, jnp.float32)
        return values, moved, info | {name + DUE: due for name in info}

    def generate(variables: PyTree, generator: GeneratorContext, turn: Turn) -> tuple[PyTree, PyTree]:
        def extra() -> tuple[PyTree, PyTree]:
            return inner.generate(variables, generator, turn)  # type: ignore[misc]

        return _when(turn.step % n == 0, extra, lambda zero: (zero[0], variables))

    return inner._replace(losses=losses, generate=inner.generate and generate)


def _when(due: Any, compute: Callable[[], PyTree], otherwise: Callable[[PyTree], PyTree]) -> Any:
    """`compute()` if it is due, else `otherwise` of zeros in the same shapes."""
    shapes = jax.eval_shape(compute)

    def nothing() -> PyTree:
        return otherwise(jax.tree.map(lambda x: jnp.zeros(x.shape, x.dtype), shapes))

    return lax.cond(due, compute, nothing)


def reported(name: str, value: Float[Array, ""], step: Int[Array, ""], n: int) -> Info:
    """The info of a number that is computed every n steps."""
    return {name: value} if n == 1 else {name: value, name + DUE: jnp.asarray(step % n == 0, jnp.float32)}
