"""What a run keeps: whole files below any path, one program at a time, nothing that is not finite, nothing twice."""

import json
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from kill import points
from recipes_for_tests import prepare
from side_files import CONFIG

import jaxgan
from jaxgan import Average, GANState, Players
from jaxgan.errors import InputError
from jaxgan.files import json_text, write_whole
from jaxgan.observe.gallery import Gallery
from jaxgan.program.run import run_session
from jaxgan.runs import checkpoints, metrics_file, run_folder
from jaxgan.runs.tensorboard import TensorBoard

SMALL = CONFIG.replace(steps=6, log_every=1, sample_every=6)


def state_of(value, step=2):
    params = Players({"w": jnp.full(3, value)}, {"w": jnp.ones(3)})
    return GANState(jnp.asarray(step), params, Players({}, {}), Average({"w": jnp.ones(3)}, {}), {})


@pytest.mark.parametrize("name", ["my runs [v2]", "a\\b", "a**b", "q?x", "{x}", "plain"])
def test_checkpoints_can_be_read_below_a_path_that_libraries_read_as_a_pattern(tmp_path, name):
    folder = tmp_path / name / "checkpoints"
    with checkpoints.manager(folder) as manager:
        checkpoints.save(manager, state_of(0.25), every=2)
    with checkpoints.manager(folder) as manager:
        np.testing.assert_array_equal(checkpoints.restore(manager, state_of(0.0)).state.params.generator["w"], 0.25)
    assert (folder / "2" / "digests.json").is_file()


def test_the_first_checkpoint_of_a_run_is_read_back(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints, "restore", lambda *_: checkpoints.Restored(state_of(9.0), []))
    manager = checkpoints.manager(tmp_path / "checkpoints")
    with manager, pytest.raises(OSError, match="holds other numbers than were written"):
        checkpoints.save(manager, state_of(0.25), every=2)


def test_what_others_leave_in_a_checkpoint_does_no_harm(tmp_path):
    with checkpoints.manager(tmp_path / "checkpoints") as manager:
        checkpoints.save(manager, state_of(0.25), every=2)
        (tmp_path / "checkpoints" / "2" / ".DS_Store").write_text("x")
        assert checkpoints.restore(manager, state_of(0.0)).damaged == []


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_state_that_is_not_finite_is_found(bad):
    assert checkpoints.is_finite(state_of(1.0))
    assert not checkpoints.is_finite(state_of(bad))


def spoiling(session, step):
    """The session, whose parameters are not finite after a step; its numbers are."""

    def spoiled(state, batch, key):
        state, info = session.step(state, batch, key)
        bad = jnp.where(state.step == step, jnp.nan, 0.0)
        return state._replace(params=jax.tree.map(lambda x: x + bad, state.params)), info

    return session._replace(step=jax.jit(spoiled))


@pytest.mark.slow
def test_a_state_that_is_not_finite_is_never_checkpointed(tmp_path):
    session = prepare(SMALL, name="x", out=tmp_path)
    with pytest.raises(FloatingPointError, match="step 4: the state is not finite"):
        run_session(spoiling(session, 4), show="none")
    assert [path.name for path in session.run.checkpoints.iterdir()] == ["2"]


@pytest.mark.slow
def test_a_checkpoint_that_fails_again_is_set_aside_for_the_one_before(tmp_path):
    """Step 6 always fails: from the checkpoint of step 4, and then from that of step 2."""
    session = prepare(SMALL.replace(on_divergence="rollback"), name="x", out=tmp_path)
    with pytest.raises(FloatingPointError, match="step 6"):
        run_session(spoiling(session, 6), show="none")
    went_back = (session.run.folder / "log.txt").read_text()
    assert "rolled back to step 4" in went_back
    assert "rolled back to step 2" in went_back
    assert (session.run.folder / "damaged-checkpoints" / "4").is_dir()


@pytest.mark.slow
def test_two_programs_cannot_train_one_run(tmp_path):
    session = prepare(SMALL, name="x", out=tmp_path)
    with pytest.raises(InputError, match="is being trained by another program"):
        prepare(SMALL, name="x", out=tmp_path, resume=session.run.folder)
    with session.lock:
        pass
    with prepare(SMALL, name="x", out=tmp_path, resume=session.run.folder).lock:
        pass


