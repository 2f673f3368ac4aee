"""Checkpoints: what is kept, and what happens when files are cut short or altered."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.core import Average, GANState, Players
from jaxgan.runs import checkpoints


def state_of(step):
    params = Players({"a": jnp.full((64, 64), step / 7)}, {"b": jnp.arange(5.0) + step})
    return GANState(jnp.asarray(step, jnp.int32), params, Players({}, {}), Average(params.generator, {}), params)


def saved(folder, steps, every=10):
    with checkpoints.manager(folder) as manager:
        for step in steps:
            checkpoints.save(manager, state_of(step), every=every)
    return folder


def restored(folder, step=None):
    with checkpoints.manager(folder) as manager:
        return checkpoints.restore(manager, jax.eval_shape(lambda: state_of(0)), step=step)


def test_round_trip_to_the_bit(tmp_path):
    saved(tmp_path, [10, 20])
    for step, expected in ((None, 20), (10, 10)):
        state, damaged = restored(tmp_path, step)
        jax.tree.map(np.testing.assert_array_equal, state, state_of(expected))
        assert not damaged


@pytest.mark.parametrize(
    ("newest", "expected"),
    [
        (1, [1]),
        (8, [1, 2, 3, 4, 5, 6, 7, 8]),
        (9, [2, 4, 6, 8, 9]),
        (16, [2, 4, 6, 8, 10, 12, 14, 15, 16]),
        (100, [16, 32, 48, 64, 80, 96, 99, 100]),
    ],
)
def test_the_history_thins_itself_and_keeps_the_newest_two(newest, expected):
    there = set()
    for step in range(1, newest + 1):
        there = checkpoints.kept([*(10 * s for s in there), 10 * step], every=10)
        there = {step // 10 for step in there}
    assert sorted(there) == expected


def test_thinned_steps_are_deleted(tmp_path):
    saved(tmp_path, [10, 20, 25, 30, 40], every=20)
    assert {int(f.name) for f in tmp_path.iterdir()} == {20, 30, 40}


@pytest.mark.parametrize("damage", ["cut", "altered", "missing", "unfinished"])
def test_a_damaged_checkpoint_is_named_and_the_one_before_is_used(tmp_path, damage):
    folder = saved(tmp_path / "checkpoints", [10, 20])
    largest = max((f for f in (folder / "20").rglob("*") if f.is_file()), key=lambda f: f.stat().st_size)
    content = bytearray(largest.read_bytes())
    content[len(content) // 2] ^= 1
    if damage == "unfinished":
        (folder / "20" / checkpoints.DIGESTS).unlink()
    elif damage == "missing":
        largest.unlink()
    else:
        largest.write_bytes(content if damage == "altered" else content[: len(content) // 2])
    state, damaged = restored(folder)
    assert int(state.step) == 10
    assert [step for step, _ in damaged] == [20]
    reason = "cut short while it was written" if damage == "unfinished" else "altered or missing"
    assert reason in damaged[0].reason
    with pytest.raises(ValueError, match=reason):
        restored(folder, 20)
    with checkpoints.manager(folder) as manager:
        assert checkpoints.set_aside(manager, 20) == tmp_path / "damaged-checkpoints" / "20"
        assert list(manager.all_steps()) == [10]


def test_what_cannot_be_restored_is_refused_in_words(tmp_path):
    with pytest.raises(FileNotFoundError, match="no checkpoint in"):
        restored(tmp_path / "none")
    folder = saved(tmp_path / "checkpoints", [10, 20])
    with pytest.raises(FileNotFoundError, match=r"no checkpoint of step 15 in .*; there are those of 10, 20"):
        restored(folder, 15)
    for step in ("10", "20"):
        (folder / step / checkpoints.DIGESTS).write_text("{")
    with pytest.raises(ValueError, match=r"(?s)can be read:\n  step 20: digests.json .*\n  step 10: digests.json"):
        restored(folder)
