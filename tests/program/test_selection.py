"""Evaluation while a run trains: the same run with and without it, resumed or not; the best state, judged again."""

import json
from functools import partial
from unittest import mock

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxgan
from jaxgan.core import Average, GANState, Players
from jaxgan.metrics.inception import feature_function
from jaxgan.observe import evaluator
from jaxgan.observe.evaluator import Evaluator
from jaxgan.observe.selection import Selection
from jaxgan.observe.stored import experiment_of, stored
from jaxgan.recipes.recipe import DataShape
from jaxgan.report.report import write_report
from jaxgan.runs import records, run_folder
from jaxgan.runs.best import Best
from jaxgan.runs.log import Log

SMALL = jaxgan.preset("ring").replace(
    generator_hidden=(8,), discriminator_hidden=(8,), standardize=False, batch_size=8, steps=6,
    steps_per_call=1, log_every=1, sample_every=6, checkpoint_every=3,
)  # fmt: skip
EVALUATED = SMALL.replace(evaluate_every=2, evaluate_samples=20, evaluate_metrics=("fid", "recall"))


def numbers(folder):
    lines = map(json.loads, (folder / "metrics.jsonl").read_text().splitlines())
    return [{name: value for name, value in line.items() if name != "images_per_second"} for line in lines]


def evaluations(folder):
    return [line for line in numbers(folder) if "fid_pixels" in line]


def best_of(trained):
    run = run_folder.load(trained.folder)
    return Best(run.best).record, stored(run, experiment_of(run), checkpoint="best")


def equal(one, other):
    jax.tree.map(np.testing.assert_array_equal, *map(jax.device_get, (one, other)))


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory, own_cache):
    return jaxgan.train(EVALUATED, out=tmp_path_factory.mktemp("runs"), show="none")


@pytest.mark.slow
def test_training_is_the_same_bit_for_bit_with_evaluation(evaluated, tmp_path):
    plain = jaxgan.train(SMALL, out=tmp_path, show="none")
    equal(plain.state, evaluated.state)
    assert numbers(plain.folder) == [line for line in numbers(evaluated.folder) if "fid_pixels" not in line]
    assert not (plain.folder / "best").exists()


@pytest.mark.slow
def test_the_best_state_is_the_one_of_the_best_number(evaluated):
    values = {line["step"]: line["fid_pixels"] for line in evaluations(evaluated.folder)}
    assert list(values) == [2, 4, 6]
    record, state = best_of(evaluated)
    assert record["step"] == int(state.step) == min(values, key=values.get)
    assert record["value"] == values[record["step"]]
    assert (record["metric"], record["features"], record["reference"]) == ("fid_pixels", "pixels", "ring")


@pytest.mark.slow
def test_the_best_is_judged_again_by_other_samples(evaluated):
    record, _ = best_of(evaluated)
    fid, recall = records.read(evaluated.folder / "evaluation.json")
    assert (fid["metric"], recall["metric"]) == ("fid_pixels", "recall_pixels")
    assert (fid["step"], fid["fake_count"], fid["seed"]) == (record["step"], 40, 1)
    assert fid["value"] != record["value"]
    said = (evaluated.folder / "log.txt").read_text()
    assert f"the best state is that of step {record['step']}: fid_pixels {record['value']:.4g} of 20 samples, " in said
    assert f"{fid['value']:.4g} of 40 others" in said


class KilledError(BaseException):
    pass


@pytest.mark.slow
def test_a_run_that_was_killed_ends_with_the_numbers_and_the_best_of_one_that_was_not(evaluated, tmp_path):
    """Killed once after an evaluation that its checkpoint knows nothing of, once in one whose state was just saved."""

    def kill(progress):
        if progress.step == 5:
            raise KilledError

    evaluate = Evaluator.__call__

    def killed(self, state, *rest, **options):
        if int(state.step) == 6:
            assert (tmp_path / "00000-run" / "checkpoints" / "6").is_dir(), "what was not saved is lost"
            raise KilledError
        return evaluate(self, state, *rest, **options)

    with pytest.raises(KilledError):
        jaxgan.train(EVALUATED, out=tmp_path, callbacks=[kill], show="none")
    with mock.patch.object(Evaluator, "__call__", killed), pytest.raises(KilledError):
        jaxgan.train(EVALUATED, out=tmp_path, resume="newest", show="none")
    assert [line["step"] for line in evaluations(tmp_path / "00000-run")] == [2, 4]
    resumed = jaxgan.train(EVALUATED, out=tmp_path, resume="newest", show="none")
    assert evaluations(resumed.folder) == evaluations(evaluated.folder)
    for one, other in zip(best_of(resumed), best_of(evaluated), strict=True):
        equal(one, other)
    of_both = [records.read(run.folder / "evaluation.json") for run in (resumed, evaluated)]
    assert of_both[0] == of_both[1]


