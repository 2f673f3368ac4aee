"""Batches that are loaded before they are needed, for data sets that do not fit on the device."""

import atexit
import itertools
import multiprocessing
import os
import signal
import threading
import weakref
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Key, PyTree

from jaxgan.checks import require
from jaxgan.core import Batch, Info
from jaxgan.data.dataset import Dataset, decoded
from jaxgan.data.iterable import IterableDataset
from jaxgan.execution.layout import S, Step, as_step

THREADS = 2
BUFFER = 4
"""Number of reading threads, and of batches that they (or each process) keep ready in host memory."""

OPEN: weakref.WeakSet[Generator[Batch, None, None]] = weakref.WeakSet()
"""Open streams at the end of a program: their processes and shared memory must end before the modules do."""


@atexit.register
def _close_all() -> None:
    for stream in list(OPEN):
        stream.close()


def streamed(step: S, *, decode: Callable[[Batch], Batch] = decoded) -> S:
    """`(state, batch, key) -> (state, info)` for batches as `stream` yields them: it decodes them on the device.

    Wrap the result by `repeated` or by `jitted` and its siblings.

    Args:
        step: a step that takes decoded batches and is not wrapped yet.
        decode: as in `resident`.

    Raises:
        ValueError: for a step made by `data.resident`, which draws its own batch.
    """
    one = as_step(step)
    require(one.batch_axis is not None, "streamed needs a step that takes a batch, got one that draws its own")

    def call(state: PyTree, batch: Batch, key: Key[Array, "..."]) -> tuple[PyTree, Info]:
        return one(state, decode(batch), key)

    decoding: Any = Step(call, one.batch_axis, one.member_axis)
    return decoding


def stream(
    dataset: Dataset | IterableDataset,
    batch_size: int,
    seed: int,
    *,
    start_step: int = 0,
    stacked: int | None = None,
    workers: int = 0,
    ahead: int = 2,
    place: Callable[[Batch], Batch] = jax.device_put,
    rows: np.ndarray | None = None,
) -> Iterator[Batch]:
    """The batches of `dataset.batches(batch_size, seed, start_step)`, not decoded, on the device before they are
    needed.

    Bytes stay bytes on their way, a quarter of the decoded size; the step decodes them, see `streamed`. Close the
    iterator (or let go of it) to stop what reads for it.

    Args:
        dataset: as `data.load` returns it.
        batch_size: rows of a step over all devices.
        seed: seed of the order.
        start_step: step of the first batch; a `Dataset` goes there at once, an iterable reads up to it.
        stacked: yield `[n, B, ...]`, the batches of n steps, for `repeated`; the next item is n steps later.
        workers: processes that read, in place of threads of this one. Each opens a memory-mapped set for itself, but
            gets a copy of one that lies in memory. The main module of the program must be importable, as
            `multiprocessing` asks for.
        ahead: batches placed before the one that is used is done, at least 1.
        place: puts a batch where the step runs. For `sharded`, `jax.device_put` with its sharding of the rows; for
            `pmapped`, which splits the rows of the host, `lambda batch: batch`.
        rows: places in each batch of those to read, by default all: one of several processes reads its own.

    Raises:
        ValueError: at once, for a batch size that does not fit or numbers that are too small; workers of an iterable,
            or rows of one.

    Examples:
        >>> batches = jaxgan.data.stream(jaxgan.data.load("ring"), batch_size=4, seed=0)
        >>> next(batches).real.shape
        (4, 2)
    """
    dataset.check_batch_size(batch_size)
    for name, value, least in (
        ("start_step", start_step, 0),
        ("stacked", 1 if stacked is None else stacked, 1),
        ("workers", workers, 0),
        ("ahead", ahead, 1),
    ):
        require(
            isinstance(value, int) and value >= least,
            f"{name} must be a whole number of at least {least}, got {value!r}",
        )
    if isinstance(dataset, Dataset):
        batches = _fetched(_Fetch(dataset, batch_size, seed, stacked, rows), start_step, workers)
    else:
        require(workers == 0, f"{dataset.name} is read in this process: workers must be 0, got {workers}")
        require(rows is None, f"{dataset.name} is an iterable of batches, which one process reads whole")
        batches = _stacked(dataset.stored(batch_size, start_step), stacked)
    placed = _ahead(batches, ahead, place)
    OPEN.add(placed)
    return placed


@dataclass(frozen=True)
class _Fetch:
    dataset: Dataset
    batch_size: int
    seed: int
    stacked: int | None
    rows: np.ndarray | None

    def __call__(self, step: int) -> Batch:
        if self.stacked is None:
            return self.dataset.take(self._index(step))
        indices = [self._index(s) for s in range(step, step + self.stacked)]
        return self.dataset.take(jax.tree.map(lambda *each: np.stack(each), *indices))

    def _index(self, step: int) -> PyTree:
        index = self.dataset.index(self.batch_size, self.seed, step)
        return index if self.rows is None else jax.tree.map(lambda each: each[self.rows], index)


def _fetched(fetch: _Fetch, start_step: int, workers: int) -> Generator[Batch, None, None]:
    import grain
    from absl import flags

    steps = grain.MapDataset.range(start_step, 2**62, fetch.stacked or 1)
    batches = steps.map(fetch).to_iter_dataset(grain.ReadOptions(num_threads=THREADS, prefetch_buffer_size=BUFFER))
    if workers > 0:
        if not flags.FLAGS.is_parsed():  # grain reads flags of absl, which only its own main function parses
            flags.FLAGS.mark_as_parsed()
        options = grain.MultiprocessingOptions(num_workers=workers, per_worker_buffer_size=BUFFER)
        batches = batches.mp_prefetch(options, worker_init_fn=_leave_interrupts_to_the_parent)
    iterator = iter(batches)
    try:
        yield from map(_copied, iterator) if workers > 0 else iterator
    finally:
        iterator.close()


def _copied(shared: Batch) -> Batch:
    return jax.tree.map(np.array, shared)


def _leave_interrupts_to_the_parent(worker: int, workers: int) -> None:
    """Ignore Ctrl-C, and end with the parent, even if the parent is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


def _stacked(batches: Iterator[Batch], stacked: int | None) -> Generator[Batch, None, None]:
    if stacked is None:
        yield from batches
    while True:
        group = list(itertools.islice(batches, stacked))
        yield jax.tree.map(lambda *leaves: (np if isinstance(leaves[0], np.ndarray) else jnp).stack(leaves), *group)


def _ahead(
    batches: Generator[Batch, None, None], ahead: int, place: Callable[[Batch], Batch]
) -> Generator[Batch, None, None]:
    waiting: deque[Batch] = deque()
    with closing(batches):
        try:
            for batch in batches:
                waiting.append(place(batch))
                if len(waiting) > ahead:
                    yield waiting.popleft()
        except Exception:
            yield from waiting
            raise
