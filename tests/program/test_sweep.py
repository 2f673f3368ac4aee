"""`jaxgan sweep`: its members are the runs that the settings name, and what it found is told and kept."""

import csv
import json
import os
import signal
from types import SimpleNamespace

import jax
import numpy as np
import pytest
from recipes_for_tests import build, configured

import jaxgan
from jaxgan import data
from jaxgan.cli import main
from jaxgan.observe.row_observer import RowObserver
from jaxgan.program.sweep import results, run, settings
from jaxgan.program.sweep.measures import Measures
from jaxgan.program.sweep.plot import plot
from jaxgan.program.sweep.settings import Axis, Sweep, axis
from jaxgan.recipes.presets import preset
from jaxgan.recipes.recipe import DataShape
from jaxgan.runs.run_folder import Run

POINTS = DataShape((2,), 8)
TINY = [
    *("--instance-noise-share", "0", "--octave-opening", "0", "0"),
    "--generator-hidden",
    "8",
    "--discriminator-hidden",
    "8",
    "--batch-size",
    "16",
    "--steps-per-call",
    "2",
    "--schedule",
    "constant",
]
EVERY = ["--log-every", "2", "--sample-every", "4", "--checkpoint-every", "2"]
SMALL = preset("ring").replace(
    generator_hidden=(8,), discriminator_hidden=(8,), batch_size=16, steps=4, steps_per_call=2,
    instance_noise_share=0.0, octave_opening=(0.0, 0.0), schedule="constant", log_every=2, sample_every=4,
    checkpoint_every=2,
)  # fmt: skip


def sweep(out, *options, steps=4, name="ring"):
    return main(["sweep", name, *TINY, *EVERY, "--steps", str(steps), "--out", str(out), *options])


@pytest.mark.slow
def test_every_number_that_can_be_swept_reaches_the_run():
    """Two values each: a member in which one differs is another, one in which all do is the plain run of them."""
    low = {"generator_rate": 0.01, "discriminator_rate": 0.01, "b1": 0.0, "b2": 0.9}
    low |= {"r1": 0.0, "r2": 0.0, "gradient_penalty": 0.0, "label_smoothing": 0.0, "ema_decay": 0.0}
    high = {"generator_rate": 0.03, "discriminator_rate": 0.02, "b1": 0.5, "b2": 0.99}
    high |= {"r1": 1.0, "r2": 2.0, "gradient_penalty": 1.0, "label_smoothing": 0.1, "ema_decay": 0.5}
    config = SMALL.replace(loss="non_saturating")
    assert {"rate", *low} <= set(settings.swept(config.recipe))
    axes = tuple(Axis(name, (low[name], high[name])) for name in low)
    every = Sweep(config.recipe, config.program, axes, seeds=1)
    assert every.members() == 2 ** len(low)
    batch, key = next(data.load("ring").batches(16, seed=0)), jax.random.key(0)
    members = every.experiment(data.load("ring")).algorithm
    state, step = members.init(every.keys(), batch), jaxgan.jitted(members.step)
    for _ in range(3):
        state, _ = step(state, batch, every.keys())
    found = jax.device_get(state._replace(step=None))

    def member(changed):
        i = every.settings().index(tuple((high if name in changed else low)[name] for name in low))
        return jax.tree.map(lambda x: x[i], (found.params, found.average))

    assert all(not np.allclose(*map(flat, (member({name}), member(())))) for name in low)
    alone = build(config.replace(**high), POINTS)
    single, step = alone.init(key, batch), jaxgan.jitted(alone.step)
    for _ in range(3):
        single, _ = step(single, batch, key)
    # Adam divides by the size of a gradient, so rounding may show; a setting that is not read would move 1e-2
    np.testing.assert_allclose(flat(member(low)), flat((single.params, single.average)), rtol=1e-3, atol=2e-4)


def flat(tree):
    return np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(tree)])


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """Two settings of two seeds, one of which diverges."""
    out = tmp_path_factory.mktemp("runs")
    assert sweep(out, "--seeds", "2", "--over", "rate=1e30,1e-3") == 0
    return out / "00000-ring-sweep"


