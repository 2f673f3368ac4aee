"""Random numbers inside networks, which belong to the rows of the global batch."""

from collections.abc import Callable

import flax.linen as nn
import jax
from jaxtyping import Array, Key, PyTree

from jaxgan.devices import global_rows, shard_rows

STREAM = "row_dropout"
"""The random stream of these numbers: the same key on every device, where Flax's own "dropout" has one for each.
Outside a game, "dropout" serves too."""


def draw_rows(module: nn.Module, rows: int, sample: Callable[[Key[Array, ""]], PyTree]) -> PyTree:
    """Draw `[rows, ...]`: `sample` draws each row from its own key, with new keys at every call in a module.

    One device and many draw the same.
    """
    key = module.make_rng(STREAM if module.has_rng(STREAM) else "dropout")
    keys = jax.vmap(jax.random.fold_in, (None, 0))(key, shard_rows(global_rows(rows)))
    return shard_rows(jax.vmap(sample)(keys))
