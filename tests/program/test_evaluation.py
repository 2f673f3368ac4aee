"""`jaxgan evaluate`: what is measured of which samples against which data, what is kept, what is refused."""

import json
import sys
from dataclasses import replace
from types import SimpleNamespace
from typing import get_args

import jax
import numpy as np
import pytest

import jaxgan
from jaxgan import data
from jaxgan.cli import main
from jaxgan.core import Algorithm, Average, GANState, Players
from jaxgan.data.media.images import decode
from jaxgan.experiment import Experiment, Latents
from jaxgan.metrics.classifier import Classifier
from jaxgan.metrics.clips import OF_CLIPS
from jaxgan.metrics.evaluate import METRICS
from jaxgan.metrics.features import FeatureFunction, Seen, pixels
from jaxgan.metrics.pairs import OF_PAIRS
from jaxgan.metrics.points import OF_MODES, OF_POINTS
from jaxgan.metrics.sound_pairs import OF_SOUND_PAIRS
from jaxgan.metrics.sounds import OF_SOUNDS
from jaxgan.metrics.texts import OF_TEXTS
from jaxgan.observe import evaluation, evaluator
from jaxgan.observe.evaluation import Evaluation, measure
from jaxgan.observe.evaluator import Evaluator
from jaxgan.observe.numbers import NUMBERS, Metric, lower_is_better
from jaxgan.recipes.making import made
from jaxgan.recipes.sources import TFDS
from jaxgan.runs import records

STATE = GANState(np.int32(7), Players({}, {}), Players({}, {}), Average({}, {}), {})
SMALL = jaxgan.preset("ring").replace(
    generator_hidden=(8,), discriminator_hidden=(8,), batch_size=8, steps=6,
    steps_per_call=1, log_every=6, sample_every=6, checkpoint_every=2,
)  # fmt: skip


@pytest.fixture(scope="module")
def trained(tmp_path_factory, own_cache):
    return jaxgan.train(SMALL, out=tmp_path_factory.mktemp("runs"), show="none").folder


def test_names_are_those_of_metrics():
    assert set(get_args(Metric)) == {
        *NUMBERS,
        *OF_MODES,
        *OF_POINTS,
        *OF_PAIRS,
        *OF_SOUNDS,
        *OF_SOUND_PAIRS,
        *OF_CLIPS,
        *OF_TEXTS,
    }
    assert {number.metric for number in NUMBERS.values()} <= set(METRICS)


@pytest.mark.slow
def test_points_are_measured_beside_perfect_and_floor_as_training_measured_them(trained, tmp_path, capsys):
    out = tmp_path / "records.json"
    assert main(["evaluate", str(trained), "--out", str(out)]) == 0
    shown = capsys.readouterr().out
    found = json.loads(out.read_text())
    assert [record["metric"] for record in found] == [*OF_MODES, *OF_POINTS]
    lines = [json.loads(line) for line in (trained / "metrics.jsonl").read_text().splitlines()]
    (last,) = (line for line in lines if line["step"] == 6 and "modes" in line)
    for record in found:
        assert record["value"] == last[record["metric"]], "the same numbers, bit for bit"
        assert f" {record['perfect']:.4g} " in shown
        assert f" {record['floor']:.4g} " in shown
        assert (record["reference"], record["real_count"], record["fake_count"]) == ("ring, held out", 2500, 2500)


@pytest.mark.slow
def test_the_last_evaluation_of_training_is_that_of_its_checkpoint(tmp_path):
    asked = {"evaluate_every": 6, "evaluate_samples": 300, "evaluate_metrics": ("reverse_kl", "fid", "spread")}
    run = jaxgan.train(SMALL.replace(seed=5, **asked), out=tmp_path, show="none").folder
    (line,) = (x for x in map(json.loads, (run / "metrics.jsonl").read_text().splitlines()) if "fid_pixels" in x)
    found = measure(run, Evaluation(metrics=("reverse_kl", "fid", "spread"), n=300, seed=5))
    assert [record["value"] for record in found] == [line["reverse_kl"], line["fid_pixels"], line["spread"]]
    assert ["perfect" in record for record in found] == [True, False, True]
    said = (run / "log.txt").read_text()
    assert f"reverse_kl {line['reverse_kl']:.4g} (perfect 0, floor {found[0]['floor']:.4g}), fid_pixels " in said