@pytest.mark.slow
def test_a_member_is_the_run_of_its_setting_and_seed(swept, tmp_path):
    plain = [*TINY, *EVERY, "--steps", "4", "--generator-rate", "1e-3", "--discriminator-rate", "1e-3"]
    assert main(["train", "ring", *plain, "--out", str(tmp_path)]) == 0
    alone = [json.loads(line) for line in (tmp_path / "00000-ring" / "metrics.jsonl").read_text().splitlines()]
    lines = [json.loads(line) for line in (swept / "metrics.jsonl").read_text().splitlines()]
    assert [(line["step"], "modes" in line) for line in lines] == [(2, False), (4, False), (4, True)]
    expected = {name: value for line in alone if line["step"] == 4 for name, value in line.items()}
    for name, members in lines[1].items():
        if name not in ("step", "images_per_second"):
            assert members[2:] == [None, None]
            np.testing.assert_allclose(members[0], expected[name], rtol=1e-3, atol=1e-5)
            assert members[1] != members[0]


@pytest.mark.slow
def test_points_of_members_are_measured_as_those_of_runs(tmp_path):
    """For equal states: the samples, the rows they are compared with and the numbers are those of each seed."""
    asked = Sweep(SMALL.replace(seed=3).recipe, SMALL.replace(seed=3).program, (Axis("r1", (0.1, 1.0)),), seeds=2)
    ring = data.load("ring")
    batch, experiment = next(ring.batches(16, seed=0)), asked.experiment(ring)
    state = experiment.algorithm.init(asked.keys(), batch)
    folder = Run(tmp_path, "ring", asked.recipe, asked.program, POINTS, None)
    found = Measures(folder, experiment, asked).of(state)
    (alone, *_) = asked.alone(ring)
    for i, seed in enumerate((3, 4, 3, 4)):
        of_run = RowObserver(alone, seed=seed)(alone.algorithm, alone.algorithm.init(jax.random.key(seed), batch))
        assert {name: values[i] for name, values in found.items()} == {name: one.value for name, one in of_run.items()}


@pytest.mark.slow
def test_what_was_found_is_kept(swept):
    files = {"sweep.json", "lock", "metrics.jsonl", "log.txt", "checkpoints", "tensorboard"}
    assert {f.name for f in swept.iterdir()} == files | {"results.json", "results.csv", "sweep.png"}
    record = json.loads((swept / "sweep.json").read_text())
    assert (record["over"], record["seeds"]) == ({"rate": [0.001, 1e30]}, 2)
    line = json.loads((swept / "metrics.jsonl").read_text().splitlines()[-1])
    first, second = json.loads((swept / "results.json").read_text())["settings"]
    assert [(row["rate"], row["diverged"]) for row in (first, second)] == [(0.001, 0), (1e30, 2)]
    assert first["high_quality"]["members"] == line["high_quality"][:2]
    np.testing.assert_allclose(first["high_quality"]["mean"], np.mean(line["high_quality"][:2]))
    assert second["high_quality"] == {"mean": None, "standard_error": None, "members": [None, None]}
    with (swept / "results.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["rate"], row["seed"], row["diverged"]) for row in rows] == [
        ("0.001", "0", "False"), ("0.001", "1", "False"), ("1e+30", "0", "True"), ("1e+30", "1", "True")
    ]  # fmt: skip
    assert [float(row["modes"]) for row in rows[:2]] == line["modes"][:2]


@pytest.mark.slow
def test_resumed_is_uninterrupted_bit_for_bit(swept, tmp_path, capsys):
    assert sweep(tmp_path, "--seeds", "2", "--over", "rate=1e-3,1e30", steps=2) == 0
    assert sweep(tmp_path, "--seeds", "2", "--over", "rate=1e-3,1e30", "--resume") == 0
    states = []
    for folder in (swept, tmp_path / "00000-ring-sweep"):
        saved, asked = run.load(folder)
        session = run.prepare(asked, name="ring", out=tmp_path, resume=saved.folder).session
        states.append(jax.device_get(session.state))
        assert int(session.state.step) == 4
    jax.tree.map(np.testing.assert_array_equal, *states)
    assert (swept / "results.csv").read_text() == (tmp_path / "00000-ring-sweep" / "results.csv").read_text()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--seeds", "3", "--over", "rate=1e-3,1e30"], "seeds: saved 2, now 3"),
        (["--seeds", "2", "--over", "r1=1,2"], "over: saved rate=0.001,1e+30, now r1=1,2"),
        (["--seeds", "2", "--over", "rate=1e-3,1e30", "--r1", "3"], "r1: saved 0.025, now 3.0"),
    ],
)
def test_resume_refuses_another_sweep(swept, options, message, capsys):
    assert sweep(swept.parent, *options, "--resume") == 2
    assert message in capsys.readouterr().err


