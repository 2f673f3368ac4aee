"""A run is evaluated against the data that it was trained on, and goes on with them alone, wherever they lie."""

import json
import re
import shutil
from dataclasses import replace

import jax
import numpy as np
import optax
import pytest
from PIL import Image

import jaxgan
from jaxgan import Batch, Players, data, dynamics, losses, networks
from jaxgan.cli import main
from jaxgan.observe import evaluation
from jaxgan.observe.evaluation import Evaluation
from jaxgan.recipes.sources import spelled
from jaxgan.runs import run_folder
from jaxgan.runs.same_data import doubt, likeness

SMALL = jaxgan.preset("ring").replace(
    generator_hidden=(4,), discriminator_hidden=(4,), batch_size=8, steps=2, schedule="constant",
    instance_noise_share=0.0, octave_opening=(0.0, 0.0),
    steps_per_call=1, log_every=2, sample_every=2, checkpoint_every=2,
)  # fmt: skip
ASKED = Evaluation(metrics=("fid",), n=10)


def points(seed=0, rows=20):
    return np.random.default_rng(seed).normal(size=(rows, 2)).astype(np.float32)


def train(out, source, resume=None, steps=2, **options):
    dataset = None if isinstance(source, str) else data.load(source)
    config = SMALL.replace(steps=steps, data=source if isinstance(source, str) else "ring", **options)
    return jaxgan.train(config, dataset=dataset, out=out, resume=resume, show="none").folder


@pytest.fixture(scope="module")
def run(tmp_path_factory, own_cache):
    """Trained on an archive of points with labels 3 and 5."""
    folder = tmp_path_factory.mktemp("runs")
    np.savez(folder / "a.npz", images=points(), labels=np.resize([3, 5, 5], 20))
    return train(folder, f"npz:{folder / 'a.npz'}")


@pytest.mark.slow
def test_what_was_understood_is_kept_and_said(run):
    kept = json.loads((run / "config.json").read_text())["data"]
    rows = points()
    assert kept["classes"] == {"3": 7, "5": 13}
    assert kept["values"] == [rows.min(), rows.max()]
    assert (kept["rows"], kept["shape"], kept["num_classes"], kept["name"]) == (20, [2], 2, "npz:a.npz")
    assert re.fullmatch("[0-9a-f]{32}", kept["fingerprint"])
    said = (run / "log.txt").read_text()
    assert "2 classes: 3 (7), 5 (13)" in said
    assert "labels are 2 numbers from 3 to 5: class i is the i-th of them" in said


@pytest.mark.slow
def test_a_run_on_arrays_is_not_evaluated_against_the_data_that_its_configuration_names(tmp_path, own_cache):
    folder = train(tmp_path, points())
    with pytest.raises(ValueError, match=r"on rows of shape \(2,\) with no classes; ring has \(2,\) with 8 classes"):
        evaluation.evaluate_run(folder, ASKED)
    with pytest.raises(
        ValueError, match=r"rows or labels of arrays are not those of arrays, .*: data \(--data\), or dat"
    ):
        evaluation.evaluate_run(folder, ASKED, data.load(points(1)))
    (record,) = evaluation.evaluate_run(folder, ASKED, data.load(points()))
    assert (record["reference"], record["real_count"]) == ("arrays", 20)


@pytest.mark.slow
def test_a_run_on_batches_is_not_evaluated_against_the_data_that_its_configuration_names(tmp_path, own_cache):
    folder = train(tmp_path, [Batch(points()[:8])])
    with pytest.raises(ValueError, match="trained on batches that a program passed, not on data of its recipe"):
        evaluation.evaluate_run(folder, ASKED)
    (record,) = evaluation.evaluate_run(folder, ASKED, data.load(points()))
    assert record["real_count"] == 20


def moved(run, tmp_path, seed=0, labels=(3, 5, 5)):
    """The run's folder copied, so that it can go on, and an archive elsewhere."""
    folder = tmp_path / run.name
    if not folder.exists():
        shutil.copytree(run, folder)
    np.savez(tmp_path / "b.npz", images=points(seed), labels=np.resize(labels, 20))
    return folder, f"npz:{tmp_path / 'b.npz'}"


@pytest.mark.slow
def test_the_same_data_elsewhere_are_taken(run, tmp_path, own_cache):
    folder, elsewhere = moved(run, tmp_path)
    assert main(["evaluate", str(folder), "--data", elsewhere, "--metrics", "fid", "--n", "10"]) == 0
    train(tmp_path, elsewhere, resume=folder, steps=4)
    assert spelled(run_folder.load(folder).recipe.data) == elsewhere


