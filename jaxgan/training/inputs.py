"""What a compiled step takes beside its state."""

import itertools
from collections.abc import Iterator, Sequence
from functools import partial

import jax
from jaxtyping import PyTree

from jaxgan import data
from jaxgan.training.build import is_resident
from jaxgan.training.config import Config


def inputs(
    config: Config,
    dataset: data.Dataset | data.IterableDataset,
    start: int,
    *,
    devices: Sequence[jax.Device] | None,
    rows: jax.sharding.Sharding,
) -> Iterator[PyTree]:
    """The resident data set, always the same, or the batches of the stream from step `start` on.

    Args:
        config: of the run.
        dataset: of the run.
        start: steps that are done already.
        devices: each of which holds a resident set; the default device if None.
        rows: where stacked batches `[steps_per_call, B, ...]` lie.
    """
    if isinstance(dataset, data.Dataset) and is_resident(config, dataset):
        return itertools.repeat(dataset.on_device(devices))
    return data.stream(
        dataset,
        config.batch_size,
        config.seed,
        start_step=start,
        stacked=config.steps_per_call,
        workers=config.workers,
        place=partial(jax.device_put, device=rows),
    )
