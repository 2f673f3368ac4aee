"""Every kind of data set gives the same batches on every way to the device, bit for bit."""

import itertools
import pickle
import subprocess
import sys
from dataclasses import replace

import jax
import numpy as np
import pytest
from data_for_tests import equal, state_at
from jax import lax
from tiers import mostly_slow

import jaxgan
from jaxgan import data
from jaxgan.data import Dataset, Unpaired, media
from jaxgan.devices import AXIS, mapped_axis

SIZE, SEED, START = 8, 3, 5
random = np.random.default_rng(0)


def integers(rows, *shape, kind=np.uint8):
    info = np.iinfo(kind)
    return random.integers(info.min, info.max, (rows, *shape), kind, endpoint=True)


def floats(rows, *shape):
    return random.uniform(-1, 1, (rows, *shape)).astype(np.float32)


def images(rows, mirror=False):
    return Dataset("images", integers(rows, 4, 6, 3), mirror=mirror)


TOKENS = random.integers(5, size=(21, 7), dtype=np.int32)
SETS = {
    "labelled": Dataset("x", integers(21, 4, 6, 3), np.arange(21, dtype=np.int32) % 4, 4),
    "vectors": Dataset("x", floats(21, 2), floats(21, 3)),
    "tree": Dataset("x", {"left": integers(21, 4, 4, 1), "right": integers(21, 2, 6, 3)}, {"pose": floats(21, 2, 2)}),
    "pairs": data.pairs(images(21, mirror=True), Dataset("y", floats(21, 4, 6, 1), mirror=True)),
    "unpaired": data.unpaired(images(13, mirror=True), images(21, mirror=True)),
    "tokens": Dataset("x", TOKENS, medium=media.tokens(tuple("abcde"))),
    "sound": Dataset("x", integers(21, 10, 2, kind=np.int16), medium=media.sound(8000)),
    "clips": Dataset("x", integers(21, 3, 4, 4, 1), mirror=True),
    "16 bits": Dataset("x", integers(21, 4, 6, 3, kind=np.uint16), mirror=True),
    "cropped": Dataset("x", integers(21, 5, 7, 3), np.arange(21, dtype=np.int32) % 4, 4, crop=(4, 5)),
    "cropped pairs": data.pairs(*(Dataset("x", integers(21, 6, 7, n), mirror=True, crop=4) for n in (3, 1))),
    "cropped pairs of two sizes": replace(
        data.pairs(*(Dataset("x", integers(21, 3 * n, 4 * n, 1), mirror=True) for n in (2, 4))), crop=4
    ),
    "cropped unpaired": data.unpaired(*(Dataset("x", integers(n, n, 7, 1), mirror=True, crop=4) for n in (13, 21))),
    "cropped clips": Dataset("x", integers(21, 3, 6, 5, 1), crop=(2, 5)),
    "captions": data.pairs(Dataset("x", TOKENS, medium=media.tokens(tuple("abcde"))), images(21)),
}
every = pytest.mark.parametrize("dataset", SETS.values(), ids=SETS)


def mapped(folder, dataset):
    """The same rows in files."""
    counter = itertools.count()

    def saved(array):
        path = folder / f"{next(counter)}.npy"
        np.save(path, array)
        return np.load(path, mmap_mode="r")

    return replace(dataset, real=jax.tree.map(saved, dataset.real), condition=jax.tree.map(saved, dataset.condition))


def echo(state, batch, key):
    """A step that reports every leaf of its batch."""
    leaves = jax.tree.leaves(batch)
    if mapped_axis() is not None:
        leaves = [lax.all_gather(leaf, AXIS, tiled=True) for leaf in leaves]
    return state._replace(step=state.step + 1), {str(i): leaf.astype(float) for i, leaf in enumerate(leaves)}


def reported(step, arguments, count):
    state, seen = state_at(START), []
    for argument in itertools.islice(arguments, count):
        state, leaves = step(state, argument, jax.random.key(0))
        seen.append([np.asarray(leaves[str(i)]) for i in range(len(leaves))])
    return seen


def expected(dataset, count):
    batches = itertools.islice(dataset.batches(SIZE, SEED, START), count)
    return [[leaf.astype(np.float32) for leaf in jax.tree.leaves(batch)] for batch in batches]