@pytest.mark.slow
@pytest.mark.parametrize("known", [{"centres": np.array([[0.0, 0.0], [4.0, 0.0]])}, {}])
def test_any_points_are_measured_with_centres_or_without(known, tmp_path):
    random = np.random.default_rng(0)
    points = random.standard_normal((400, 2)) * 0.1 + np.repeat([[0.0, 0.0], [4.0, 0.0]], 200, axis=0)
    np.savez(tmp_path / "mine.npz", images=points, **known)
    config = SMALL.replace(data=f"npz:{tmp_path / 'mine.npz'}")
    run = jaxgan.train(config, out=tmp_path, show="none").folder
    found = measure(run, Evaluation())
    assert [record["metric"] for record in found] == [*(OF_MODES if known else ()), *OF_POINTS]
    assert {(record["reference"], record["fake_count"]) for record in found} == {("npz:mine.npz", 200)}


@pytest.mark.slow
def test_measures_of_points_are_refused_where_there_are_none(trained):
    digits = jaxgan.preset("digits")
    experiment = made(digits.recipe, data.load("digits", image_size=16), digits.program)
    with pytest.raises(ValueError, match="uncovered needs points of at most 15 numbers, got Dataset"):
        Evaluator(experiment, digits.program).check(("uncovered",), 100)
    rows = data.load(data.load("ring").real)
    experiment = made(SMALL.recipe, rows, SMALL.program)
    with pytest.raises(ValueError, match="modes needs points of at most 15 numbers with centres of their modes"):
        Evaluator(experiment, SMALL.program).check(("modes",), 100)
    with pytest.raises(ValueError, match="points are measured by 6 samples at least, got 5"):
        Evaluator(experiment, SMALL.program).check(("uncovered",), 5)


def test_a_table_is_printed_and_the_records_are_kept(trained, capsys):
    metrics = ["fid", "kid", "precision", "recall"]
    assert main(["evaluate", str(trained), "--metrics", *metrics, "--n", "40"]) == 0
    shown = capsys.readouterr().out
    found = json.loads((trained / "evaluation.json").read_text())
    named = ["fid_pixels", "kid_pixels", "precision_pixels", "recall_pixels"]
    assert [record["metric"] for record in found] == named, "what is of pixels is not called FID"
    for record in found:
        assert f" {record['metric']} " in shown, "the name shown is that of the record"
        assert f"{record['value']:.4g}" in shown
        assert (record["step"], record["seed"], record["fake_count"]) == (6, 0, 40)
        assert (record["features"], record["reference"], record["resizer"]) == ("pixels", "ring", None)
    assert [record["real_count"] for record in found] == [100_000, 100_000, 40, 40]
    assert [record["metric"] for record in found if "deviation" in record] == ["kid_pixels"]


@pytest.mark.slow
def test_records_are_added_once_and_checkpoints_chosen(trained, tmp_path):
    out = tmp_path / "new" / "found.json"
    asked = Evaluation(metrics=("fid",), n=10, out=out)
    for question in (asked, replace(asked, step=2), asked):
        evaluation.evaluate_run(trained, question)
    found = json.loads(out.read_text())
    assert [record["step"] for record in found] == [2, 6]
    assert found[0]["value"] != found[1]["value"]


def copying(dataset):
    """An algorithm whose samples are rows of the data, in order, and the labels that it was given."""
    given = []

    def sample(state, key, n, labels, latents):
        rows = np.arange(n) + sum(map(len, given))
        given.append(rows if labels is None else labels)
        return decode(dataset.real[rows % len(dataset)])

    return Algorithm(None, None, sample), given


def judge(dataset, algorithm, *, conditional=False, program=SMALL.program, **options):
    """An evaluator of an algorithm whose latents do not matter."""
    latents = Latents(lambda key: jax.random.normal(key, (2,)), None)
    told = "classes" if conditional else "nothing"
    return Evaluator(Experiment(dataset, algorithm, conditional=told, latents=latents), program, **options)


