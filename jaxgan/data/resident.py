"""Steps that draw their own batch from a data set held on the device."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int, Key, PyTree

from jaxgan.core import Batch, GANState, Info
from jaxgan.data.dataset import decoded
from jaxgan.data.order import Rows, numbers, order
from jaxgan.data.unpaired import Unpaired, domains
from jaxgan.devices import global_rows, local_rows, shard_rows
from jaxgan.errors import InputError
from jaxgan.execution.layout import S, Step, as_step


def resident(
    step: S,
    *,
    batch_size: int,
    seed: int = 0,
    decode: Callable[[Batch], Batch] = decoded,
    crop_rows: Callable[[Batch, Any], Batch] | None = None,
) -> S:
    """`(state, dataset, key) -> (state, info)`, drawing the batches that `Dataset.batches(batch_size, seed)` yields.

    `dataset` is what `Dataset.on_device` returns. Wrap the result by `repeated` or by `jitted` and its siblings; every
    device then holds the whole set and draws its own rows.

    Args:
        step: a step that is not wrapped yet.
        batch_size: rows of a step over all devices; at most those of the data set.
        seed: seed of the order.
        decode: what makes stored rows into those that networks see, `Dataset.decode`; by default integers of `real`
            are decoded as images, and all else is left as it is.
        crop_rows: `Dataset.crop_rows` of a data set with a `crop`.

    Raises:
        ValueError: while tracing, if the batch is larger than the data set or the devices do not divide it.

    Examples:
        >>> ring = jaxgan.data.load("ring")
        >>> step = jaxgan.data.resident(algorithm.step, batch_size=4)  # doctest: +SKIP
        >>> state, info = jaxgan.jitted(step)(state, ring.on_device(), key)  # doctest: +SKIP
    """

    one = as_step(step)

    def index(rows: PyTree, other: int, step: Int[Array, ""], places: Int[Array, "rows"]) -> Rows:
        size = jax.tree.leaves(rows)[0].shape[0]
        if not 1 <= batch_size <= size:
            raise InputError(f"batch_size must be from 1 to {size}, the size of the data set; got {batch_size}")
        return order(seed ^ other, step, places, batch_size=batch_size, size=size, xp=jnp)

    def draw(state: GANState, dataset: Batch, key: Key[Array, "..."]) -> tuple[GANState, Info]:
        places = shard_rows(global_rows(local_rows(batch_size)))
        parts = domains(dataset.real)
        indices = [index(rows, other, state.step, places) for rows, other in parts]
        if isinstance(dataset.real, Unpaired):
            taken = zip(dataset.real, indices, strict=True)
            batch = Batch(Unpaired(*(jax.tree.map(lambda x, i=i: x[i], rows) for rows, i in taken)))
        else:
            batch = jax.tree.map(lambda x: x[indices[0]], dataset)
        if crop_rows is not None:
            each = [numbers(seed ^ other, state.step, places, xp=jnp) for _, other in parts]
            batch = crop_rows(batch, Unpaired(*each) if len(each) > 1 else each[0])
        return one(state, shard_rows(decode(batch)), key)

    drawing: Any = Step(draw, None, one.member_axis)
    return drawing
