"""`jaxgan evaluate`: what is measured of which samples against which data, what is kept, what is refused."""

import json
from dataclasses import replace
from functools import partial
from typing import get_args

import numpy as np
import pytest
from tfds_folder import prepared_mnist

import jaxgan
from jaxgan import data
from jaxgan.cli import main
from jaxgan.core import Algorithm, Average, GANState, Players
from jaxgan.data.images import decode
from jaxgan.metrics.classifier import train_classifier
from jaxgan.metrics.evaluate import METRICS
from jaxgan.training import evaluator, records
from jaxgan.training.evaluation import Evaluation, evaluate_run
from jaxgan.training.evaluator import Evaluator
from jaxgan.training.numbers import NUMBERS, Metric

STATE = GANState(np.int32(7), Players({}, {}), Players({}, {}), Average({}, {}), {})
SMALL = ("--batch-size=8", "--steps=4", "--log-every=4", "--sample-every=4", "--checkpoint-every=2")


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patched.setattr(evaluator, "train_classifier", partial(train_classifier, steps=2))
        yield


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    out = tmp_path_factory.mktemp("runs")
    assert main(["train", "digits", "--image-size=8", "--width=4", *SMALL, "--out", str(out)]) == 0
    return out / "00000-digits"


def test_names_are_those_of_metrics():
    assert get_args(Metric) == tuple(NUMBERS)
    assert {number.metric for number in NUMBERS.values()} <= set(METRICS)


def test_a_table_is_printed_and_the_records_are_kept(trained, capsys):
    metrics = ["fid", "kid", "precision", "recall", "labels_obeyed"]
    assert main(["evaluate", str(trained), "--metrics", *metrics, "--n", "40"]) == 0
    shown = capsys.readouterr().out
    found = json.loads((trained / "evaluation.json").read_text())
    assert [record["metric"] for record in found] == metrics
    for record in found:
        assert f" {record['metric']} " in shown
        assert f"{record['value']:.4g}" in shown
        assert (record["step"], record["seed"], record["fake_count"]) == (4, 0, 40)
        assert record["features"].startswith("classifier of digits, ")
    assert [record["real_count"] for record in found] == [1797, 1797, 40, 40, 0]
    assert [record["reference"] for record in found] == 4 * ["digits"] + [None]
    assert [name for record in found for name in record if name == "deviation"] == ["deviation"]


def test_records_are_added_once_and_checkpoints_chosen(trained, tmp_path):
    out = tmp_path / "new" / "found.json"
    asked = Evaluation(metrics=("fid",), features="pixels", n=10, out=out)
    for evaluation in (asked, replace(asked, step=2), asked):
        evaluate_run(trained, evaluation)
    found = json.loads(out.read_text())
    assert [record["step"] for record in found] == [2, 4]
    assert found[0]["value"] != found[1]["value"]
    assert found[0]["features"] == "pixels"


def copying(dataset):
    """An algorithm whose samples are rows of the data, in order, and the labels that it was given."""
    given = []

    def sample(state, key, n, labels, latents):
        rows = np.arange(n) + sum(map(len, given))
        given.append(rows if labels is None else labels)
        return decode(dataset.real[rows % len(dataset)])

    return Algorithm(None, None, sample), given


@pytest.mark.parametrize("spec", ["digits", "ring"])
def test_copies_of_the_data_are_as_good_as_the_data(spec):
    of = data.load(spec, **({"image_size": 8} if spec == "digits" else {}))
    dataset = data.Dataset(of.name, of.real[:512])
    config = replace(jaxgan.preset(spec), conditional=False)
    found = Evaluator(config, dataset, copying(dataset)[0])(STATE, ("recall", "fid", "precision"), n=512, seed=0)
    assert [record["metric"] for record in found] == ["recall", "fid", "precision"]
    assert [record["features"] for record in found] == 3 * ["pixels"]
    np.testing.assert_allclose([record["value"] for record in found], [1, 0, 1], atol=1e-6)


def test_labels_are_as_frequent_as_in_the_data():
    labels = np.array([0, 3, 3, 3] * 20, np.int32)
    dataset = data.Dataset("x", np.zeros((80, 8, 8, 1), np.uint8), labels, 5)
    algorithm, given = copying(dataset)
    evaluate = Evaluator(jaxgan.preset("digits"), dataset, algorithm, features="pixels")
    evaluate(STATE, ("fid",), n=2000, seed=0)
    share = np.bincount(np.concatenate(given)[:2000], minlength=5) / 2000
    np.testing.assert_allclose(share, [0.25, 0, 0, 0.75, 0], atol=0.04)


def test_samples_that_are_not_finite_have_no_number():
    dataset = data.load("ring")
    broken = Algorithm(None, None, lambda state, key, n, *_: np.full((n, 2), np.nan, np.float32))
    assert Evaluator(jaxgan.preset("ring"), dataset, broken)(STATE, ("fid",), n=4, seed=0) == []


def test_another_split_is_compared_with(tmp_path):
    options = ["--data-dir", prepared_mnist(), "--split", "train[:300]", "--image-size", "8", "--width", "4"]
    assert main(["train", "conditional-mnist", *options, *SMALL, "--out", str(tmp_path)]) == 0
    run = tmp_path / "00000-conditional-mnist"
    for reference, name, count in ((None, "train[:300]", 300), ("test[:50]", "test[:50]", 50)):
        asked = Evaluation(metrics=("fid",), features="pixels", n=10, reference=reference)
        (record,) = evaluate_run(run, asked)
        assert (record["reference"], record["real_count"]) == (f"tfds:mnist, {name}", count)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--n 1", "n must be at least 2, got 1"),
        ("--metrics", "metrics must name at least one"),
        ("--step 2 --checkpoint best", "step=2 and checkpoint=best exclude each other"),
        ("--step 3", "no checkpoint of step 3"),
        ("--checkpoint best", "no best state in"),
        ("--features inception", "features=inception needs inception_weights"),
        ("--inception-weights none.pth", "inception_weights: no file none.pth"),
        ("--reference test", "split is for tfds, stacked_mnist alone, got split='test' for digits"),
    ],
)
def test_wrong_options_exit_with_2_and_say_why(trained, options, message, capsys):
    before = (trained / "evaluation.json").exists()
    assert main(["evaluate", str(trained), *options.split()]) == 2
    assert message in capsys.readouterr().err
    assert (trained / "evaluation.json").exists() == before


def test_points_and_images_without_labels_have_no_classifier():
    algorithm, _ = copying(None)
    for dataset, message in (
        (data.load("ring"), r"features=classifier needs images with labels; ring has \(2,\)"),
        (data.load(np.zeros((3, 8, 8, 1), np.uint8)), r"arrays has \(8, 8, 1\) without labels"),
    ):
        with pytest.raises(ValueError, match=message):
            Evaluator(jaxgan.preset("ring"), dataset, algorithm, features="classifier")


@pytest.mark.parametrize("text", ["{", "{}"])
def test_a_file_of_something_else_is_left_alone(tmp_path, text):
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(ValueError, match=r"x.json is not a list of records"):
        records.add(tmp_path / "x.json", [{"metric": "fid"}])
    assert (tmp_path / "x.json").read_text() == text