@pytest.mark.parametrize("spec", ["digits", "ring"])
def test_copies_of_the_data_are_as_good_as_the_data(spec, own_cache):
    of = data.load(spec, **({"image_size": 8} if spec == "digits" else {}))
    dataset = data.Dataset(of.name, of.real[:256])
    found = judge(dataset, copying(dataset)[0])(STATE, ("recall", "fid", "precision"), n=256, seed=0)
    assert [record["metric"] for record in found] == ["recall_pixels", "fid_pixels", "precision_pixels"]
    assert [record["features"] for record in found] == 3 * ["pixels"]
    np.testing.assert_allclose([record["value"] for record in found], [1, 0, 1], atol=1e-6)


@pytest.mark.slow
def test_images_with_labels_are_seen_by_a_classifier_of_the_runs_own_data(monkeypatch, own_cache):
    """Which here sees the label in the first pixel."""

    def train(dataset, *, cache_dir):
        def of(images):
            classes = np.round((images[:, 0, 0, 0] + 1) * 127.5).astype(int) % 3  # what pads a batch is no label
            return Seen(images.reshape(len(images), -1), np.eye(dataset.num_classes)[classes])

        return Classifier(f"classifier of {dataset.name}", dataset.shape, 3, 1.0, 0, of)

    monkeypatch.setattr(evaluator, "train_classifier", train)
    monkeypatch.setattr(Classifier, "feature_function", lambda self: FeatureFunction(self.name, self.variables))
    labels = np.arange(30, dtype=np.int32) % 3
    dataset = data.Dataset("x", np.broadcast_to(labels[:, None, None, None], (30, 2, 2, 1)).astype(np.uint8), labels, 3)
    obedient = Algorithm(None, None, lambda state, key, n, asked, latents: decode(dataset.real[asked]))
    other = data.Dataset("y", dataset.real[:10], labels[:10], 3)
    evaluate = judge(dataset, obedient, conditional=True, reference=other)
    obeyed, fid = evaluate(STATE, ("labels_obeyed", "fid"), n=20, seed=0)
    assert (obeyed["value"], obeyed["features"]) == (1, "classifier of x")
    assert (obeyed["metric"], fid["metric"]) == ("labels_obeyed", "fid_classifier")
    assert (fid["features"], fid["reference"], fid["real_count"]) == ("classifier of x", "y", 10)


@pytest.mark.slow
def test_labels_are_as_frequent_as_in_the_data(own_cache):
    labels = np.array([0, 3, 3, 3] * 20, np.int32)
    dataset = data.Dataset("x", np.zeros((80, 8, 8, 1), np.uint8), labels, 5)
    algorithm, given = copying(dataset)
    evaluate = judge(dataset, algorithm, conditional=True, features="pixels")
    evaluate(STATE, ("fid",), n=2000, seed=0)
    share = np.bincount(np.concatenate(given)[:2000], minlength=5) / 2000
    np.testing.assert_allclose(share, [0.25, 0, 0, 0.75, 0], atol=0.04)


def test_pairs_are_measured_row_by_row():
    edges = data.load("edges_to_digits", image_size=16)
    inverting = Algorithm(None, None, lambda state, key, n, condition: -condition)
    paired = Evaluator(Experiment(edges, inverting, conditional="rows"), SMALL.program)
    assert paired.of_pairs() == ("l1", "psnr", "ssim")
    (l1,) = paired(STATE, ("l1",), n=10_000, seed=0)
    assert l1["value"] == pytest.approx(np.mean(np.abs(-decode(edges.condition) - decode(edges.real))), rel=1e-5)
    assert (l1["fake_count"], l1["features"]) == (1797, None)
    with pytest.raises(ValueError, match="psnr needs pairs of images, got Dataset"):
        judge(data.load("ring"), inverting).check(("psnr",), 10)


def test_the_best_state_has_the_highest_psnr_and_the_lowest_fid():
    assert [lower_is_better(name) for name in ("fid", "l1", "spread")] == [True] * 3
    assert [lower_is_better(name) for name in ("psnr", "ssim", "modes", "recall")] == [False] * 4


def test_samples_that_are_not_finite_have_no_number(own_cache):
    dataset = data.load("ring")
    broken = Algorithm(None, None, lambda state, key, n, *_: np.full((n, 2), np.nan, np.float32))
    assert judge(dataset, broken)(STATE, ("fid",), n=10, seed=0) == []


