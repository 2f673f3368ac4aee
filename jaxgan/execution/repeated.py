"""Several steps in one call."""

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Key, PyTree

from jaxgan.checks import require
from jaxgan.core import Info
from jaxgan.execution.layout import AnyStep, S, Step, as_step


def repeated(step: S, n: int, *, unroll: bool = False) -> S:
    """`n` steps in one call, without the host: `(state, batches, key) -> (state, infos)`.

    Takes batches stacked along a new leading axis, `[n, B, ...]`; or, of a step made by `data.resident`, the data set
    itself. Every number of the info comes back stacked, `[n]`.

    Args:
        step: a step that is not wrapped yet; wrap the result by `jitted` or its siblings.
        n: at least 1.
        unroll: write the steps out one after another instead of looping. Compile time then grows with n. It is for
            networks that call XLA's own convolutions, whose gradients on the CPU are many times slower inside a loop;
            those of `jaxgan.networks` are not. A loop gives the same bits as single steps; unrolled steps may differ in
            the last ones.

    Raises:
        ValueError: if `n` is not at least 1 or, while tracing, if the batches are not `n`.

    Examples:
        >>> step = jaxgan.jitted(jaxgan.repeated(algorithm.step, 3))  # its batches have a leading axis of 3 steps
        >>> batches = jaxgan.Batch(jnp.zeros([3, 4, 2]))
        >>> state, info = step(algorithm.init(key, batch), batches, key)
        >>> int(state.step), info["loss_generator"].shape
        (3, (3,))
    """
    require(isinstance(n, int) and n >= 1, f"n must be a whole number of at least 1, got {n!r}")
    one = as_step(step)
    axis = one.batch_axis

    def call(state: PyTree, batches: PyTree, key: Key[Array, "..."]) -> tuple[PyTree, Info]:
        if axis is not None:
            for leaf in jax.tree.leaves(batches):
                require(leaf.shape[:1] == (n,), f"batches must be stacked [{n}, B, ...], got shape {leaf.shape}")

        def body(carry: PyTree, batch: PyTree) -> tuple[PyTree, Info]:
            return one(carry, batches if axis is None else batch, key)

        stacked = None if axis is None else batches
        return _written_out(body, state, stacked, n) if unroll or n == 1 else lax.scan(body, state, stacked, n)

    many: Any = Step(call, None if axis is None else axis + 1, one.member_axis + 1)
    return many


def _written_out(body: AnyStep, carry: PyTree, stacked: PyTree, n: int) -> tuple[PyTree, Info]:
    """`lax.scan` without a loop. Its own `unroll` leaves a loop of one turn, which is just as slow."""
    infos = []
    for i in range(n):
        carry, info = body(carry, jax.tree.map(lambda x, i=i: x[i], stacked))
        infos.append(info)
    return carry, jax.tree.map(lambda *values: jnp.stack(values), *infos)
