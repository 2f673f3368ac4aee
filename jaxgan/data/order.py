"""The order in which rows are drawn: one function of seed and step, the same on the host and on the device."""

from functools import lru_cache, reduce
from types import ModuleType

import numpy as np
from jax import lax
from jaxtyping import Array, Int

ROUNDS = 32
BLOCK = 4096
"""Number of indices that the host draws at once."""

Rows = np.ndarray | Array


def order(
    seed: int, step: int | Int[Array, ""] | np.ndarray, rows: Rows, *, batch_size: int, size: int, xp: ModuleType = np
) -> Rows:
    """Indices into a data set of `size` rows of the given `rows` of the batch of `step`.

    Every epoch of `size // batch_size` steps draws each index at most once, in an order that depends on the seed and
    the epoch; what is left over at its end differs from epoch to epoch. Each index is computed by itself: nothing is
    sorted, stored or carried on, so a run resumes at any step and every device draws its own rows.

    The permutation is the swap-or-not shuffle on uint32: in each round, position x is paired with k − x (mod size) and
    a hash of the larger of the two says whether they change places.

    Args:
        seed: any whole number.
        step: at least 0; or an array of steps that broadcasts with `rows`.
        rows: places in the batch, integers in [0, batch_size).
        batch_size: at most `size`.
        size: rows of the data set, below 2³¹.
        xp: `numpy`, or `jax.numpy` to trace it.

    Returns:
        Indices in [0, size), uint32, of the shape of `rows` (and `step`).

    Reference:
        Hoang, Morris & Rogaway, [An Enciphering Scheme Based on a Card Shuffle](https://arxiv.org/abs/1208.1176), 2012,
        figure 1.
    """
    steps = size // batch_size
    epoch = xp.atleast_1d(xp.asarray(step // steps, dtype=xp.uint32))
    position = xp.asarray((step % steps) * batch_size + rows, dtype=xp.uint32)
    key = _hash(_hash(epoch) ^ np.uint32(seed & 0xFFFFFFFF))
    count = np.uint32(size)

    def shuffle(i: int | Int[Array, ""], carry: tuple[Rows, Rows]) -> tuple[Rows, Rows]:
        key, position = carry
        key = _hash(key + xp.uint32(i))
        partner = (key % count + count - position) % count
        swap = _hash(xp.maximum(position, partner) ^ _hash(key)) & np.uint32(1)
        return key, xp.where(swap == 1, partner, position)

    if xp is np:
        return reduce(lambda carry, i: shuffle(i, carry), range(ROUNDS), (key, position))[1]
    return lax.fori_loop(0, ROUNDS, shuffle, (key, position))[1]


def numbers(seed: int, step: int | Int[Array, ""], rows: Rows, *, xp: ModuleType = np) -> Rows:
    """One random uint32 number for each of `rows` of the batch of `step`, in the shape of `rows`.

    A hash of seed, step and place in the batch, beside that of `order`; the host and the device have the same bits.
    """
    key = _hash(_hash(xp.atleast_1d(xp.asarray(step, dtype=xp.uint32))) + np.uint32(~seed & 0xFFFFFFFF))
    return _hash(key ^ _hash(xp.asarray(rows, dtype=xp.uint32) + np.uint32(0x9E3779B9)))


def batch_order(seed: int, step: int, *, batch_size: int, size: int) -> np.ndarray:
    """`order` of a whole batch on the host: `[batch_size]`, read-only.

    Drawn for a block of steps at once, since one batch is too small for NumPy to be quick, and kept for the next ones.
    """
    steps = max(1, BLOCK // batch_size)
    return _block(seed, step // steps, steps, batch_size, size)[step % steps]


@lru_cache(maxsize=8)
def _block(seed: int, block: int, steps: int, batch_size: int, size: int) -> np.ndarray:
    each = np.arange(block * steps, (block + 1) * steps)[:, None]
    drawn = np.asarray(order(seed, each, np.arange(batch_size), batch_size=batch_size, size=size))
    drawn.flags.writeable = False
    return drawn


def _hash(x: Rows) -> Rows:
    """The finalizer of MurmurHash3: a bijection of uint32 in which every bit depends on every other."""
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    x = (x ^ (x >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return x ^ (x >> np.uint32(16))