@pytest.mark.slow
def test_another_split_is_compared_with(tmp_path, monkeypatch):
    def load(self):
        return data.Dataset(f"points, {self.split}", np.eye(20 if self.split == "train" else 5, 2, dtype=np.float32))

    monkeypatch.setattr(TFDS, "dataset", load)
    config = SMALL.replace(data="tfds:points")
    trained = jaxgan.train(config, out=tmp_path, show="none").folder
    for reference, split, count in ((None, "train", 20), ("test", "test", 5)):
        asked = Evaluation(metrics=("fid",), n=10, reference=reference, out=tmp_path / "x.json")
        (record,) = evaluation.evaluate_run(trained, asked)
        assert (record["reference"], record["real_count"]) == (f"points, {split}", count)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--n 9", "n must be at least 10, got 9"),
        (
            "--n 1000000000000",
            "n must be at most 1,000,000 for samples of 2 numbers on this machine, got 1,000,000,000",
        ),
        ("--nearest 257", "nearest must be at most 256, got 257"),
        ("--metrics", "--metrics needs a value"),
        ("--step 2 --checkpoint best", "step=2 and checkpoint=best exclude each other"),
        ("--step 3", "no checkpoint of step 3"),
        ("--checkpoint best", "no best state in"),
        ("--features inception", "features=inception needs inception_weights"),
        ("--inception-weights none.pth", "inception_weights needs images; ring has (2,)"),
        ("--reference test", "reference has no meaning for GAN of such data: no option split"),
        ("--metrics inception_score", "inception_score needs features=classifier or inception, got features=pixels"),
        ("--metrics classes", "got features=pixels; features=classifier needs images with labels of two classes"),
        ("--features random", "features=random needs images; ring has (2,)"),
        ("--metrics inception_score --features classifier", "features=classifier needs two images or more with labels"),
        ("--metrics ms_ssim", "ms_ssim needs images of at least 11 pixels, got (2,)"),
    ],
)
def test_wrong_options_exit_with_2_and_say_why(trained, options, message, capsys):
    before = (trained / "evaluation.json").exists()
    assert main(["evaluate", str(trained), *options.split()]) == 2
    assert message in capsys.readouterr().err
    assert (trained / "evaluation.json").exists() == before


def test_inception_sees_where_its_weights_are_given(tmp_path, monkeypatch, own_cache):
    def inception(weights, resize):
        return FeatureFunction(f"{weights.name} by {resize}", pixels().of)

    monkeypatch.setitem(sys.modules, "jaxgan.metrics.inception", SimpleNamespace(inception=inception))
    weights = tmp_path / "weights.pth"
    weights.touch()
    dataset = data.Dataset("x", np.arange(80, dtype=np.uint8).reshape(20, 2, 2, 1), np.zeros(20, np.int32), 2)
    evaluate = judge(dataset, copying(dataset)[0], program=SMALL.replace(inception_weights=str(weights)).program)
    (record,) = evaluate(STATE, ("fid",), n=20, seed=0)
    assert (record["features"], record["resizer"]) == ("weights.pth by tensorflow", "tensorflow")
    assert record["metric"] == "fid"
    with pytest.raises(ValueError, match="labels_obeyed needs features=classifier, got features=inception"):
        evaluate.check(("labels_obeyed",), 20)


def test_points_and_images_without_labels_have_no_classifier():
    algorithm, _ = copying(None)
    for dataset, message in (
        (data.load("ring"), r"two images or more with labels of two classes or more; ring has 100000 of shape \(2,\)"),
        (data.load(np.zeros((3, 8, 8, 1), np.uint8)), r"arrays has 3 of shape \(8, 8, 1\) without such labels"),
    ):
        with pytest.raises(ValueError, match=message):
            judge(dataset, algorithm, features="classifier")


@pytest.mark.parametrize("text", ["{", "{}"])
def test_a_file_of_something_else_is_left_alone(tmp_path, text):
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(ValueError, match=r"x.json is not a list of records"):
        records.add(tmp_path / "x.json", [{"metric": "fid"}])
    assert (tmp_path / "x.json").read_text() == text