@every
@mostly_slow("wrap", [jaxgan.jitted, jaxgan.pmapped, jaxgan.sharded], quick=1)
def test_a_resident_step_draws_the_batches_of_the_host(dataset, wrap):
    drawing = data.resident(echo, batch_size=SIZE, seed=SEED, decode=dataset.decode, crop_rows=dataset.crop_rows)
    step = wrap(drawing)
    equal(reported(step, itertools.repeat(dataset.on_device()), 7), expected(dataset, 7))


@every
@pytest.mark.parametrize("where", ["memory", "file"])
def test_a_streamed_step_is_given_the_batches_of_the_host(dataset, where, tmp_path):
    held = mapped(tmp_path, dataset) if where == "file" else dataset
    assert held.mapped == (where == "file")
    equal(expected(held, 7), expected(dataset, 7))
    stream = data.stream(held, SIZE, SEED, start_step=START)
    equal(reported(jaxgan.jitted(data.streamed(echo, decode=held.decode)), stream, 7), expected(dataset, 7))
    stream.close()
    stacked = data.stream(held, SIZE, SEED, start_step=START, stacked=3)
    step = jaxgan.jitted(jaxgan.repeated(data.streamed(echo, decode=held.decode), 3))
    (leaves,) = reported(step, stacked, 1)
    equal(leaves, [np.stack(each) for each in zip(*expected(dataset, 3), strict=True)])
    stacked.close()


SCRIPT = """
import itertools, pickle, sys
import jax, numpy as np
from jaxgan import data

if __name__ == "__main__":
    with open(sys.argv[1], "rb") as file:
        sets = pickle.load(file)
    for dataset in sets:
        stream = data.stream(dataset, 8, 3, start_step=5, workers=1, place=lambda batch: batch)
        for batch, other in itertools.islice(zip(stream, dataset.batches(8, 3, 5)), 4):
            jax.tree.map(np.testing.assert_array_equal, dataset.decode(batch), other)
        stream.close()
"""


@pytest.mark.slow
def test_processes_yield_the_same_batches(tmp_path):
    sets = [SETS["unpaired"], SETS["labelled"]]
    for name, dataset in SETS.items():
        (tmp_path / name).mkdir()
        sets.append(mapped(tmp_path / name, dataset))
    (tmp_path / "sets.pickle").write_bytes(pickle.dumps(sets))
    (tmp_path / "script.py").write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, tmp_path / "script.py", tmp_path / "sets.pickle"], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


@every
def test_a_batch_of_an_iterable_is_decoded_as_that_of_the_data_set(dataset):
    batches = [dataset.take(dataset.index(SIZE, SEED, step)) for step in range(2)]
    made = data.IterableDataset("x", batches, dataset.num_classes, dataset.medium, dataset.condition_medium)
    equal(list(itertools.islice(made.batches(SIZE, 0), 2)), list(itertools.islice(dataset.batches(SIZE, SEED), 2)))
    assert made.shape == dataset.shape


def test_shapes_are_those_of_decoded_rows():
    assert SETS["tokens"].shape == (7, 5)
    assert SETS["sound"].shape == (10, 2)
    assert SETS["tree"].shape == {"left": (4, 4, 1), "right": (2, 6, 3)}
    assert SETS["unpaired"].shape == Unpaired((4, 6, 3), (4, 6, 3))


@pytest.mark.parametrize("name", ["labelled", "tree", "unpaired"])
def test_every_array_counts_for_the_fingerprint(name):
    dataset = SETS[name]
    known = {data.describe(dataset)["fingerprint"]}
    leaves, structure = jax.tree.flatten((dataset.real, dataset.condition))
    for i, leaf in enumerate(leaves):
        real, condition = jax.tree.unflatten(structure, [*leaves[:i], leaf[::-1].copy(), *leaves[i + 1 :]])
        known.add(data.describe(replace(dataset, real=real, condition=condition))["fingerprint"])
    assert len(known) == 1 + len(leaves)


def test_fingerprints_are_those_of_version_before_media():
    """Saved runs know their data by these numbers, which the version before media computed."""
    rows = np.arange(60, dtype=np.uint8).reshape(5, 3, 4, 1)
    labelled = data.load((rows, np.array([0, 1, 1, 0, 2])), mirror=True)
    vectors = data.load((rows, np.arange(10.0).reshape(5, 2)))
    assert [data.describe(x)["fingerprint"] for x in (data.load(rows), labelled, vectors, data.load("ring"))] == [
        "0dfdf506b291f061f52887813e0ab7db",
        "7e80e7bf80a8120647bb3c0f2d489e37",
        "f1868d02ddbf20c1b4f8058ad880999a",
        "dda6c94443be3b6b0db97ea15141318c",
    ]
