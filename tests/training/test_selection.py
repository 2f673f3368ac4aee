"""Evaluation while a run trains: the same run with and without it, resumed or not; the best state, judged again."""

import json
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxgan
from jaxgan.core import Average, GANState, Players
from jaxgan.training import checkpoints, records, run_folder
from jaxgan.training.best import Best
from jaxgan.training.build import DataShape
from jaxgan.training.log import Log
from jaxgan.training.report import write_report
from jaxgan.training.sampling import stored
from jaxgan.training.selection import Selection

SMALL = replace(
    jaxgan.preset("ring"),
    generator_hidden=(8,), discriminator_hidden=(8,), batch_size=8, steps=6,
    steps_per_call=1, log_every=1, sample_every=6, checkpoint_every=3,
)  # fmt: skip
EVALUATED = replace(SMALL, evaluate_every=2, evaluate_samples=20, evaluate_metrics=("fid", "recall"))


def numbers(folder):
    lines = map(json.loads, (folder / "metrics.jsonl").read_text().splitlines())
    return [{name: value for name, value in line.items() if name != "images_per_second"} for line in lines]


def evaluations(folder):
    return [line for line in numbers(folder) if "fid" in line]


def best_of(trained):
    run = run_folder.load(trained.folder)
    return Best(run.best).record, stored(run, trained.algorithm, checkpoint="best")


def equal(one, other):
    jax.tree.map(np.testing.assert_array_equal, *map(jax.device_get, (one, other)))


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory, own_cache):
    return jaxgan.train(EVALUATED, out=tmp_path_factory.mktemp("runs"), show="none")


def test_training_is_the_same_bit_for_bit_with_evaluation(evaluated, tmp_path):
    plain = jaxgan.train(SMALL, out=tmp_path, show="none")
    equal(plain.state, evaluated.state)
    assert numbers(plain.folder) == [line for line in numbers(evaluated.folder) if "fid" not in line]
    assert not (plain.folder / "best").exists()


def test_the_best_state_is_the_one_of_the_best_number(evaluated):
    values = {line["step"]: line["fid"] for line in evaluations(evaluated.folder)}
    assert list(values) == [2, 4, 6]
    record, state = best_of(evaluated)
    assert record["step"] == int(state.step) == min(values, key=values.get)
    assert record["value"] == values[record["step"]]
    assert (record["metric"], record["features"], record["reference"]) == ("fid", "pixels", "ring")


def test_the_best_is_judged_again_by_other_samples(evaluated):
    record, _ = best_of(evaluated)
    fid, recall = records.read(evaluated.folder / "evaluation.json")
    assert (fid["metric"], recall["metric"]) == ("fid", "recall")
    assert (fid["step"], fid["fake_count"], fid["seed"]) == (record["step"], 40, 1)
    assert fid["value"] != record["value"]
    said = (evaluated.folder / "log.txt").read_text()
    assert f"the best state is that of step {record['step']}: fid {record['value']:.4g} of 20 samples, " in said
    assert f"{fid['value']:.4g} of 40 others" in said


class KilledError(Exception):
    pass


def test_a_run_that_was_killed_ends_with_the_numbers_and_the_best_of_one_that_was_not(evaluated, tmp_path, monkeypatch):
    def kill(progress):
        if progress.step == 5:  # after an evaluation that the checkpoint of step 3 knows nothing of
            raise KilledError

    with pytest.raises(KilledError):
        jaxgan.train(EVALUATED, out=tmp_path, callbacks=[kill], show="none")
    known, save = {}, checkpoints.save

    def look_and_save(manager, state, *, every):
        known[int(state.step)] = [line["step"] for line in evaluations(tmp_path / "00000-run")]
        save(manager, state, every=every)

    monkeypatch.setattr(checkpoints, "save", look_and_save)
    resumed = jaxgan.train(EVALUATED, out=tmp_path, resume="newest", show="none")
    assert known == {6: [2, 4, 6]}, "a kill after the checkpoint would have lost the evaluation"
    assert evaluations(resumed.folder) == evaluations(evaluated.folder)
    for one, other in zip(best_of(resumed), best_of(evaluated), strict=True):
        equal(one, other)
    of_both = [records.read(run.folder / "evaluation.json") for run in (resumed, evaluated)]
    assert of_both[0] == of_both[1]


def test_a_finished_run_that_is_resumed_keeps_its_records_as_they_are(evaluated):
    before = (evaluated.folder / "evaluation.json").read_text()
    jaxgan.train(EVALUATED, out=evaluated.folder.parent, resume=evaluated.folder, show="none")
    assert (evaluated.folder / "evaluation.json").read_text() == before


def test_the_report_shows_the_numbers(evaluated):
    page = write_report(evaluated.folder).read_text()
    assert "FID" in page
    assert "best/" in page


def state_of(step):
    params = Players({"a": jnp.full(3, step / 7)}, {"b": jnp.arange(2.0)})
    return GANState(jnp.asarray(step, jnp.int32), params, Players({}, {}), Average(params.generator, {}), params)


@pytest.fixture
def select(tmp_path):
    """A selection whose evaluations find the values it is given, of one metric, at steps 10, 20 and so on."""
    tmp_path.joinpath("run").mkdir()

    def run(values, metric="fid", **config):
        def evaluator(state, metrics, *, n, seed):
            value = dict(zip(range(10, 100, 10), values, strict=False))[int(state.step)]
            return [] if value is None else [{"metric": metric, "value": value, "step": int(state.step), "seed": n}]

        asked = replace(EVALUATED, **config)
        folder = run_folder.Run(tmp_path / "run", "x", asked, DataShape((2,), None), None)
        with Log(folder, start=0, show="text") as log:
            selection = Selection(folder, evaluator, log)
            for step in range(10, 10 * len(values) + 1, 10):
                selection.look(state_of(step))
        return Best(folder.best).record

    return run


@pytest.mark.parametrize(
    ("metric", "values", "step"),
    [
        ("fid", [3.0, 1.0, 2.0], 20),
        ("recall", [0.1, 0.1, 0.3, 0.2], 30),
        ("fid", [3.0, float("nan"), 2.0, None], 30),
        ("kid", [float("nan"), 1.0, 1.0], 20),
    ],
)
def test_the_best_is_the_lowest_or_the_highest_and_never_what_is_no_number(select, metric, values, step):
    assert select(values, metric)["step"] == step


def test_values_of_other_questions_are_not_compared(select):
    assert select([1.0, 2.0])["step"] == 10
    assert select([5.0, 4.0], evaluate_samples=30)["step"] == 20
    assert select([9.0, 8.0], evaluate_samples=30)["value"] == 4.0


def test_samples_that_are_not_finite_are_told(select, capsys):
    assert select([None]) is None
    assert "step 10: not evaluated, its samples are not finite" in capsys.readouterr().out


def test_metrics_that_do_not_fit_are_refused_before_the_run_begins(tmp_path):
    with pytest.raises(ValueError, match="classes needs features that tell classes apart, got features=pixels"):
        jaxgan.train(replace(EVALUATED, evaluate_metrics=("fid", "classes")), out=tmp_path, show="none")
    assert not list(tmp_path.iterdir())


def test_batches_without_end_cannot_be_compared_with(tmp_path):
    batches = [jaxgan.Batch(np.zeros((8, 2), np.float32))]
    with pytest.raises(ValueError, match="an evaluation needs a data set with rows, got iterables"):
        jaxgan.train(EVALUATED, dataset=jaxgan.data.load(batches), out=tmp_path, show="none")
    assert not list(tmp_path.iterdir())
