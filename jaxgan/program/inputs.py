"""Inputs of a compiled step in addition to its state, and the step that takes them."""

import itertools
from collections.abc import Iterator
from functools import partial

from jaxtyping import PyTree

from jaxgan import data, execution
from jaxgan.checks import require
from jaxgan.execution.layout import AnyStep
from jaxgan.program.placement import Placement
from jaxgan.program.program import Program

Data = data.Dataset | data.IterableDataset


def is_resident(program: Program, dataset: Data) -> bool:
    """Whether the whole data set is on the device.

    Raises:
        ValueError: if it should, but is an iterable of batches.
    """
    if isinstance(dataset, data.IterableDataset):
        require(program.input != "resident", "input=resident needs a data set with rows, got an iterable of batches")
        return False
    return program.input == "resident" or (program.input == "auto" and not dataset.mapped)


def steps_of_a_call(program: Program, step: AnyStep, dataset: Data) -> AnyStep:
    """The steps of one call `(state, data, key) -> (state, infos)`, not compiled yet; `inputs` yields its `data`."""
    if is_resident(program, dataset):
        crop_rows = dataset.crop_rows if isinstance(dataset, data.Dataset) and dataset.crop is not None else None
        drawing = data.resident(
            step, batch_size=program.batch_size, seed=program.seed, decode=dataset.decode, crop_rows=crop_rows
        )
    else:
        drawing = data.streamed(step, decode=dataset.decode)
    return execution.repeated(drawing, program.steps_per_call)


def inputs(program: Program, dataset: Data, start: int, placement: Placement) -> Iterator[PyTree]:
    """The resident data set, always the same, or the batches of the stream from step `start` on."""
    if isinstance(dataset, data.Dataset) and is_resident(program, dataset):
        return itertools.repeat(placement.everywhere(dataset.on_device()))
    return data.stream(
        dataset,
        program.batch_size,
        program.seed,
        start_step=start,
        stacked=program.steps_per_call,
        workers=program.workers,
        place=partial(placement.place_rows, batch_size=program.batch_size),
        rows=placement.own_rows(program.batch_size),
    )
