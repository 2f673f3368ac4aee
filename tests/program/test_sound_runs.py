"""Runs on sounds are measured as those on points are."""

import json

import numpy as np
import optax
import pytest

import jaxgan
from jaxgan import Players, data, dynamics, losses, networks
from jaxgan.observe.evaluator import Evaluator


def sines(rows):
    waves = 0.5 * np.sin(np.arange(512) * np.linspace(0.2, 0.6, rows)[:, None])[..., None].astype(np.float32)
    return data.Dataset("sines", waves, medium=data.media.sound(4000))


def experiment(dataset):
    game = jaxgan.gan(
        networks.MLPGenerator(output_shape=(512, 1), hidden=(4,)),
        networks.MLPDiscriminator(hidden=(4,)),
        loss=losses.hinge(),
        latent_size=2,
    )
    rule = dynamics.simultaneous(Players(optax.sgd(0.1), optax.sgd(0.1)))
    return jaxgan.Experiment(dataset, jaxgan.algorithm(game, rule))


def test_measures_that_do_not_fit_are_refused():
    few, enough = (Evaluator(experiment(sines(rows)), jaxgan.Program()) for rows in (100, 128))
    with pytest.raises(ValueError, match="mel_distance needs at least 128 sounds of at least 512 samples"):
        few.check(["mel_distance"], 64)
    with pytest.raises(ValueError, match="sounds are measured by 32 samples at least, got 16"):
        enough.check(["mel_distance"], 16)
    with pytest.raises(ValueError, match="modes needs points"):
        enough.check(["modes"], 64)


@pytest.mark.slow
def test_a_run_on_sounds_is_measured_while_it_trains_and_at_the_end(tmp_path):
    every = dict.fromkeys(("log_every", "sample_every", "checkpoint_every", "evaluate_every"), 1)
    program = jaxgan.Program(batch_size=4, steps=1, evaluate_metrics=("mel_distance",), evaluate_samples=32, **every)
    folder = jaxgan.train(experiment(sines(128)), program, out=tmp_path, show="none").folder
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    curves = {name: value for line in lines for name, value in json.loads(line).items()}
    assert curves["mel_distance"] > 100
    assert 0 <= curves["clear_pitch"] <= 1
    (record,) = json.loads((folder / "evaluation.json").read_text())
    assert (record["metric"], record["perfect"], record["fake_count"]) == ("mel_distance", 0.0, 32)
    assert 0 < record["floor"] < record["value"]
