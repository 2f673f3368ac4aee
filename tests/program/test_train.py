"""The program as a function: callbacks, data of one's own, what comes back; and what it prints for whom."""

import json
import os
import signal
import sys
from functools import partial

import jax
import numpy as np
import pytest
from PIL import Image
from recipes_for_tests import configured, prepare
from train_in_processes import Small

import jaxgan
from jaxgan.core import Batch
from jaxgan.observe.gallery import Gallery
from jaxgan.observe.stored import Opened
from jaxgan.program.run import run_session

SMALL = jaxgan.preset("ring").replace(
    generator_hidden=(8,), discriminator_hidden=(8,), batch_size=8, steps=6, standardize=False, octaves=0,
    octave_falloff=0.0, octave_opening=(0.0, 0.0), instance_noise=0.0, instance_noise_share=0.0,
    steps_per_call=1, log_every=2, sample_every=6, checkpoint_every=6,
)  # fmt: skip
RING = jaxgan.data.load("ring")


@pytest.mark.slow
def test_callbacks_see_numbers_and_state_and_the_state_comes_back(tmp_path):
    seen = []

    def look(progress):
        samples = progress.algorithm.sample(progress.state, jax.random.key(0), 3)
        seen.append((progress.step, int(progress.state.step), sorted(progress.info)[0], samples.shape))

    trained = jaxgan.train(SMALL, out=tmp_path, name="mine", callbacks=[look], show="none")
    assert seen == [(step, step, "fake_logits", (3, 2)) for step in (2, 4, 6)]
    assert int(trained.state.step) == 6
    assert trained.folder == tmp_path / "00000-mine"
    assert trained.algorithm.sample(trained.state, jax.random.key(0), 5).shape == (5, 2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: jaxgan.train("digits"), r"write preset\('digits'\)"),
        (
            lambda: jaxgan.train(SMALL, callbacks=print),
            "callbacks must be a list of functions .* got the function print",
        ),
        (lambda: jaxgan.train(SMALL, callbacks=[3]), "callbacks must be a list of functions .* got list"),
        (
            lambda: jaxgan.train(jaxgan.Experiment(RING, None)),
            r"what jaxgan\.algorithm\(\.\.\.\) returns, got NoneType",
        ),
        (lambda: jaxgan.train(Opened(*[None] * 5)), r"pass run\.recipe"),
    ],
)
@pytest.mark.usefixtures("without_shape_checks")
def test_what_cannot_be_trained_is_told_before_a_run_begins(call, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TypeError, match=message):
        call()
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_callback_stops_the_run_which_goes_on_where_it_stopped(tmp_path, capsys):
    calls = []
    stop = [lambda progress: calls.append(progress.step) or progress.step == 2, lambda p: calls.append("other")]
    stopped = jaxgan.train(SMALL, out=tmp_path, callbacks=stop, show="json")
    assert calls == [2, "other"]
    assert int(stopped.state.step) == 2
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["event"] == "stopped"
    resumed = jaxgan.train(SMALL, out=tmp_path, resume="newest", show="none")
    whole = jaxgan.train(SMALL, out=tmp_path, name="whole", show="none")
    assert resumed.folder == stopped.folder
    jax.tree.map(np.testing.assert_array_equal, resumed.state, whole.state)
    assert "goes on from step 2\n" in (resumed.folder / "log.txt").read_text()
    assert "goes on from" not in (whole.folder / "log.txt").read_text()


@pytest.mark.slow
def test_arrays_and_iterables_of_batches_as_data(tmp_path):
    points = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
    given = jaxgan.train(SMALL, dataset=jaxgan.data.load(points), out=tmp_path, show="none")
    assert int(given.state.step) == 6
    batches = [Batch(points[i : i + 8]) for i in range(0, 40, 8)]
    streamed = jaxgan.train(SMALL, dataset=jaxgan.data.load(batches), out=tmp_path, show="none")
    assert int(streamed.state.step) == 6
    record = json.loads((streamed.folder / "config.json").read_text())
    assert record["data"].items() >= {"shape": [2], "num_classes": None, "rows": None, "fingerprint": None}.items()


@pytest.mark.slow
@pytest.mark.parametrize("wrapper", ["jit", "pmap", "sharded"])
def test_a_streamed_run_that_was_stopped_equals_a_resident_one_bit_for_bit(tmp_path, wrapper):
    of = SMALL.replace(wrapper=wrapper, steps_per_call=2)
    resident = jaxgan.train(of.replace(input="resident"), out=tmp_path, show="none").state
    streamed = of.replace(input="stream")
    stopped = jaxgan.train(streamed, out=tmp_path, callbacks=[lambda progress: progress.step == 2], show="none")
    resumed = jaxgan.train(streamed, out=tmp_path, resume=stopped.folder, show="none").state
    jax.tree.map(np.testing.assert_array_equal, *map(jax.device_get, (resident, resumed)))


