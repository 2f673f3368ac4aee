"""What a compiled step takes beside its state."""

import itertools
from collections.abc import Iterator
from functools import partial

import jax
from jaxtyping import PyTree

from jaxgan import data
from jaxgan.recipes.build import is_resident
from jaxgan.recipes.config import Config


def inputs(
    config: Config,
    dataset: data.Dataset | data.IterableDataset,
    start: int,
    *,
    whole: jax.sharding.Sharding | None,
    rows: jax.sharding.Sharding,
) -> Iterator[PyTree]:
    """The resident data set, always the same, or the batches of the stream from step `start` on.

    Args:
        config: of the run.
        dataset: of the run.
        start: steps that are done already.
        whole: where a resident set lies; on the default device if None.
        rows: where stacked batches `[steps_per_call, B, ...]` lie.
    """
    if isinstance(dataset, data.Dataset) and is_resident(config, dataset):
        return itertools.repeat(jax.device_put(dataset.on_device(), whole))
    return data.stream(
        dataset,
        config.batch_size,
        config.seed,
        start_step=start,
        stacked=config.steps_per_call,
        workers=config.workers,
        place=partial(jax.device_put, device=rows),
    )
