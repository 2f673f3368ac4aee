"""A fingerprint changes with anything in the rows or labels, and with nothing else."""

import hashlib
import warnings
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from jaxgan import data
from jaxgan.data import fingerprint
from jaxgan.data.fingerprint import digest

ROWS = np.random.default_rng(0).integers(256, size=(300, 4, 4, 1), dtype=np.uint8)
LABELS = np.arange(300) % 3


def of(*source, **options):
    return data.describe(data.load(source if len(source) > 1 else source[0], **options))["fingerprint"]


def changed(array, place):
    other = array.copy()
    other.flat[place] ^= 1
    return other


def test_every_change_is_noticed():
    prints = [
        of(ROWS),
        of(ROWS[::-1]),
        of(ROWS[:-1]),
        of(ROWS.reshape(300, 2, 8, 1)),
        of(ROWS, mirror=True),
        of(ROWS / np.float32(127.5) - 1),
        of(ROWS, LABELS),
        of(ROWS, LABELS[::-1]),
        of(changed(ROWS, 0)),
        of(changed(ROWS, 2000)),
        of(changed(ROWS, -1)),
    ]
    assert len(set(prints)) == len(prints)
    assert of(ROWS.copy()) == prints[0]
    assert of(np.asfortranarray(ROWS)) == prints[0]


def test_a_digest_is_that_of_all_bytes_in_order():
    assert digest(ROWS) == hashlib.blake2b(ROWS.tobytes(), digest_size=32).hexdigest()


def test_rows_beyond_the_limit_are_sampled_from_the_first_to_the_last(monkeypatch):
    monkeypatch.setattr(fingerprint, "WHOLE", 100)
    monkeypatch.setattr(fingerprint, "SAMPLE", 4)
    first = digest(ROWS)
    for row, noticed in ((0, True), (50, False), (99, True), (199, True), (298, False), (299, True)):
        assert (digest(changed(ROWS, row * 16)) != first) == noticed, row


@pytest.mark.parametrize("limit", [0, 2**30], ids=["memory-mapped", "in memory"])
def test_images_of_a_folder_have_one_wherever_they_lie_and_however_they_are_held(tmp_path, limit):
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        for i, row in enumerate(ROWS[:70]):
            Image.fromarray(row[..., 0]).save(tmp_path / name / f"{i:03}.png")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(2):
            assert of(f"folder:{tmp_path / 'here'}", cache_dir=tmp_path / "cache", memory_limit=limit) == of(ROWS[:70])
    monochrome = data.load(f"folder:{tmp_path / 'there'}")
    assert data.describe(monochrome)["fingerprint"] == of(ROWS[:70])
    assert data.describe(replace(monochrome, name="x"))["fingerprint"] == of(ROWS[:70])


def test_batches_that_someone_else_makes_have_none():
    assert of([data.iterable.Batch(ROWS)]) is None
