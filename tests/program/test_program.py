"""The program end to end, at a small size, through its command line."""

import json
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import jax
import numpy as np
import pytest
from PIL import Image
from recipes_for_tests import prepare
from tiers import mostly_slow

from jaxgan.cli import main
from jaxgan.program import preparation, run
from jaxgan.program.run import run_session
from jaxgan.recipes.presets import preset
from jaxgan.recipes.recipe import DataShape
from jaxgan.runs import run_folder
from jaxgan.runs.log import Log

DIGITS = preset("digits")
NORMS = {"batch_norm": True, "spectral_norm": False}
SMALL = ("--image-size=8", "--width=4", "--batch-size=8", "--steps=4", "--log-every=2", "--sample-every=4")


def train(out, *options):
    return main(["train", "digits", *SMALL, "--checkpoint-every", "2", "--out", str(out), *options])


def size_of(path):
    with Image.open(path) as image:
        return image.size


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    out = tmp_path_factory.mktemp("runs")
    assert train(out) == 0
    return out / "00000-digits"


def test_run_folder(trained):
    files = {
        "config.json",
        "metrics.jsonl",
        "log.txt",
        "watch.json",
        "lock",
        "tensorboard",
        "samples",
        "checkpoints",
    }
    assert {f.name for f in trained.iterdir()} == files
    assert {f.name for f in (trained / "samples").iterdir()} == {"real.png", "step-000000.png", "step-000004.png"}
    lines = [json.loads(line) for line in (trained / "metrics.jsonl").read_text().splitlines()]
    numbers = [line for line in lines if "finding" not in line]
    assert [line["step"] for line in numbers] == [2, 4]
    assert all(np.isfinite(value) for line in numbers for value in line.values())
    record = json.loads((trained / "config.json").read_text())
    assert record["recipe"]["options"]["network"] == {"is": "dcgan", "width": 4, **NORMS}
    assert record["program"]["batch_size"] == 8
    assert record["data"].items() >= {"shape": [8, 8, 1], "num_classes": 10, "rows": 1797}.items()
    assert list(record["data"]["classes"]) == list("0123456789")
    assert record["environment"]["jax"] == jax.__version__
    assert "--xla_force_host_platform_device_count=4" in record["environment"]["xla_flags"]
    assert size_of(trained / "samples" / "step-000004.png") == ((10 * 10 - 2) * 8, (8 * 10 - 2) * 8)


@mostly_slow("options", [[], ["--steps-per-call", "2", "--wrapper", "pmap", "--spectral-norm"]], quick=1)
def test_resumed_is_uninterrupted_bit_for_bit(tmp_path, options):
    whole = preset("digits").replace(image_size=8, width=4, batch_size=8, steps=4, r1=1.0,
        log_every=2, sample_every=2, checkpoint_every=2,
        steps_per_call=2 if options else 1, wrapper="pmap" if options else "jit", spectral_norm=bool(options),
    )  # fmt: skip
    expected = jax.device_get(run_session(prepare(whole, name="digits", out=tmp_path / "a")))
    assert train(tmp_path / "b", "--r1", "1", *options, "--steps", "2", "--sample-every", "2") == 0
    assert train(tmp_path / "b", "--r1", "1", *options, "--sample-every", "2", "--resume") == 0
    saved_run = run_folder.load(tmp_path / "b" / "00000-digits")
    resumed = prepare(whole, name="digits", out=tmp_path, resume=saved_run.folder).state
    jax.tree.map(np.testing.assert_array_equal, jax.device_get(resumed), expected)
    metrics = [
        [
            {k: v for k, v in json.loads(line).items() if k != "images_per_second"}
            for line in path.read_text().splitlines()
        ]
        for path in (tmp_path / "a" / "00000-digits" / "metrics.jsonl", saved_run.metrics)
    ]
    assert metrics[0] == metrics[1]


