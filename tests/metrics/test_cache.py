"""The cache of arrays: found again, never when stale or damaged."""

import numpy as np
import pytest

from jaxgan.metrics.cache import digest, kept


@pytest.fixture
def ask(tmp_path):
    """Ask for what a key decides; the answer says how often it was made."""
    made = []

    def make():
        made.append(1)
        return {"deep": {"count": np.arange(3) + len(made)}, "number": np.float64(0.25)}

    def ask(**key):
        found = kept("a name: with / in it", key, make, cache_dir=tmp_path)
        assert found["number"] == 0.25
        return found["deep"]["count"][0]

    return ask


def test_it_is_made_once_for_each_key(ask, tmp_path):
    assert [ask(seed=0), ask(seed=0), ask(seed=1), ask(seed=0)] == [1, 1, 2, 1]
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:-1],
        lambda content: content[:70],
        lambda content: content[:10],
        lambda content: b"",
        lambda content: content[:-1] + bytes([content[-1] ^ 1]),
        lambda content: bytes([content[0] ^ 1]) + content[1:],
    ],
)
def test_a_damaged_file_is_made_anew(ask, tmp_path, damage):
    ask(seed=0)
    (file,) = tmp_path.iterdir()
    file.write_bytes(damage(file.read_bytes()))
    assert [ask(seed=0), ask(seed=0)] == [2, 2]
    assert list(tmp_path.iterdir()) == [file]


def test_the_digest_sees_values_places_shapes_and_types():
    zeros = np.zeros((2, 3), np.float32)
    trees = [zeros, zeros.T, zeros.astype(np.int32), zeros + np.eye(2, 3, dtype=np.float32), [zeros], [zeros, zeros]]
    trees += [{"a": zeros}, {"b": zeros}, np.float32(0), np.zeros(0)]
    assert len({digest(tree) for tree in trees}) == len(trees)
    assert digest(np.asfortranarray(zeros)) == digest(zeros)


def test_the_digest_of_large_arrays_sees_every_block(monkeypatch):
    rows = np.arange(40).reshape(10, 4)
    whole = digest(rows)
    monkeypatch.setattr("jaxgan.metrics.cache.BLOCK", 64)
    assert digest(rows) == whole
    for i in range(10):
        changed = rows.copy()
        changed[i, 3] += 1
        assert digest(changed) != whole
