"""Steps that draw their own batch from a data set held on the device."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Key

from jaxgan.core import Batch, GANState, Info
from jaxgan.data.images import decoded
from jaxgan.data.order import order
from jaxgan.devices import global_rows, local_rows, shard_rows
from jaxgan.errors import InputError
from jaxgan.execution.layout import AnyStep, Step, as_step


def resident(step: AnyStep, *, batch_size: int, seed: int = 0) -> Step:
    """`(state, dataset, key) -> (state, info)`, drawing the batches that `Dataset.batches(batch_size, seed)` yields.

    `dataset` is what `Dataset.on_device` returns. Wrap the result by `repeated` or by `jitted` and its siblings; every
    device then holds the whole set and draws its own rows.

    Args:
        step: a step that is not wrapped yet.
        batch_size: rows of a step over all devices; at most those of the data set.
        seed: of the order.

    Raises:
        ValueError: while tracing, if the batch is larger than the data set or the devices do not divide it.
    """

    one = as_step(step)

    def draw(state: GANState, dataset: Batch, key: Key[Array, "..."]) -> tuple[GANState, Info]:
        size = jax.tree.leaves(dataset)[0].shape[0]
        if not 1 <= batch_size <= size:
            raise InputError(f"batch_size must be from 1 to {size}, the size of the data set; got {batch_size}")
        rows = shard_rows(global_rows(local_rows(batch_size)))
        index = order(seed, state.step, rows, batch_size=batch_size, size=size, xp=jnp)
        batch = shard_rows(decoded(jax.tree.map(lambda x: x[index], dataset)))
        return one(state, batch, key)

    return Step(draw, None, one.member_axis)
