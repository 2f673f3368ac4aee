"""Runs on clips are measured, sampled and reported on as those on sounds are."""

import json

import numpy as np
import optax
import pytest

import jaxgan
from jaxgan import Players, data, dynamics, losses, networks
from jaxgan.cli import main
from jaxgan.observe.evaluator import Evaluator
from jaxgan.observe.numbers import OF_ANY, OF_KIND

RANDOM = np.random.default_rng(0)


def experiment(rows):
    dataset = data.Dataset("noise", RANDOM.integers(0, 256, (rows, 3, 8, 8, 1), np.uint8))
    game = jaxgan.gan(
        networks.MLPGenerator(output_shape=(3, 8, 8, 1), hidden=(4,)),
        networks.MLPDiscriminator(hidden=(4,)),
        loss=losses.hinge(),
        latent_size=2,
    )
    rule = dynamics.simultaneous(Players(optax.sgd(0.1), optax.sgd(0.1)))
    return jaxgan.Experiment(dataset, jaxgan.algorithm(game, rule))


def test_measures_that_do_not_fit_are_refused():
    few, enough = (Evaluator(experiment(rows), jaxgan.Program()) for rows in (100, 128))
    enough.check((*OF_ANY, *OF_KIND["clips"]), 64)
    with pytest.raises(ValueError, match="clip_distance needs at least 128 clips of at least 3 frames"):
        few.check(["clip_distance"], 64)
    with pytest.raises(ValueError, match="clips are measured by 32 samples at least, got 16"):
        enough.check(["motion_error"], 16)
    with pytest.raises(ValueError, match="mel_distance needs"):
        enough.check(["mel_distance"], 64)


@pytest.mark.slow
def test_a_run_on_clips_is_measured_and_shown(tmp_path, capsys):
    every = dict.fromkeys(("log_every", "sample_every", "checkpoint_every", "evaluate_every"), 1)
    program = jaxgan.Program(batch_size=4, steps=1, evaluate_metrics=("motion_error",), evaluate_samples=32, **every)
    folder = jaxgan.train(experiment(128), program, out=tmp_path, show="none").folder
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    curves = {name: value for line in lines for name, value in json.loads(line).items()}
    assert curves["clip_distance"] > 0
    (record,) = json.loads((folder / "evaluation.json").read_text())
    assert (record["metric"], record["fake_count"]) == ("motion_error", 32)
    names = {path.name for path in (folder / "samples").iterdir()}
    assert names == {f"{name}.{kind}" for name in ("real", "step-000000", "step-000001") for kind in ("gif", "png")}
    assert main(["report", str(folder)]) == 0
    assert (folder / "report.html").read_text().count("src='data:image/gif;base64,") == 2
