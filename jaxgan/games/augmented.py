"""Rows with augmentation or noise, as the discriminator sees them."""

import jax
from jaxtyping import Array, Float, PyTree

from jaxgan.augmentation import Augmentation
from jaxgan.checks import require
from jaxgan.core import Turn
from jaxgan.games.packing import packed, unpacked
from jaxgan.games.weight import Weight, at


def view(
    augmentation: Augmentation, variables: PyTree, turn: Turn, pack: int, kind: str, packs: Float[Array, "packs ..."]
) -> Float[Array, "packs ..."]:
    """Transform each row in the packs with its own random draw, which is the same for every view of this kind in the
    turn.

    Args:
        augmentation: whose transform it is.
        variables: variables of the augmentation.
        turn: turn of rows, not of packs.
        pack: rows in a pack.
        kind: "real" or "fake", which have different draws.
        packs: `[B/pack, ..., pack·C]`.
    """
    transform = augmentation.transform
    if transform is None:
        return packs
    keys = turn.draw(f"augment {kind}", lambda key: key)
    return packed(
        jax.vmap(lambda key, row: transform(variables, key, row, turn.step))(keys, unpacked(packs, pack)), pack
    )


def check_augment(augmentation: Augmentation, turn: Turn) -> None:
    """Raise `ValueError` if the transform gives rows another shape."""
    real = turn.batch.real
    made = jax.eval_shape(lambda: view(augmentation, augmentation.init(), turn, 1, "real", real))
    require(made.shape == real.shape, f"augment makes rows {made.shape[1:]} of rows {real.shape[1:]}")


def noisy(deviation: Weight, x: PyTree, stream: str, turn: Turn) -> PyTree:
    """Add Gaussian noise of the stream to rows; leave them unchanged if the deviation is the number 0."""
    if isinstance(deviation, int | float) and deviation == 0:
        return x
    noise = turn.draw(stream, lambda key: jax.random.normal(key, x.shape[1:], x.dtype))
    return x + at(deviation, turn.step) * noise