@pytest.mark.slow
def test_an_evaluation_that_fails_is_said_in_a_line_and_the_run_goes_on(tmp_path, monkeypatch):
    evaluate = Evaluator.__call__

    def failing(self, state, *rest, **options):
        if int(state.step) in (2, 4):
            raise {2: MemoryError("8 GiB asked for"), 4: np.linalg.LinAlgError("SVD did not\nconverge")}[
                int(state.step)
            ]
        return evaluate(self, state, *rest, **options)

    monkeypatch.setattr(Evaluator, "__call__", failing)
    trained = jaxgan.train(EVALUATED, out=tmp_path, show="none")
    assert int(trained.state.step) == 6
    assert [line["step"] for line in evaluations(trained.folder)] == [6]
    assert best_of(trained)[0]["step"] == 6
    said = (trained.folder / "log.txt").read_text()
    assert "step 2: the evaluation failed: not enough memory. 8 GiB asked for\n" in said
    assert "step 4: the evaluation failed: LinAlgError: SVD did not converge\n" in said


@pytest.mark.slow
def test_a_best_state_that_cannot_be_kept_or_judged_again_does_not_end_the_run(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device", "best")

    with monkeypatch.context() as patch:
        patch.setattr(Best, "replace", full)
        trained = jaxgan.train(EVALUATED, out=tmp_path, show="none")
    assert "the evaluation failed: best: No space left on device" in (trained.folder / "log.txt").read_text()
    assert [line["step"] for line in evaluations(trained.folder)] == [2, 4, 6]
    monkeypatch.setattr(records, "add", full)
    trained = jaxgan.train(EVALUATED, out=tmp_path, show="none")
    said = (trained.folder / "log.txt").read_text()
    assert " of 40 others" in said
    assert "the evaluation failed: best: No space left on device" in said


@pytest.mark.slow
def test_a_cache_that_cannot_be_written_is_told_once_and_the_run_goes_on(tmp_path):
    (tmp_path / "file").touch()
    config = EVALUATED.replace(cache_dir=str(tmp_path / "file"))
    trained = jaxgan.train(config, dataset=jaxgan.data.load("ring"), out=tmp_path, show="none")
    assert len(evaluations(trained.folder)) == 3
    assert (trained.folder / "log.txt").read_text().count("the cache cannot be written") == 1


@pytest.mark.slow
def test_a_finished_run_that_is_resumed_keeps_its_records_as_they_are(evaluated):
    before = (evaluated.folder / "evaluation.json").read_text()
    jaxgan.train(EVALUATED, out=evaluated.folder.parent, resume=evaluated.folder, show="none")
    assert (evaluated.folder / "evaluation.json").read_text() == before


@pytest.mark.slow
def test_the_report_shows_the_numbers(evaluated):
    page = write_report(evaluated.folder).read_text()
    assert "Fréchet distance (best at 0), features: pixels" in page
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

        asked = EVALUATED.replace(evaluate_metrics=(metric,), **config)
        folder = run_folder.Run(tmp_path / "run", "x", asked.recipe, asked.program, DataShape((2,), None), None)
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


@pytest.mark.slow
def test_metrics_that_do_not_fit_are_refused_before_the_run_begins(tmp_path):
    with pytest.raises(ValueError, match="classes needs features=classifier, got features=pixels"):
        jaxgan.train(EVALUATED.replace(evaluate_metrics=("fid", "classes")), out=tmp_path, show="none")
    assert not list(tmp_path.iterdir())


def images(count, channels=1, side=4):
    return np.random.default_rng(0).integers(0, 256, (count, side, side, channels)).astype(np.uint8)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        (images(1), {}, "fid needs at least 2 rows of data, but arrays has 1"),
        (images(3), {"evaluate_metrics": ("precision",)}, "precision needs at least 4 rows of data, but arrays has 3"),
        (images(5), {"evaluate_metrics": ("coverage",)}, "coverage needs at least 6 rows of data, but arrays has 5"),
        (images(9), {"evaluate_metrics": ("fid", "reverse_kl")}, "reverse_kl needs features=classifier"),
        (images(9), {"evaluate_metrics": ("ms_ssim",)}, r"ms_ssim needs images of at least 11 pixels, got \(4, 4, 1\)"),
        (np.zeros((9, 5000), np.float32), {}, r"covariance of at most 4,096 numbers; shape \(5000,\) has 5,000"),
    ],
)
def test_what_an_evaluation_cannot_do_is_said_before_the_run_begins(rows, options, message, tmp_path):
    config = EVALUATED.replace(batch_size=1, **options)
    with pytest.raises(ValueError, match=message):
        jaxgan.train(config, dataset=jaxgan.data.load(rows), out=tmp_path, show="none")
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_pixels_that_no_memory_holds_are_refused_before_the_run_begins(tmp_path, monkeypatch):
    monkeypatch.setattr(evaluator, "MEMORY", 9_000)
    config = EVALUATED.replace(evaluate_metrics=("kid",))
    with pytest.raises(ValueError, match="kid of features=pixels holds all of them: 56 rows and samples"):
        jaxgan.train(config, dataset=jaxgan.data.load(images(36)), out=tmp_path, show="none")
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["weights.pth", "weights.safetensors"])
def test_weights_that_are_none_are_refused_before_the_run_begins(name, tmp_path):
    (tmp_path / name).write_bytes(b"no weights")
    config = EVALUATED.replace(inception_weights=str(tmp_path / name))
    with pytest.raises(ValueError, match=f"{name} is not a "):
        jaxgan.train(config, dataset=jaxgan.data.load(images(9)), out=tmp_path / "runs", show="none")
    assert not (tmp_path / "runs").exists()