@pytest.mark.parametrize(
    ("seed", "labels"), [(1, (3, 5, 5)), pytest.param(0, (5, 3, 3), marks=pytest.mark.slow)], ids=["rows", "labels"]
)
def test_other_data_of_the_same_shape_and_count_are_refused(run, tmp_path, own_cache, seed, labels):
    folder, elsewhere = moved(run, tmp_path, seed, labels)
    expected = "rows or labels of npz:b.npz are not those of npz:a.npz, with which the run began"
    with pytest.raises(ValueError, match=expected):
        train(tmp_path, elsewhere, resume=folder, steps=4)
    with pytest.raises(ValueError, match=expected):
        evaluation.evaluate_run(folder, replace(ASKED, data=elsewhere))


def test_data_that_are_gone_are_asked_for(run, tmp_path, own_cache):
    expected = r"no file .*\. If the data of .* are elsewhere now, say where they are"
    with pytest.raises(FileNotFoundError, match=expected):
        evaluation.evaluate_run(run, replace(ASKED, data="npz:/nowhere/c.npz"))


@pytest.mark.slow
def test_a_folder_whose_pictures_were_replaced_is_refused(tmp_path, own_cache):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for i in range(8):
        Image.new("L", (8, 8), 10 * i).save(pictures / f"{i}.png")
    digits = jaxgan.preset("digits").replace(condition="none", image_size=8, width=2, batch_size=4, steps=1)
    digits = digits.replace(steps_per_call=1, log_every=1, sample_every=1, checkpoint_every=1, evaluate_every=0)
    digits = digits.replace(data=f"folder:{pictures}", channels=1)
    folder = jaxgan.train(digits, out=tmp_path / "runs", show="none").folder
    Image.new("L", (8, 8), 200).save(pictures / "3.png")
    with pytest.raises(ValueError, match="rows or labels of folder:pictures are not those of folder:pictures"):
        jaxgan.train(digits.replace(steps=2), out=tmp_path / "runs", resume=folder, show="none")


def test_pixels_that_another_version_decoded_are_a_doubt_and_no_refusal():
    saved = {"name": "a", "fingerprint": "1", "decoded_by": "Pillow 1"}
    assert likeness(saved, saved | {"fingerprint": "2"}) == "other"
    now = saved | {"fingerprint": "2", "decoded_by": "Pillow 2"}
    assert likeness(saved, now) == "decoded otherwise"
    assert "decoded by Pillow 1, now by Pillow 2, which may be why" in doubt(saved, now)
    assert likeness({}, now) == "unknown"


@pytest.mark.slow
def test_labels_that_stand_for_none_need_a_run_that_drops_labels(tmp_path):
    dataset = data.load((points(), np.resize([0, 1, -1], 20)))
    config = SMALL.replace(condition="labels")
    with pytest.raises(ValueError, match=r"rows with label -1, which stands for none: .* label_dropout above 0"):
        jaxgan.train(config, dataset=dataset, out=tmp_path, show="none")
    jaxgan.train(config.replace(label_dropout=0.1), dataset=dataset, out=tmp_path, show="none")


def dense_images():
    """A game of images of 4 x 4, quick to compile."""
    game = jaxgan.gan(
        networks.MLPGenerator(output_shape=(4, 4, 1), hidden=(4,)),
        networks.MLPDiscriminator(hidden=(4,)),
        loss=losses.hinge(),
        latent_size=2,
    )
    return jaxgan.algorithm(game, dynamics.alternating(Players(optax.sgd(0.1), optax.sgd(0.1))))


@pytest.mark.slow
def test_a_run_outlives_the_files_that_it_reads(tmp_path):
    """The cache of decoded pictures, to which it is mapped, and the pictures."""
    pictures, cache = tmp_path / "pictures", tmp_path / "cache"
    pictures.mkdir()
    for i, pixels in enumerate(np.random.default_rng(0).integers(0, 256, (40, 4, 4), np.uint8)):
        Image.fromarray(pixels).save(pictures / f"{i:02d}.png")

    def train(name, *callbacks):
        dataset = data.load(f"folder:{pictures}", cache_dir=cache, memory_limit=0)
        assert dataset.mapped
        program = jaxgan.Program(batch_size=8, steps=20, log_every=2, sample_every=20)
        experiment = jaxgan.Experiment(dataset, dense_images())
        return jaxgan.train(experiment, program, out=tmp_path, name=name, callbacks=callbacks, show="none")

    def take_away(progress):
        if progress.step == 4:
            shutil.rmtree(cache)
            shutil.rmtree(pictures)

    alone, robbed = train("alone"), train("robbed", take_away)
    assert int(robbed.state.step) == 20
    jax.tree.map(np.testing.assert_array_equal, alone.state, robbed.state)