@pytest.mark.slow
def test_resume_takes_the_saved_configuration_and_the_reports_that_are_asked_for(tmp_path, capsys):
    assert train(tmp_path, "--r1", "1") == 0
    folder = tmp_path / "00000-digits"
    saved = run_folder.load(folder)
    assert main(["train", "--resume", str(folder), "--steps", "6"]) == 0
    assert run_folder.load(folder).recipe == saved.recipe
    assert run_folder.load(folder).program == replace(saved.program, steps=6)
    assert {f.name for f in (folder / "checkpoints").iterdir()} >= {"6"}
    assert main(["train", "--resume", str(folder), "--steps", "6", "--width", "8"]) == 2
    assert "width: saved 4, now 8" in capsys.readouterr().err
    assert main(["train", "ring", "--resume", str(folder)]) == 2
    assert "is a run of digits, not of ring" in capsys.readouterr().err


def test_resume_refuses_another_configuration(trained, capsys):
    assert train(trained.parent, "--resume", "--width", "8", "--condition=none") == 2
    error = capsys.readouterr().err
    assert "width: saved 4, now 8" in error
    assert "condition: saved 'labels', now 'none'" in error


def test_resume_refuses_other_data(trained, tmp_path, capsys):
    record = json.loads((trained / "config.json").read_text())
    record["data"]["rows"] = 1000
    (tmp_path / "config.json").write_text(json.dumps(record))
    assert train(tmp_path, "--resume", str(tmp_path)) == 2
    assert "data set: saved 1000 rows of (8, 8, 1), now 1797 rows of (8, 8, 1)" in capsys.readouterr().err


def test_resume_forgets_lines_after_the_checkpoint(tmp_path):
    saved_run = run_folder.Run(tmp_path, "digits", DIGITS.recipe, DIGITS.program, DataShape((8, 8, 1), 10), 1797)
    saved_run.metrics.write_text("".join(json.dumps({"step": step}) + "\n" for step in (2, 4, 6)) + '{"step": 8, "lo')
    Log(saved_run, start=4).tensorboard.close()
    assert [json.loads(line)["step"] for line in saved_run.metrics.read_text().splitlines()] == [2, 4]


@pytest.mark.slow
def test_points_are_drawn_and_counted(tmp_path, capsys):
    small = "--generator-hidden 8 --discriminator-hidden 8 --batch-size 8 --steps 4 --steps-per-call 2"
    every = "--log-every 2 --sample-every 4 --checkpoint-every 4"
    assert main(["train", "ring", *small.split(), *every.split(), "--out", str(tmp_path)]) == 0
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["event"] for line in said] == [
        "start",
        "data",
        "measures",
        "compiled",
        "step",
        "step",
        "measures",
        "finished",
    ]
    kept = [json.loads(line) for line in (tmp_path / "00000-ring" / "metrics.jsonl").read_text().splitlines()]
    assert [(line["step"], "modes" in line) for line in kept] == [(0, True), (2, False), (4, False), (4, True)]
    assert size_of(tmp_path / "00000-ring" / "samples" / "step-000004.png") == (500, 500)


