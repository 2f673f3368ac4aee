"""A pool of earlier samples, so that the discriminator does not forget them."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Bool, Int, Key, PyTree

from jaxgan.checks import require
from jaxgan.core import Turn
from jaxgan.devices import Kept, all_rows, global_rows, total_rows


class Rows(NamedTuple):
    """Content of a pool."""

    rows: PyTree
    """`[size, ...]`; unused rows are zeros."""
    filled: Int[Array, ""]
    """Number of rows in the pool."""


class Pool(NamedTuple):
    """Two functions of a pool of rows; a game keeps the variables among those of its discriminator."""

    init: Callable[[PyTree], Kept]
    """`(rows [B, ...]) -> variables` of an empty pool for such rows, or for their shapes and types."""
    exchange: Callable[[Kept, PyTree, Turn], tuple[PyTree, Kept]]
    """`(variables, rows [B, ...], turn) -> (rows, variables)`: replaces some of the rows by rows of the pool."""


def pool(size: int = 50) -> Pool:
    """Keep up to `size` samples. The discriminator sees each sample of the batch or, half of the time, an earlier one.

    Row after row of the whole batch: while the pool is not full, the row is put into it and returned. Afterwards, with
    probability 1/2, a row of the pool, drawn uniformly, is returned and this one takes its place; else this one is
    returned. The variables are the same on every device, and so are the rows that come back under every wrapper.
    Batches may be larger than the pool.

    Args:
        size: at least 1; CycleGAN's is 50.

    Reference:
        Shrivastava et al., [Learning from Simulated and Unsupervised Images through Adversarial
        Training](https://arxiv.org/abs/1612.07828), 2017, section 2.3; Zhu et al., [Unpaired Image-to-Image Translation
        using Cycle-Consistent Adversarial Networks](https://arxiv.org/abs/1703.10593), 2017, section 4, with the rule
        of the authors' program.

    Examples:
        >>> pool, rows = jaxgan.pool(size=50), jnp.ones([4, 2])
        >>> turn = jaxgan.Turn(jaxgan.Batch(rows), jax.random.key(0), jnp.array(0))
        >>> rows, kept = pool.exchange(pool.init(rows), rows, turn)  # not full yet: the rows themselves
        >>> rows.shape
        (4, 2)
    """
    require(isinstance(size, int) and size >= 1, f"size must be a whole number of at least 1, got {size!r}")

    def init(rows: PyTree) -> Kept:
        empty = jax.tree.map(lambda x: jnp.zeros((size, *x.shape[1:]), x.dtype), rows)
        return Kept(Rows(empty, jnp.zeros((), jnp.int32)))

    def exchange(variables: Kept, rows: PyTree, turn: Turn) -> tuple[PyTree, Kept]:
        local = jax.tree.leaves(rows)[0].shape[0]
        keys = jax.vmap(jax.random.fold_in, (None, 0))(turn.stream("pool"), jnp.arange(total_rows(local)))
        draws = jax.vmap(draw)(keys)

        def one(held: Rows, given: tuple[PyTree, tuple[Array, Array]]) -> tuple[Rows, PyTree]:
            row, (swap, place) = given
            full = held.filled == size
            place = jnp.where(full, place, held.filled)
            shown = jax.tree.map(lambda x, new: jnp.where(full & swap, x[place], new), held.rows, row)
            put = jax.tree.map(lambda x, new: x.at[place].set(jnp.where(full & ~swap, x[place], new)), held.rows, row)
            return Rows(put, jnp.minimum(held.filled + 1, size)), shown

        batch = jax.tree.map(lambda x, held: all_rows(x).astype(held.dtype), rows, variables.value.rows)
        held, shown = lax.scan(one, variables.value, (batch, draws))
        return jax.tree.map(lambda x: x[global_rows(local)], shown), Kept(held)

    def draw(key: Key[Array, ""]) -> tuple[Bool[Array, ""], Int[Array, ""]]:
        swap, place = jax.random.split(key)
        return jax.random.bernoulli(swap), jax.random.randint(place, (), 0, size)

    return Pool(init, exchange)