@pytest.mark.slow
def test_a_run_whose_state_is_split_over_devices_continues_bit_for_bit(tmp_path):
    of = SMALL.replace(wrapper="fully_sharded", generator_hidden=(256, 256))
    whole = jaxgan.train(of, out=tmp_path, show="none")
    stopped = jaxgan.train(of, out=tmp_path, callbacks=[lambda progress: progress.step == 2], show="none")
    resumed = jaxgan.train(of, out=tmp_path, resume=stopped.folder, show="none")
    jax.tree.map(np.testing.assert_array_equal, *(jax.device_get(run.state) for run in (whole, resumed)))
    kernel = resumed.state.params.generator["Dense_1"]["kernel"]
    assert kernel.addressable_shards[0].data.size == kernel.size // len(jax.devices())
    alone = jaxgan.train(of.replace(wrapper="jit"), out=tmp_path, show="none")
    jax.tree.map(partial(np.testing.assert_allclose, rtol=1e-3, atol=1e-5), resumed.state, alone.state)


@pytest.mark.slow
def test_the_hot_loop_transfers_nothing_by_accident(tmp_path):
    session = prepare(SMALL, name="x", out=tmp_path)

    def careless(state, dataset, key):
        return session.step(state, jax.tree.map(np.asarray, dataset), key)

    with pytest.raises(Exception, match="Disallowed host-to-device transfer"):
        run_session(session._replace(step=careless), show="none")


@pytest.mark.slow
@pytest.mark.parametrize("show", ["text", "json", "none"])
def test_what_is_printed(tmp_path, capsys, show):
    folder = jaxgan.train(SMALL, out=tmp_path, show=show).folder
    lines = capsys.readouterr().out.splitlines()
    if show == "none":
        assert lines == []
    elif show == "json":
        events = [json.loads(line) for line in lines]
        assert [e["event"] for e in events][:4] == ["start", "data", "measures", "compiled"]
        assert events[-1] == {"event": "finished", "step": 6, "seconds": events[-1]["seconds"], "run": str(folder)}
        assert {"loss_generator", "seconds_left", "step"} <= next(e for e in events if e["event"] == "step").keys()
    else:
        assert "step 2/6" in "\n".join(lines)
        assert "D(real)" in "\n".join(lines)
        assert lines[-1].endswith(f"all of it is in {folder}")
    log = (folder / "log.txt").read_text()
    assert "step 2/6" in log
    assert log.splitlines()[-1].endswith(f"all of it is in {folder}")


@pytest.mark.slow
def test_a_run_without_a_checkpoint_starts_again(tmp_path, capsys):
    session = prepare(SMALL, name="x", out=tmp_path)
    with session.lock:  # its program is killed
        pass
    again = jaxgan.train(SMALL, out=tmp_path, name="x", resume="newest", show="text")
    assert again.folder == session.run.folder
    assert "has no checkpoint yet: it starts again at step 0" in capsys.readouterr().out


@pytest.mark.slow
def test_a_damaged_checkpoint_is_moved_aside_and_told(tmp_path, capsys):
    often = SMALL.replace(checkpoint_every=2)
    whole = jaxgan.train(often, out=tmp_path, show="none")
    (whole.folder / "checkpoints" / "6" / "_CHECKPOINT_METADATA").write_text("")
    resumed = jaxgan.train(often, out=tmp_path, resume=whole.folder, show="text")
    said = capsys.readouterr().out
    assert "the checkpoint of step 6 is damaged (1 of its files are altered" in said
    assert "going on from step 4" in said
    assert (whole.folder / "damaged-checkpoints" / "6").is_dir()
    jax.tree.map(np.testing.assert_array_equal, resumed.state, whole.state)


@pytest.mark.slow
def test_files_that_are_left_out_are_told(tmp_path, capsys):
    (tmp_path / "faces").mkdir()
    for i in range(10):
        Image.new("L", (8, 8), i).save(tmp_path / "faces" / f"{i}.png")
    (tmp_path / "faces" / "broken.png").touch()
    small = configured(data=f"folder:{tmp_path / 'faces'}", width=4, batch_size=4, steps=1, log_every=1)
    folder = jaxgan.train(small, out=tmp_path / "runs", show="text").folder
    expected = "1 file cannot be used and is left out:\n  broken.png: empty file"
    assert expected in capsys.readouterr().out
    assert expected in (folder / "log.txt").read_text()


def diverging_at(session, when, *, once=False):
    """A session whose step `when` has a loss that is not a number; with `once`, only before it was rolled back."""
    seen = []

    def step(state, *rest):
        state, infos = session.step(state, *rest)
        if int(state.step) == when and not (once and seen):
            seen.append(when)
            zero = infos["loss_generator"] - infos["loss_generator"]
            infos = infos | {"loss_generator": zero / zero}
        return state, infos

    return session._replace(step=step)