@pytest.mark.slow
def test_four_channels_are_refused_before_the_run_begins_where_inception_takes_three(tmp_path, monkeypatch):
    monkeypatch.setattr(feature_function, "load_weights", lambda path: {})
    (tmp_path / "weights.pth").touch()
    config = EVALUATED.replace(inception_weights=str(tmp_path / "weights.pth"))
    with pytest.raises(ValueError, match=r"images must have 1 or 3 channels, got shape \(1, 4, 4, 4\)"):
        jaxgan.train(config, dataset=jaxgan.data.load(images(9, channels=4)), out=tmp_path / "runs", show="none")
    assert not (tmp_path / "runs").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("dataset", "name"),
    [
        (jaxgan.data.Dataset("x", images(60), np.arange(60, dtype=np.int32) % 3, 3), "fid_classifier"),
        (jaxgan.data.Dataset("x", images(2), np.arange(2, dtype=np.int32), 2), "fid_classifier"),
        (jaxgan.data.Dataset("x", images(9), np.zeros((9, 5), np.float32)), "fid_pixels"),
        (jaxgan.data.Dataset("x", images(9, side=33)), "fid_random"),
    ],
)
def test_few_images_labels_of_one_class_vectors_and_large_images_are_evaluated(dataset, name, tmp_path, monkeypatch):
    monkeypatch.setattr(evaluator, "train_classifier", partial(evaluator.train_classifier, steps=2))
    config = EVALUATED.replace(batch_size=2, evaluate_metrics=("fid",), cache_dir=str(tmp_path / "cache"))
    trained = jaxgan.train(config, dataset=dataset, out=tmp_path, show="none")
    shown = [line[name] for line in numbers(trained.folder) if name in line]
    assert len(shown) == 3
    assert np.isfinite(shown).all()
    assert f"{name} {shown[-1]:.4g}" in (trained.folder / "log.txt").read_text()
    assert records.read(trained.folder / "evaluation.json")[0]["metric"] == name


@pytest.mark.slow
def test_batches_without_end_cannot_be_compared_with(tmp_path):
    batches = [jaxgan.Batch(np.zeros((8, 2), np.float32))]
    with pytest.raises(ValueError, match="an evaluation needs a data set with rows, got iterables"):
        jaxgan.train(EVALUATED, dataset=jaxgan.data.load(batches), out=tmp_path, show="none")
    assert not list(tmp_path.iterdir())
