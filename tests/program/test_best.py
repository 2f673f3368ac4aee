"""The best state of a run: its own record, whatever is killed when."""

import os

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.core import Average, GANState, Players
from jaxgan.runs import checkpoints
from jaxgan.runs.best import Best


def state_of(step):
    params = Players({"a": jnp.full(3, step / 7)}, {"b": jnp.arange(2.0) + step})
    return GANState(jnp.asarray(step, jnp.int32), params, Players({}, {}), Average(params.generator, {}), params)


def record_of(step):
    return {"metric": "fid", "step": step, "value": 1.5 / step}


def check_holds(folder, step):
    """The best state, opened anew, is that of `step`, with the record of that step."""
    best = Best(folder)
    assert best.record == record_of(step)
    jax.tree.map(np.testing.assert_array_equal, best.restore(jax.eval_shape(lambda: state_of(0))), state_of(step))


def test_there_is_one_and_it_is_the_last_one_given(tmp_path):
    best = Best(tmp_path / "best")
    assert best.record is None
    assert not (tmp_path / "best").exists()
    for step in (10, 30, 20):  # a run that was rolled back comes by earlier steps again
        best.replace(state_of(step), record_of(step))
        check_holds(tmp_path / "best", step)
        assert len(list((tmp_path / "best").iterdir())) == 1


class KilledError(Exception):
    pass


def kill(*_, **__):
    raise KilledError


@pytest.mark.parametrize(
    ("place", "name", "left"),
    [
        (checkpoints.ocp.CheckpointManager, "save", 10),
        (checkpoints, "_digests", 10),
        (os, "replace", 10),
        (checkpoints.ocp.CheckpointManager, "delete", 20),
    ],
    ids=["before", "without its record", "without its digests", "before the old one is deleted"],
)
def test_a_kill_at_any_time_leaves_one_with_its_own_record(tmp_path, monkeypatch, place, name, left):
    Best(tmp_path).replace(state_of(10), record_of(10))
    with monkeypatch.context() as patched:
        patched.setattr(place, name, kill)
        with pytest.raises(KilledError):
            Best(tmp_path).replace(state_of(20), record_of(20))
    check_holds(tmp_path, left)
    Best(tmp_path).replace(state_of(20), record_of(20))
    check_holds(tmp_path, 20)
    assert len(list(tmp_path.iterdir())) == 1