OFTEN = SMALL.replace(checkpoint_every=2)


def test_divergence_stops_the_run_and_keeps_its_checkpoints(tmp_path):
    session = prepare(OFTEN, name="x", out=tmp_path)
    with pytest.raises(FloatingPointError, match="step 4: loss_generator not finite"):
        run_session(diverging_at(session, 4), show="none")
    assert {f.name for f in session.run.checkpoints.iterdir()} == {"2"}


@pytest.mark.slow
def test_divergence_rolls_back_and_goes_on_with_other_random_numbers(tmp_path, capsys):
    config = OFTEN.replace(log_every=1, on_divergence="rollback")
    session = prepare(config, name="x", out=tmp_path)
    state = run_session(diverging_at(session, 4, once=True), show="text")
    assert "rolled back to step 2, with other random numbers (1 of 3 times)" in capsys.readouterr().out
    lines = map(json.loads, session.run.metrics.read_text().splitlines())
    assert [line["step"] for line in lines if "loss_generator" in line] == [1, 2, 3, 4, 5, 6]
    plain = jaxgan.train(OFTEN, out=tmp_path, name="plain", show="none").state
    assert not np.array_equal(state.params.generator["Dense_0"]["kernel"], plain.params.generator["Dense_0"]["kernel"])
    again = jaxgan.train(config, out=tmp_path, resume=session.run.folder, show="none").state
    jax.tree.map(np.testing.assert_array_equal, again, state)


@pytest.mark.slow
def test_a_run_is_not_rolled_back_for_ever(tmp_path):
    session = prepare(OFTEN.replace(on_divergence="rollback"), name="x", out=tmp_path)
    with pytest.raises(FloatingPointError, match="step 4: loss_generator not finite"):
        run_session(diverging_at(session, 4), show="none")
    assert json.loads((session.run.folder / "rollbacks.json").read_text()) == {"times": 3, "step": 2}


@pytest.mark.slow
def test_divergence_is_told_and_the_run_goes_on_without_that_checkpoint(tmp_path, capsys):
    session = prepare(OFTEN.replace(on_divergence="continue"), name="x", out=tmp_path)
    assert int(run_session(diverging_at(session, 4), show="text").step) == 6
    assert "step 4: divergence: loss_generator is nan; training diverges" in capsys.readouterr().out
    assert {f.name for f in session.run.checkpoints.iterdir()} == {"2", "6"}


@pytest.mark.slow
def test_collapse_is_told_in_words(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys.modules["jaxgan.diagnostics.watch"], "EARLIEST", 6)
    session = prepare(SMALL, name="x", out=tmp_path)
    collapsed = session.experiment.algorithm._replace(sample=lambda state, key, n, _: np.full((n, 2), 0.1, np.float32))
    experiment = session.experiment._replace(algorithm=collapsed)
    folder = run_session(session._replace(experiment=experiment), show="text") and session.run.folder
    said = capsys.readouterr().out
    assert "step 6: mode collapse: pairs of samples lie 0 times as far apart as pairs of data" in said
    assert "the generator repeats itself: try a slower generator: --generator-rate 0.00025" in said
    assert "mode collapse" in (folder / "log.txt").read_text()


@pytest.mark.slow
def test_what_a_notebook_shows_is_short_and_has_the_newest_picture(tmp_path):
    trained = jaxgan.train(SMALL.replace(steps=2, log_every=1, sample_every=2), out=tmp_path, show="none")
    assert repr(trained) == f"Trained(step=2, folder='{trained.folder}')"
    assert "data:image/png;base64," in trained._repr_html_()
    assert repr(jaxgan.open(trained.folder)) == f"Opened(recipe=GAN(...), step=2, folder='{trained.folder}')"
    assert repr(trained.state).startswith("GANState(step=2, parameters: generator ")
    assert len(repr(trained.state)) < 100
    assert repr(jaxgan.data.load("ring")) == "Dataset('ring', 100,000 points of shape (2,), 8 classes)"


@pytest.mark.slow
def test_a_signal_while_a_state_is_drawn_leaves_a_checkpoint(tmp_path, monkeypatch):
    draw = Gallery.draw

    def interrupted(gallery, state):
        if int(state.step) == 3:
            os.kill(os.getpid(), signal.SIGTERM)
        return draw(gallery, state)

    monkeypatch.setattr(Gallery, "draw", interrupted)
    program = jaxgan.Program(batch_size=8, steps=100, sample_every=3)
    trained = jaxgan.train(Small("pool"), program, out=tmp_path, show="none")
    assert int(trained.state.step) == 4
    assert [folder.name for folder in (trained.folder / "checkpoints").iterdir()] == ["4"]
