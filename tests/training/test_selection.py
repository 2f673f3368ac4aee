"""Evaluation while a run trains: the same run with and without it, resumed or not; the best state, judged again."""

import json
from dataclasses import replace

import jax
import numpy as np
import pytest

import jaxgan
from jaxgan.training import loop, preparation, records, run_folder
from jaxgan.training.best import Best
from jaxgan.training.sampling import stored

SMALL = replace(
    jaxgan.preset("ring"),
    generator_hidden=(8,), discriminator_hidden=(8,), batch_size=8, steps=8,
    steps_per_call=1, log_every=2, sample_every=8, checkpoint_every=4,
)  # fmt: skip
EVALUATED = replace(SMALL, evaluate_every=2, evaluate_samples=20, evaluate_metrics=("fid",))


def numbers(folder):
    lines = map(json.loads, (folder / "metrics.jsonl").read_text().splitlines())
    return [{name: value for name, value in line.items() if name != "images_per_second"} for line in lines]


def best_of(trained):
    run = run_folder.load(trained.folder)
    return Best(run.best).record, stored(run, trained.algorithm, checkpoint="best")


def equal(one, other):
    jax.tree.map(np.testing.assert_array_equal, *map(jax.device_get, (one, other)))


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory):
    return jaxgan.train(EVALUATED, out=tmp_path_factory.mktemp("runs"), show="none")


def test_training_is_the_same_bit_for_bit_with_evaluation(evaluated, tmp_path):
    plain = jaxgan.train(SMALL, out=tmp_path, show="none")
    equal(plain.state, evaluated.state)
    assert numbers(plain.folder) == [line for line in numbers(evaluated.folder) if "fid" not in line]
    assert not (plain.folder / "best").exists()


def test_numbers_are_kept_and_the_best_state_is_the_one_of_the_best_number(evaluated):
    values = {line["step"]: line["fid"] for line in numbers(evaluated.folder) if "fid" in line}
    assert list(values) == [2, 4, 6, 8]
    record, state = best_of(evaluated)
    assert record["step"] == int(state.step) == min(values, key=values.get)
    assert record["value"] == values[record["step"]]


def test_the_best_is_judged_again_with_other_samples(evaluated):
    (again,) = records.read(evaluated.folder / "evaluation.json")
    record, _ = best_of(evaluated)
    assert (again["step"], again["n"], again["seed"]) == (record["step"], 40, 1)
    assert again["value"] != record["value"]
    said = (evaluated.folder / "log.txt").read_text()
    assert f"the best state is that of step {record['step']}: fid {record['value']:.4g} of 20 samples" in said


@pytest.mark.parametrize("stop", [2, 3, 4, 6])
def test_a_resumed_run_is_the_uninterrupted_one_with_its_best(evaluated, tmp_path, stop):
    halted = loop.run_session(preparation.prepare(EVALUATED, preset="x", out=tmp_path), show="none")
    assert halted
