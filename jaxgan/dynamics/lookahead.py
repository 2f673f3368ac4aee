"""Both players step back together, around any rule."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, PyTree

from jaxgan.checks import require, require_number
from jaxgan.core import Dynamics, Game, Info, Players, Turn
from jaxgan.errors import InputTypeError


class Lookahead(NamedTuple):
    """Memory of `lookahead`."""

    slow: Players
    inner: PyTree


def lookahead(inner: Dynamics, *, period: int = 5, slow_rate: float | Float[Array, ""] = 0.5) -> Dynamics:
    """Lookahead-minimax: after each `period` steps of `inner`, ω ← ω̃ + α(ω − ω̃) for both players, and ω̃ ← ω.

    ω̃ are the slow weights, which start as a copy. Only the parameters step back: the memory of `inner` (Adam's
    moments) and the variables (batch statistics, spectral vectors) stay those of the fast weights. The averaged
    generator of `jaxgan.algorithm` takes in every step, the fast ones between steps back included.

    Around another lookahead, whose period should divide this one, the slow weights of this one are super-slow: when it
    steps back, those of the inner one start again from there.

    Cost: that of `inner`.

    Args:
        inner: any rule.
        period: k, steps of `inner` from one step back to the next, at least 1.
        slow_rate: α in [0, 1). May be traced.

    Raises:
        TypeError: if `inner` is not a `Dynamics`.
        ValueError: if an option is out of range.

    Reference:
        Chavdarova et al., [Taming GANs with Lookahead-Minmax](https://arxiv.org/abs/2006.14567), 2021, algorithm 1;
        nested: its appendix.

    Examples:
        >>> inner = jaxgan.dynamics.simultaneous(optimizers)
        >>> after(jaxgan.dynamics.lookahead(inner, period=2, slow_rate=0.5), steps=2)  # half way to (1.75, -0.25)
        [1.375 0.375]
    """
    if not isinstance(inner, Dynamics):
        raise InputTypeError(f"inner must be a rule, such as dynamics.alternating(optimizers); got {inner!r}")
    require(isinstance(period, int) and period >= 1, f"period must be a whole number of at least 1, got {period!r}")
    require_number("slow_rate", slow_rate, at_least=0, below=1)

    def init(params: Players) -> Lookahead:
        return Lookahead(jax.tree.map(jnp.copy, params), inner.init(params))

    def update(
        game: Game, params: Players, variables: Players, memory: Lookahead, turn: Turn
    ) -> tuple[Players, Players, Lookahead, Info]:
        params, variables, inner_memory, info = inner.update(game, params, variables, memory.inner, turn)
        back = (turn.step + 1) % period == 0
        behind = jax.tree.map(lambda slow, fast: slow + slow_rate * (fast - slow), memory.slow, params)
        memory = _restarted(Lookahead(memory.slow, inner_memory), behind, back)
        return _either(back, behind, params), variables, memory, info

    return Dynamics(init, update)


def _restarted(memory: PyTree, params: Players, back: Bool[Array, ""]) -> PyTree:
    """Every slow weight at `params`, if `back`."""
    if not isinstance(memory, Lookahead):
        return memory
    return Lookahead(_either(back, params, memory.slow), _restarted(memory.inner, params, back))


def _either(condition: Bool[Array, ""], this: PyTree, other: PyTree) -> PyTree:
    return jax.tree.map(lambda a, b: jnp.where(condition, a, b), this, other)
