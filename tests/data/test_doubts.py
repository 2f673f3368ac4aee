"""What is looked at in data before a run, and kept in its records."""

import json

import numpy as np
import pytest

import jaxgan
from jaxgan.data import Dataset
from jaxgan.data.doubts import doubts
from jaxgan.program.preparation import prepare

RANDOM = np.random.default_rng(0)


def images(rows, *, low=0, high=256):
    return RANDOM.integers(low, high, (rows, 8, 8, 1)).astype(np.uint8)


def labelled(*counts):
    labels = np.repeat(np.arange(len(counts)), counts).astype(np.int32)
    return Dataset("x", images(len(labels)), labels, num_classes=len(counts))


@pytest.mark.parametrize(
    ("dataset", "text"),
    [
        (Dataset("x", images(20)), "x: 20 rows are few"),
        (Dataset("x", np.repeat(images(1), 600, axis=0)), "all rows are the same"),
        (Dataset("x", np.concatenate([images(597), np.full((3, 8, 8, 1), 7, np.uint8)])), "3 rows hold one value"),
        (Dataset("x", RANDOM.random((600, 8, 8, 1), np.float32)), "Black is -1, white is 1"),
        (Dataset("x", RANDOM.integers(0, 256, (600, 3, 8, 8)).astype(np.uint8)), "pass images.transpose(0, 2, 3, 1)"),
        (labelled(0, 600), "all rows with a label are of one class, 1"),
        (labelled(600, 50), "classes are very unequal: 600 rows of 0, 50 of 1"),
    ],
)
def test_each_is_told_in_a_sentence(dataset, text):
    (found,) = doubts(dataset)
    assert text in found


@pytest.mark.parametrize("name", ["digits", "ring", "grid", "stacked_digits"])
def test_bundled_data_are_not_doubted(name):
    assert doubts(jaxgan.data.load(name)) == []


def test_ordinary_data_are_not_doubted():
    floats = Dataset("x", RANDOM.uniform(-1, 1, (600, 8, 8, 1)).astype(np.float32))
    assert doubts(floats) == doubts(labelled(300, 300)) == doubts(labelled(500, 60)) == []


@pytest.mark.slow
def test_a_run_keeps_what_was_doubted(tmp_path):
    config = jaxgan.preset("digits").replace(condition="none", steps=1, batch_size=8, width=1)
    session = prepare(
        config.recipe,
        config.program,
        name="x",
        out=tmp_path,
        dataset=Dataset("x", images(20, high=200).repeat(2, 1).repeat(2, 2)),
    )
    session.lock.__exit__()
    assert any("20 rows are few" in note for note in session.notes)
    record = json.loads((session.run.folder / "config.json").read_text())
    assert any("20 rows are few" in text for text in record["data"]["doubts"])