@pytest.mark.slow
def test_a_run_that_diverges_stops_and_keeps_its_checkpoints(tmp_path, capsys):
    diverging = ["--discriminator-rate", "1e30", "--generator-rate", "1e30", "--loss", "least_squares"]
    assert train(tmp_path, *diverging, "--no-batch-norm", "--steps", "20") == 1
    assert "not finite" in capsys.readouterr().err
    assert (tmp_path / "00000-digits" / "config.json").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "no-such"], "preset must be one of digits, points, ring, grid, article-mnist,"),
        (
            ["train", "--data", "cifar"],
            "stacked_mnist, tfds:NAME, folder:PATH, parquet:PATH, webdataset:PATH, npz:PATH; got 'cifar'",
        ),
        (["train", "--image-size", "20"], "image-size"),
        (["train", "--data", "npz:none.npz"], "npz: there is no file none.npz"),
        (["train", "--steps", "-1"], "steps must be at least 1, got -1"),
        (["train", "--batch-size", "9", "--discriminator-steps", "2"], "batch_size=9 must be divisible by"),
        (["train", "--batch-size", "10", "--wrapper", "pmap"], "batch_size=10 must be divisible by 4 devices"),
        (["train", "--dry-run", "--batch-size", "5000"], "batch_size must be from 1 to 1797, the size of digits"),
        (["train", "--batch-size", "5000"], "batch_size must be from 1 to 1797, the size of digits; got 5000"),
        (["train", "--resume"], "no run of digits to resume in"),
        (["train", "--data", "ring"], "network=dcgan needs images [H, W, C]"),
        (["train", "article-mnist", "--data-dir", "nowhere"], "tfds build mnist --file_format=array_record"),
        (["train", "--no-such-option"], "no-such-option"),
        (["train", "--loss", "best"], "best"),
        (["fly"], "unknown command 'fly'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_arguments_exit_with_2_and_say_why(arguments, message, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    try:
        status = main(arguments)
    except SystemExit as exit:
        status = exit.code
    assert status == 2
    printed = capsys.readouterr()
    assert message in printed.err + printed.out
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arrays", "options", "message"),
    [
        ({"pixels": np.zeros((9, 8, 8, 1), np.uint8)}, [], ".npz has no array 'images'; it has pixels"),
        (
            {"images": np.zeros((9, 20, 20, 1), np.uint8)},
            [],
            "image_size must be one of 8, 16, 28, 32, 64, 128; got 20",
        ),
        (
            {"images": np.zeros((9, 8, 8, 1), np.uint8)},
            ["--condition=labels"],
            "condition=labels needs data with labels",
        ),
        ({"images": np.zeros((9, 8, 8, 1)), "labels": np.full(9, -2)}, [], "labels must be at least 0, or -1"),
    ],
    ids=["array", "size", "unlabelled", "labels"],
)
def test_a_wrong_npz_exits_with_2_and_says_why(arrays, options, message, tmp_path, capsys):
    np.savez(tmp_path / "x.npz", **arrays)
    data = ["--data", f"npz:{tmp_path / 'x.npz'}", "--image-size", "None", "--batch-size", "4", "--condition=none"]
    assert main(["train", *data, *options, "--out", str(tmp_path / "runs")]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(("named", "name"), [([], "digits"), (["ring"], "ring")])
def test_without_options_a_preset_runs_as_it_is(named, name, monkeypatch):
    asked = []
    session = SimpleNamespace(run=SimpleNamespace(folder=Path("runs")))
    monkeypatch.setattr(preparation, "prepare", lambda *what, **where: asked.append((what, where)) or session)
    monkeypatch.setattr(run, "run_session", lambda session, **how: SimpleNamespace(step=preset(name).program.steps))
    assert main(["train", *named]) == 0
    usual = preset(name)
    where = {"name": name, "out": Path("runs"), "resume": None, "parent": None}
    assert asked == [((usual.recipe, usual.program), where)]


@mostly_slow("number", [signal.SIGINT, signal.SIGTERM], quick=1)
def test_a_stopped_run_saves_says_how_to_go_on_and_goes_on(number, tmp_path, monkeypatch, capsys):
    before_all = preparation.prepare

    def prepare_to_stop(*arguments, **where):
        session = before_all(*arguments, **where)

        def step(state, *rest):
            if int(state.step) == 2:
                signal.raise_signal(number)
            return session.step(state, *rest)

        return session._replace(step=step)

    before = signal.getsignal(number)
    monkeypatch.setattr(preparation, "prepare", prepare_to_stop)
    rare = ["--checkpoint-every", "100"]
    assert train(tmp_path, *rare) == 130
    folder = tmp_path / "00000-digits"
    assert f"the same command with --resume {folder} goes on from here" in capsys.readouterr().err
    assert {f.name for f in (folder / "checkpoints").iterdir()} == {"3"}
    assert signal.getsignal(number) is before
    assert train(tmp_path, *rare, "--resume", str(folder)) == 0
    assert {f.name for f in (folder / "checkpoints").iterdir()} == {"3", "4"}


def test_the_module_runs():
    shown = subprocess.run([sys.executable, "-m", "jaxgan"], capture_output=True, text=True, check=True).stdout
    assert "jaxgan train [PRESET | FILE.py]" in shown
    assert "article-mnist" in shown