def test_the_lock_ends_with_its_program_however_that_ends(tmp_path):
    script = f"""
import os, pathlib, signal
from jaxgan.runs.run_folder import Lock
held = Lock(pathlib.Path({str(tmp_path)!r}))
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", script], check=False)
    with run_folder.Lock(tmp_path):
        pass


@pytest.mark.slow
def test_a_resume_keeps_the_environment_of_the_start_and_adds_its_own(tmp_path):
    folder = jaxgan.train(SMALL.replace(steps=2), out=tmp_path, show="none").folder
    config = folder / "config.json"
    record = json.loads(config.read_text())
    config.write_text(json.dumps(record | {"environment": {"device": "another"}}))
    jaxgan.train(SMALL, out=tmp_path, resume=folder, show="none")
    record = json.loads(config.read_text())
    assert record["environment"] == {"device": "another"}
    assert [each["step"] for each in record["resumed"]] == [2]
    assert record["resumed"][0]["environment"]["jax"] == jax.__version__


@pytest.mark.slow
def test_fewer_steps_than_were_taken_are_refused(tmp_path):
    folder = jaxgan.train(SMALL, out=tmp_path, show="none").folder
    with pytest.raises(InputError, match="steps=4 is less than the 6 steps"):
        jaxgan.train(SMALL.replace(steps=4), out=tmp_path, resume=folder, show="none")


def test_numbers_that_are_not_finite_are_null_in_json():
    text = json_text({"a": float("nan"), "b": [float("inf"), 1.5], "c": {"d": float("-inf")}})
    assert json.loads(text, parse_constant=pytest.fail) == {"a": None, "b": [None, 1.5], "c": {"d": None}}


def test_a_file_is_whole_or_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "x.json"
    write_whole(path, "before")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("jaxgan.files.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, "after")
    assert path.read_text() == "before"


def test_damaged_lines_are_taken_apart_or_left_out(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"step": 1, "a": 1}{"step": 2, "a": 2}\n[3]\n{"step": 3, "a"\n{"step": 4, "a": NaN}\n')
    records, unreadable = metrics_file.read(path)
    assert [record["step"] for record in records] == [1, 2, 4]
    assert unreadable == 2
    assert metrics_file.cut(path, 2) == 2
    assert path.read_text() == '{"step": 1, "a": 1}\n{"step": 2, "a": 2}\n'


def test_what_was_written_after_the_checkpoint_is_cut_by_its_size(tmp_path):
    path = tmp_path / "metrics.jsonl"
    metrics_file.append(path, {"step": 2, "a": 1})
    size = path.stat().st_size
    metrics_file.append(path, {"step": 2, "modes": 8})
    metrics_file.cut(path, 2, size)
    assert path.read_text() == '{"step": 2, "a": 1}\n'


def test_tensorboard_takes_back_what_came_after_a_rollback(tmp_path):
    board = TensorBoard(tmp_path / "events", start=0)
    for step in (1, 2, 3):
        board.numbers(step, {"loss": float(step)})
    board.go_back(1)
    board.numbers(2, {"loss": 20.0})
    board.close()
    assert points(tmp_path / "events") == {("loss", 1): 1.0, ("loss", 2): 20.0}


def test_points_of_tensorboard_are_on_disk_when_they_are_written(tmp_path):
    board = TensorBoard(tmp_path / "events", start=0)
    for step in range(30):
        board.numbers(step, {"loss": float(step)})
    assert points(tmp_path / "events") == {("loss", step): float(step) for step in range(30)}
    board.close()


@pytest.mark.slow
def test_findings_are_kept_with_their_sentences(tmp_path, capsys):
    session = prepare(SMALL.replace(on_divergence="continue"), name="x", out=tmp_path)

    def diverging(state, batch, key):
        state, info = session.step(state, batch, key)
        return state, info | {"loss_generator": jnp.where(state.step == 3, jnp.nan, info["loss_generator"])}

    run_session(session._replace(step=jax.jit(diverging)), show="json")
    events = [json.loads(line, parse_constant=pytest.fail) for line in capsys.readouterr().out.splitlines()]
    found = [event for event in events if event["event"] == "finding"]
    assert found[0]["name"] == "divergence"
    assert "loss_generator is nan" in found[0]["sentence"]
    lines = metrics_file.read(session.run.metrics).records
    assert any(line.get("finding") == "divergence" and line["step"] == 3 for line in lines)


@pytest.mark.slow
def test_a_picture_that_fails_is_a_note_and_the_run_goes_on(tmp_path, monkeypatch, capsys):
    def fail(self, state):
        raise OSError(28, "No space left on device")

    session = prepare(SMALL, name="x", out=tmp_path)
    monkeypatch.setattr(Gallery, "draw", fail)
    assert int(run_session(session, show="text").step) == 6
    assert "step 6: no picture: No space left on device" in capsys.readouterr().out
