"""A run's numbers are means over the steps since the last report, of the steps in which each was computed."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from recipes_for_tests import build

import jaxgan
from jaxgan.diagnostics import Watch
from jaxgan.program.loop import Ticks
from jaxgan.program.sweep import run as sweep
from jaxgan.program.sweep.settings import Sweep
from jaxgan.recipes.recipe import DataShape
from jaxgan.runs import means
from jaxgan.runs.tensorboard import TensorBoard

LAZY = jaxgan.preset("ring").replace(
    generator_hidden=(8,), discriminator_hidden=(8,), batch_size=8, steps=18, steps_per_call=2, r1=0.5, r2=0.0,
    penalty_every=4, log_every=6, sample_every=18, checkpoint_every=4,
)  # fmt: skip


def infos_of(start, count):
    """Numbers of steps: `n` is the step itself, `lazy` the step where 16 divides it."""
    steps = np.arange(start, start + count, dtype=np.float32)
    due = (steps % 16 == 0).astype(np.float32)
    return {"n": jnp.asarray(steps), "lazy": jnp.asarray(steps * due), "lazy_due": jnp.asarray(due)}


@pytest.mark.parametrize("call", [1, 5])
def test_a_lazy_number_is_the_mean_of_the_steps_that_computed_it(call):
    """Every 16 steps, reported every 50: steps 0, 16, 32, 48, then 64, 80, 96; and none between 97 and 110."""
    lines, sums = {}, {}
    for step in range(0, 110, call):
        sums = means.added(sums, infos_of(step, call))
        if step + call in (50, 100, 110):
            lines[step + call], sums = means.means(sums), {}
    assert lines == {50: {"n": 24.5, "lazy": 24.0}, 100: {"n": 74.5, "lazy": 80.0}, 110: {"n": 104.5}}


def test_numbers_of_members_are_averaged_apart():
    sums = means.added({}, {"n": jnp.array([[1.0, 10.0], [3.0, 30.0]])})
    np.testing.assert_array_equal(means.means(sums)["n"], [2.0, 20.0])


def test_a_step_that_is_not_finite_shows_in_the_mean():
    assert np.isnan(means.means(means.added({}, {"n": jnp.array([1.0, jnp.nan, 2.0])}))["n"])


def test_detectors_are_told_the_means_of_the_steps_that_computed_a_number():
    """Ticks of 20 steps, of which the third 10 and those before compute nothing."""
    told = []

    class Observer:
        def tick(self, step, means, *, every):
            told.append((step, means, every))

    ticks = Ticks(Observer(), 10, {})
    for step in (10, 20, 30, 40):
        due = jnp.full(10, float(step == 40))
        ticks.add(step, {"vanishing": 0.5 * due, "vanishing_due": due})
    ticks.tell(40)
    assert told == [(20, {}, 20), (40, {"vanishing": 0.5}, 20)]


def test_sums_are_kept_with_a_checkpoint_bit_for_bit():
    sums = means.added({}, {"n": jnp.array([0.1, 1 / 3, 1e-7])})
    np.testing.assert_array_equal(means.parsed(means.text(sums))["n"], sums["n"])
    assert means.parsed(None) == {}


def lines_of(folder):
    records = map(json.loads, (folder / "metrics.jsonl").read_text().splitlines())
    records = [record for record in records if "loss_generator" in record]
    return {record.pop("step"): {k: v for k, v in record.items() if k != "images_per_second"} for record in records}


@pytest.fixture(scope="module")
def single_steps():
    """The numbers of every step of the run, taken one by one."""
    dataset, program = LAZY.recipe.dataset(), LAZY.program
    algorithm = build(LAZY, DataShape(dataset.shape, dataset.num_classes))
    step = jax.jit(algorithm.step)
    batches = dataset.batches(program.batch_size, program.seed)
    key, infos = jax.random.key(program.seed), []
    state = algorithm.init(key, next(dataset.batches(program.batch_size, program.seed)))
    for _ in range(program.steps):
        state, info = step(state, next(batches), key)
        infos.append({name: float(value) for name, value in info.items()})
    return infos


@pytest.mark.slow
def test_files_programs_callbacks_and_detectors_get_the_same_means(tmp_path, single_steps, monkeypatch, capsys):
    curves, watched, seen = {}, {}, {}
    monkeypatch.setattr(TensorBoard, "numbers", lambda self, step, values: curves.setdefault(step, values))
    update = Watch.update

    def noted(self, step, info, *pictured):
        if not pictured:
            watched.setdefault(step, info)
        return update(self, step, info, *pictured)

    monkeypatch.setattr(Watch, "update", noted)
    callbacks = [lambda progress: seen.setdefault(progress.step, progress.info) and None]
    trained = jaxgan.train(LAZY, out=tmp_path, callbacks=callbacks, show="json")
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    said = {event["step"]: event for event in events if event["event"] == "step"}
    lines = lines_of(trained.folder)
    assert sorted(lines) == [6, 12, 18]
    for step, line in lines.items():
        steps = range(step - 6, step)
        for name in single_steps[0]:
            if name.endswith("_due"):
                assert name not in line
                continue
            counted = [single_steps[t][name] for t in steps if name != "penalty" or t % 4 == 0]
            assert line[name] == pytest.approx(np.mean(counted), rel=1e-3, abs=1e-6), (step, name)
        assert line["penalty"] > 0
        assert seen[step] == line
        assert curves[step].items() >= line.items()
        assert said[step].items() >= line.items()
        assert watched[step] == line


class Stop(Exception):
    pass


@pytest.mark.slow
def test_a_run_that_was_killed_between_two_reports_goes_on_with_the_same_means(tmp_path):
    whole = jaxgan.train(LAZY, out=tmp_path, name="whole", show="none")

    def stop(progress):
        if progress.step == 12:  # the newest checkpoint is that of step 8, two steps after a report
            raise Stop

    with pytest.raises(Stop):
        jaxgan.train(LAZY, out=tmp_path, callbacks=[stop], show="none")
    resumed = jaxgan.train(LAZY, out=tmp_path, resume="newest", show="none")
    assert lines_of(resumed.folder) == lines_of(whole.folder)


@pytest.mark.slow
def test_a_sweep_reports_the_means_of_each_member(tmp_path, single_steps):
    config = LAZY.replace(sample_every=18)
    session = sweep.prepare(Sweep(config.recipe, config.program, (), 2), name="ring", out=tmp_path)
    sweep.run_session(session, show="none")
    for step, line in lines_of(session.run.folder).items():
        assert line["penalty"][0] == pytest.approx(
            np.mean([single_steps[t]["penalty"] for t in range(step - 6, step) if t % 4 == 0]), rel=1e-3
        )
        assert line["loss_discriminator"][0] == pytest.approx(
            np.mean([single_steps[t]["loss_discriminator"] for t in range(step - 6, step)]), rel=1e-3
        )
