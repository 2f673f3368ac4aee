"""Batches fetched ahead: those of the data set whatever fetches them, and the steps that decode them."""

import itertools
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import jax
import numpy as np
import pytest
from data_for_tests import echo, equal, numbered, state_at

import jaxgan
from jaxgan import Batch, data
from jaxgan.data import Dataset
from jaxgan.data.media.images import decode

SIZE = 8


def mapped(path, dataset):
    np.save(path, dataset.real)
    real = np.load(path, mmap_mode="r")
    return Dataset(dataset.name, real, dataset.labels, dataset.num_classes, dataset.mirror)


def decoded(batch):
    return jax.tree.map(lambda x: decode(np.asarray(x)), batch)


def taken(dataset, count, **options):
    batches = data.stream(dataset, SIZE, 3, **options)
    found = list(itertools.islice(batches, count))
    batches.close()
    return found


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("where", ["memory", "file"])
@pytest.mark.parametrize("start", [0, 12])
def test_a_stream_yields_the_batches_of_the_data_set(tmp_path, mirror, where, start):
    given = dataset = numbered(29, mirror=mirror)
    if where == "file":
        given = mapped(tmp_path / "set.npy", dataset)
    expected = list(itertools.islice(dataset.batches(SIZE, 3, start), 9))
    equal(list(itertools.islice(given.batches(SIZE, 3, start), 9)), expected)
    singly = taken(given, 9, start_step=start)
    assert all(isinstance(x, jax.Array) and x.dtype in (np.uint8, np.int32) for x in jax.tree.leaves(singly))
    equal([decoded(batch) for batch in singly], expected)
    stacked = taken(given, 3, start_step=start, stacked=3)
    equal([jax.tree.map(lambda x, i=i: x[i], decoded(batch)) for batch in stacked for i in range(3)], expected)


def test_floats_and_sets_without_labels_pass_unchanged():
    dataset = numbered(29, np.float32, labels=False)
    (batch,) = taken(dataset, 1)
    assert batch.condition is None
    np.testing.assert_array_equal(batch.real, next(dataset.batches(SIZE, 3)).real)


def readers():
    return [thread for thread in threading.enumerate() if thread.name.startswith("grain")]


def waited(holds):
    for _ in range(200):
        if holds():
            return True
        time.sleep(0.01)
    return False


def test_closing_a_stream_or_letting_it_go_ends_its_threads():
    streams = [data.stream(numbered(), 4, 0) for _ in range(2)]
    for stream in streams:
        next(stream)
    assert readers()
    streams[0].close()
    with pytest.raises(StopIteration):
        next(streams[0])
    del stream, streams
    assert waited(lambda: not readers())


SCRIPT = """
import multiprocessing, sys
from itertools import islice
import numpy as np
from jaxgan import data
from jaxgan.data.media.images import decode

if __name__ == "__main__":
    given = data.Dataset("set", np.load(sys.argv[1], mmap_mode="r"), mirror=True)
    how = {"start_step": 5, "place": lambda batch: batch}
    streams = [data.stream(given, 8, 3, workers=workers, **how) for workers in (1, 1, 0)]
    expected = [batch.real for batch in islice(given.batches(8, 3, start_step=5), 6)]
    held = []
    for stream in streams:
        held += [next(stream).real for _ in expected]
        np.testing.assert_array_equal([decode(real) for real in held[-6:]], expected)
    assert len(multiprocessing.active_children()) == 2
    streams[0].close()
    assert len(multiprocessing.active_children()) == 1
"""


@pytest.mark.slow
def test_processes_yield_the_same_batches_and_a_program_may_end_with_streams_open(tmp_path):
    np.save(tmp_path / "set.npy", numbered(29).real)
    (tmp_path / "script.py").write_text(SCRIPT)
    command = [sys.executable, "-W", "error", tmp_path / "script.py", tmp_path / "set.npy"]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_batches_are_placed_ahead_of_their_use_and_no_further():
    placed = []

    def place(batch):
        placed.append(batch)
        return batch

    stream = data.stream(numbered(), 4, 0, ahead=3, place=place)
    assert placed == []
    for used in range(1, 5):
        assert next(stream) is placed[used - 1]
        assert len(placed) == used + 3
    stream.close()


def test_an_iterable_streams_too():
    batches = [Batch(np.full((4, 2, 2, 1), i, np.uint8)) for i in range(5)]
    made = data.load(batches)
    found = list(itertools.islice(data.stream(made, 4, 0, start_step=3), 4))
    assert [int(batch.real[0, 0, 0, 0]) for batch in found] == [3, 4, 0, 1]
    assert all(isinstance(batch.real, jax.Array) for batch in found)
    pair = next(data.stream(made, 4, 0, stacked=2))
    np.testing.assert_array_equal(pair.real, np.stack([batches[0].real, batches[1].real]))


def test_what_was_fetched_before_an_error_is_yielded_before_it():
    stream = data.stream(data.load(iter([Batch(np.full((4, 2), i / 9, np.float32)) for i in range(5)])), 4, 0)
    assert [round(9 * float(next(stream).real[0, 0])) for _ in range(5)] == list(range(5))
    with pytest.raises(ValueError, match="iterables ended before batch 5"):
        next(stream)


def test_an_end_within_a_stack_is_an_error():
    stream = data.stream(data.load(iter([Batch(np.zeros((4, 2), np.float32))] * 5)), 4, 0, stacked=3)
    next(stream)
    with pytest.raises(ValueError, match="iterables ended before batch 5"):
        next(stream)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 11}, "batch_size must be from 1 to 10, the size of numbered; got 11"),
        ({"start_step": -1}, "start_step must be a whole number of at least 0, got -1"),
        ({"stacked": 0}, "stacked must be a whole number of at least 1, got 0"),
        ({"workers": -1}, "workers must be a whole number of at least 0, got -1"),
        ({"ahead": 0}, "ahead must be a whole number of at least 1, got 0"),
    ],
)
def test_wrong_numbers_are_errors_before_iteration(options, message):
    with pytest.raises(ValueError, match=message):
        data.stream(**{"dataset": numbered(), "batch_size": 4, "seed": 0} | options)


def test_an_iterable_has_no_workers():
    made = data.load([Batch(np.zeros((4, 2), np.float32))])
    with pytest.raises(ValueError, match="iterables is read in this process: workers must be 0, got 2"):
        data.stream(made, 4, 0, workers=2)


@pytest.mark.parametrize(("n", "first"), [(None, None), (3, "streamed"), (3, "repeated")])
@pytest.mark.parametrize("wrap", [jaxgan.jitted, jaxgan.pmapped, jaxgan.sharded])
def test_a_streamed_step_is_the_step_on_decoded_batches(wrap, n, first):
    dataset = numbered(29)
    step = data.streamed(echo) if first != "repeated" else data.streamed(jaxgan.repeated(echo, n))
    step = wrap(jaxgan.repeated(step, n) if first == "streamed" else step)
    stream, state = data.stream(dataset, SIZE, 3, start_step=12, stacked=n), state_at(12)
    batches = dataset.batches(SIZE, 3, start_step=12)
    for _ in range(3):
        state, seen = step(state, next(stream), jax.random.key(0))
        expected = next(batches) if n is None else jax.tree.map(lambda *x: np.stack(x), *itertools.islice(batches, n))
        equal(seen, {"real": expected.real, "condition": expected.condition})
    stream.close()


def test_a_step_that_draws_its_own_batch_cannot_be_streamed():
    with pytest.raises(ValueError, match="streamed needs a step that takes a batch, got one that draws its own"):
        data.streamed(data.resident(echo, batch_size=4))