@pytest.mark.slow
def test_a_stopped_sweep_saves_and_goes_on(tmp_path, monkeypatch, capsys):
    prepare = run.prepare

    def prepare_to_stop(*arguments, **where):
        prepared = prepare(*arguments, **where)
        session = prepared.session

        def step(state, *rest):
            signal.raise_signal(signal.SIGTERM)
            return session.step(state, *rest)

        return prepared._replace(session=session._replace(step=step))

    with monkeypatch.context() as patched:
        patched.setattr(run, "prepare", prepare_to_stop)
        assert sweep(tmp_path, "--seeds", "2") == 130
    folder = tmp_path / "00000-ring-sweep"
    assert f"the same command with --resume {folder} goes on from here" in capsys.readouterr().err
    assert not (folder / "results.json").exists()
    assert sweep(tmp_path, "--seeds", "2", "--resume", str(folder), "--show", "text") == 0
    shown = capsys.readouterr().out
    assert "mean ± standard error of 2 seeds after 4 steps" in shown
    assert "0/2" in shown
    assert (folder / "results.json").exists()


def test_values_are_given_or_of_even_ratios():
    assert axis("r1=3,0.5,1", SMALL.recipe).values == (0.5, 1, 3)
    assert axis("rate=1e-4:1e-1:4", SMALL.recipe).values == (1e-4, 1e-3, 1e-2, 1e-1)
    assert str(axis("r1=1:4:3", SMALL.recipe)) == "r1=1,2,4"


@pytest.mark.slow
def test_a_map_of_settings_comes_from_one_compiled_step(tmp_path, monkeypatch):
    traced = []

    def counting(program, step, dataset):
        def counted(state, batch, key):
            traced.append(state.params.generator["Dense_0"]["kernel"].shape[0])
            return step(state, batch, key)

        return preparation_steps(program, counted, dataset)

    preparation_steps = run.steps_of_a_call
    monkeypatch.setattr(run, "steps_of_a_call", counting)
    assert sweep(tmp_path, "--seeds", "1", "--over", "r1=1e-3:10:8", "--over", "rate=1e-4:1e-1:8") == 0
    assert traced == [16]  # each of 4 devices has so many members; the steps of a call are a loop
    assert (tmp_path / "00000-ring-sweep" / "sweep.png").stat().st_size > 1000


@pytest.mark.slow
def test_images_are_measured_by_their_diversity(tmp_path):
    small = [
        "--image-size",
        "8",
        "--width",
        "4",
        "--batch-size",
        "8",
        "--steps",
        "2",
        "--sample-every",
        "2",
        "--seeds",
        "2",
    ]
    assert main(["sweep", *small, "--out", str(tmp_path), "--show", "none"]) == 0
    (setting,) = json.loads((tmp_path / "00000-digits-sweep" / "results.json").read_text())["settings"]
    assert {"pairwise", "nearest", "loss_generator"} <= set(setting)
    assert all(0 < value < 2 for value in setting["pairwise"]["members"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--over", "latent_size=64,128"], "and latent_size is none; there are rate, dropout, octave_falloff, r1, r2,"),
        (["--over", "loss=hinge,minimax"], "over takes fractions, which one compiled step can take, and loss is none"),
        (["--over", "steps=50,100"], "and steps is none; there are rate,"),
        (["--over", "generator_rte=1,2"], "over: there is no option 'generator_rte'; did you mean generator_rate"),
        (["--over", "lr=1,2"], "did you mean generator_rate or discriminator_rate?"),
        (["--over", "quux=1,2"], "over: there is no option 'quux'; there are rate, dropout,"),
        (["--over", "r1"], "over must be NAME=VALUE,VALUE,... or NAME=FROM:TO:COUNT, got 'r1'"),
        (["--over", "r1=1,x"], "over r1 must be VALUE,VALUE,... or FROM:TO:COUNT, from and to above 0, got '1,x'"),
        (["--over", "r1=1:2"], "over r1 must be VALUE,VALUE,... or FROM:TO:COUNT, from and to above 0, got '1:2'"),
        (["--over", "r1=0:2:3"], "over r1 must be VALUE,VALUE,... or FROM:TO:COUNT"),
        (["--over", "r1=1"], "over r1 must be two or more different numbers, got '1'"),
        (["--over", "r1=1,1"], "over r1 must be two or more different numbers"),
        (["--over", "r1=1,-1"], "r1 must be at least 0, got -1.0"),
        (["--over", "b1=0.5,1"], "b1 must be less than 1, got 1.0"),
        (["--over", "rate=1,nan"], "generator_rate must be"),
        (
            ["--over", "ema_decay=0.9,0.999,0.9999"],
            "0.999 and 0.9999 are the same run: the warm-up of the average keeps",
        ),
        (["--over", "rate=1,2", "--over", "generator_rate=1,2"], "over names generator_rate twice"),
        (["--over", "label_smoothing=0.1,0.2"], "over: there is no option 'label_smoothing'"),
        (["--seeds", "0"], "seeds must be at least 1, got 0"),
        (["--seeds", "100001"], "a sweep has at most 100,000 runs, and settings × seeds are 100,001"),
        (["--over", "r1=1:1e6:999999999999"], "a sweep has at most 100,000 runs, and settings × seeds are 1,000,010"),
        (["--wrapper", "pmap"], "wrapper=pmap must be jit"),
        (["--evaluate-every", "50"], "evaluate_every=50 must be 0"),
        (["--batch-size", "0"], "batch_size must be at least 1"),
        (["--condition=labels", "--data", "npz:none.npz"], "npz: there is no file none.npz"),
        (["--discriminator-steps", "3"], "batch_size=16 must be divisible by 1 devices × 3 parts"),
        (["--resume"], "no run of ring-sweep to resume in"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_arguments_exit_with_2_and_say_why(options, message, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert sweep("runs", *options) == 2
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


MODES = "Modes with a sample (count)"


def made(axes, values):
    config = configured(data="ring")
    one = Sweep(config.recipe, config.program, tuple(axis(text, config.recipe) for text in axes), seeds=2)
    return results.Results(one, {"modes": values}, np.isfinite(values))


def test_the_table_by_hand():
    """Seeds 1 and 3: mean 2, standard error √2 / √2 = 1; one seed has no error."""
    table = results.table(made(["r1=0.5,1"], np.array([[1.0, 3.0], [5.0, np.nan]])))
    cells = [list(column.cells) for column in table.columns]
    assert [column.header for column in table.columns] == ["r1", "modes", "diverged"]
    assert cells == [["0.5", "1"], ["2 ± 1", "5 ± nan"], ["0/2", "1/2"]]


def test_ctrl_c_while_the_picture_is_drawn_keeps_the_results(tmp_path, monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(results, "plot", interrupted)
    files = results.write(made(["r1=0.5,1"], np.ones((2, 2))), tmp_path)
    assert [file.name for file in files] == ["results.json", "results.csv"] == sorted(os.listdir(tmp_path))[::-1]
    assert len(json.loads(files[0].read_text())["settings"]) == 2
    assert "no picture of the sweep; its results are in" in capsys.readouterr().err


def test_a_measure_without_a_value_is_no_divergence(tmp_path):
    """Seed 0 has no valid text, seed 1 has samples that are not finite, seed 2 a loss that is not."""
    config = configured(data="ring")
    one = Sweep(config.recipe, config.program, (), seeds=3)
    lines = {"loss_generator": [1.0, 1.0, None], "validity": [0.0, None, 1.0], "nll_oracle": [None, None, 2.0]}
    file = tmp_path / "metrics.jsonl"
    file.write_text(json.dumps({"step": config.program.steps, **lines}))
    found = results.read(SimpleNamespace(metrics=file), one)
    assert found.finite.tolist() == [[True, False, False]]


def test_the_picture_has_a_point_a_curve_or_a_map():
    seeds = made([], np.array([[1.0, 3.0]]))
    curve = made(["r1=0.1,1,10"], np.array([[1.0, 3.0], [5.0, 5.0], [2.0, np.nan]]))
    plane = made(["r1=0.1,1,10", "b1=0,0.5"], np.arange(12.0).reshape(6, 2))
    figures = [plot(each.sweep, each.values) for each in (seeds, curve, plane)]
    (point,) = figures[0].axes
    assert point.lines[1].get_ydata() == [2]
    (along,) = figures[1].axes
    assert (along.get_xscale(), along.get_xlabel(), along.get_ylabel()) == ("log", "option --r1", MODES)
    np.testing.assert_array_equal(along.lines[1].get_ydata(), [2, 5, 2])
    panel, colours = figures[2].axes
    assert (panel.get_xlabel(), panel.get_ylabel(), colours.get_ylabel()) == ("option --b1", "option --r1", MODES)
    np.testing.assert_array_equal(panel.collections[1].get_array(), [[0.5, 2.5], [4.5, 6.5], [8.5, 10.5]])
    for figure in figures:
        figure.canvas.draw()
    three = made(["r1=0,1", "r2=0,1", "b1=0,0.5"], np.zeros((8, 2)))
    assert plot(three.sweep, three.values) is None
