"""`jaxgan sample` over one small trained run: what is drawn, how it is laid out, what is refused."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from jaxgan import data
from jaxgan.cli import main
from jaxgan.observe import requests, sampling
from jaxgan.observe.sampling import Sampling, check_columns, sample_run
from jaxgan.options import changed, to_tree
from jaxgan.runs import run_folder

SMALL = ("--batch-size=8", "--steps=4", "--log-every=4", "--sample-every=4", "--checkpoint-every=2")
IMAGE = (8 + 2) * 8
"""Pixels from one image of a grid to the next: 8 of its own and a gap of 2, enlarged eightfold."""


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    out = tmp_path_factory.mktemp("runs")
    fast = "--generator-rate=0.1"  # so that four steps leave samples that differ
    assert main(["train", "digits", "--image-size=8", "--width=4", fast, *SMALL, "--out", str(out)]) == 0
    return out / "00000-digits"


@pytest.fixture
def points(trained, tmp_path):
    """A run of points in the plane, without their network."""
    return reconfigured(trained, tmp_path / "points", shape=[2], data="ring", network="mlp", condition="none")


@pytest.fixture
def drawn(monkeypatch):
    """What would be given to the generator, which is not run."""
    drawings = []

    def generate(run, experiment, sampling, drawing):
        drawings.append(drawing)
        return np.random.default_rng(0).uniform(-1, 1, (len(drawing.latents), *run.of.shape))

    monkeypatch.setattr(sampling, "_generate", generate)
    return drawings


def reconfigured(run, folder, shape=(8, 8, 1), **fields):
    """A copy of a run with other options."""
    shutil.copytree(run, folder)
    record = json.loads((folder / "config.json").read_text())
    record["data"] |= {"shape": shape, "medium": "images" if len(shape) == 3 else "points"}
    record["recipe"]["options"] = to_tree(changed(run_folder.load(run).recipe, **fields))
    (folder / "config.json").write_text(json.dumps(record))
    return folder


def sample(run, *options):
    return main(["sample", str(run), *map(str, options)])


def read(path):
    with np.load(path) as arrays:
        return dict(arrays)


def size_of(path):
    with Image.open(path) as image:
        return image.size


def angles(a, b):
    """Between rows, in float64: well conditioned everywhere."""
    a, b = (
        z / np.linalg.norm(z, axis=-1, keepdims=True) for z in (np.asarray(a, np.float64), np.asarray(b, np.float64))
    )
    return 2 * np.arctan2(np.linalg.norm(a - b, axis=-1), np.linalg.norm(a + b, axis=-1))


@pytest.mark.slow
def test_a_picture_of_the_generators_samples(trained, capsys):
    assert sample(trained) == 0
    out = trained / "samples" / "seed-0.png"
    assert capsys.readouterr().out.strip() == str(out)
    assert size_of(out) == (10 * IMAGE - 16, 7 * IMAGE - 16)
    with Image.open(out) as image:
        digits = [np.asarray(image.crop((i * IMAGE, 0, i * IMAGE + 64, 64))) for i in range(10)]
    assert all(digit.std() > 5 for digit in digits)


@pytest.mark.parametrize(("options", "columns", "rows"), [("", 10, 2), ("--columns 4", 4, 5), ("--labels 1", 8, 3)])
def test_columns_of_a_picture(trained, drawn, tmp_path, options, columns, rows):
    out = tmp_path / "deep" / "x.png"
    assert sample(trained, "--n", 20, *options.split(), "--out", out) == 0
    assert size_of(out) == (columns * IMAGE - 16, rows * IMAGE - 16)


def test_arrays_can_be_trained_on(trained, tmp_path):
    for name in "ab":
        options = ["--n", 5, "--seed", 1, "--labels", 3, 7, "--out", tmp_path / f"{name}.npz"]
        assert sample(trained, *options) == 0
    made = data.load(f"npz:{tmp_path / 'a.npz'}")
    assert made.real.shape == (5, 8, 8, 1)
    assert [made.class_names[label] for label in made.labels] == ["3", "7", "3", "7", "3"]
    np.testing.assert_array_equal(made.real, data.load(f"npz:{tmp_path / 'b.npz'}").real)


def test_a_sample_is_of_its_label(trained, tmp_path):
    mixed, same = (
        read(sample_run(trained, Sampling(n=2, labels=labels, out=tmp_path / "x.npz")))["images"].astype(int)
        for labels in ((3, 7), (3, 3))
    )
    np.testing.assert_array_equal(mixed[0], same[0])
    assert np.abs(mixed[1] - same[1]).max() > 5


def test_a_sample_depends_on_neither_the_number_nor_the_chunks(trained, tmp_path, monkeypatch):
    whole = read(sample_run(trained, Sampling(n=6, out=tmp_path / "x.npz")))
    monkeypatch.setattr(requests, "CHUNK", 4)
    parts = read(sample_run(trained, Sampling(n=7, out=tmp_path / "x.npz")))
    assert parts["labels"].tolist() == list(range(7))
    images = parts["images"].astype(int)
    np.testing.assert_allclose(images[:6], whole["images"], atol=1)
    apart = np.abs(images[:, None] - images).max(axis=(2, 3, 4))
    assert (apart + 99 * np.eye(7) > 5).all()


def test_a_kept_checkpoint_is_chosen_by_its_step(trained, tmp_path, capsys):
    newest, last, first = (
        read(sample_run(trained, Sampling(n=2, step=step, out=tmp_path / "x.npz")))["images"] for step in (None, 4, 2)
    )
    np.testing.assert_array_equal(newest, last)
    assert np.abs(last.astype(int) - first).max() > 5
    assert sample(trained, "--step", 3) == 2
    error = capsys.readouterr().err
    assert "3" in error
    assert "those of 2, 4" in error


def test_truncated_latents_stay_within(trained, drawn, tmp_path):
    sample_run(trained, Sampling(n=50, truncation=0.5, out=tmp_path / "x.png"))
    sample_run(trained, Sampling(n=50, out=tmp_path / "x.png"))
    truncated, free = (np.abs(drawing.latents) for drawing in drawn)
    assert 0.49 < truncated.max() <= 0.5
    assert free.max() > 3


def test_signs_among_the_latents_are_drawn_as_in_training(points, drawn, tmp_path):
    run = reconfigured(points, tmp_path / "run", shape=[2], latent_signs=3)
    sample_run(run, Sampling(n=50, out=tmp_path / "x.png"))
    np.testing.assert_array_equal((np.abs(drawn[0].latents) == 1).all(axis=0), np.arange(100) < 3)


def test_rows_walk_along_the_sphere_with_one_label(trained, drawn, tmp_path):
    sample_run(trained, Sampling(n=6, out=tmp_path / "x.png"))
    sample_run(trained, Sampling(n=3, labels=(7, 2), interpolate=True, columns=5, out=tmp_path / "y.png"))
    scattered, rows = drawn
    assert size_of(tmp_path / "y.png") == (5 * IMAGE - 16, 3 * IMAGE - 16)
    assert rows.condition.reshape(3, 5).tolist() == [[7] * 5, [2] * 5, [7] * 5]
    walk = np.asarray(rows.latents).reshape(3, 5, -1)
    np.testing.assert_array_equal(walk[:, [0, -1]].reshape(6, -1), scattered.latents)
    whole = angles(walk[:, 0], walk[:, -1])
    np.testing.assert_allclose(angles(walk[:, :1], walk), whole[:, None] * np.arange(5) / 4, atol=1e-6)


def test_uniform_latents_are_walked_straight(trained, drawn, tmp_path):
    run = reconfigured(trained, tmp_path / "run", latent="uniform")
    out = sample_run(run, Sampling(n=2, interpolate=True, columns=3))
    assert out == run / "samples" / "rows-seed-0.png"
    walk = np.asarray(drawn[0].latents).reshape(2, 3, -1)
    np.testing.assert_allclose(walk[:, 1], (walk[:, 0] + walk[:, 2]) / 2, atol=1e-7)
    assert np.abs(walk).max() <= 1


@pytest.mark.slow
def test_by_default_there_is_a_row_for_every_class(trained, points, drawn, tmp_path):
    sample_run(trained, Sampling(interpolate=True, out=tmp_path / "x.npz"))
    assert read(tmp_path / "x.npz")["labels"].tolist() == np.arange(10).repeat(8).tolist()
    many = tuple(range(10)) * 2
    sample_run(trained, Sampling(labels=many, columns=2, interpolate=True, out=tmp_path / "x.npz"))
    assert drawn[1].condition.tolist() == np.repeat(many, 2).tolist()
    sample_run(points, Sampling(interpolate=True, out=tmp_path / "y.npz"))
    assert drawn[2].condition is None
    assert drawn[2].latents.shape == (64, 100)


def test_a_walk_goes_through_the_latents_and_back_with_every_label_at_once(trained, drawn, tmp_path):
    sample_run(trained, Sampling(n=3, out=tmp_path / "x.png"))
    sample_run(trained, Sampling(n=3, labels=(1, 5), frames=4, out=tmp_path / "x.gif"))
    scattered, walk = drawn
    assert walk.condition.reshape(12, 2).tolist() == [[1, 5]] * 12
    frames = np.asarray(walk.latents).reshape(12, 2, -1)
    np.testing.assert_array_equal(frames[:, 0], frames[:, 1])
    np.testing.assert_array_equal(frames[::4, 0], scattered.latents)
    steps = angles(frames[:, 0], np.roll(frames[:, 0], -1, axis=0)).reshape(3, 4)
    np.testing.assert_allclose(steps, np.broadcast_to(steps[:, :1], steps.shape), atol=1e-6)
    corners = np.asarray(scattered.latents)
    np.testing.assert_allclose(steps.sum(axis=1), angles(corners, np.roll(corners, -1, axis=0)), atol=1e-5)


@pytest.mark.parametrize(("options", "columns", "rows"), [((), 5, 2), (("--columns", 3, "--labels", 1, 2), 2, 1)])
def test_an_animation_goes_round_for_ever(trained, tmp_path, options, columns, rows):
    out = tmp_path / "x.gif"
    assert sample(trained, "--n", 2, "--frames", 3, "--out", out, *options) == 0
    with Image.open(out) as image:
        assert image.size == (columns * IMAGE - 16, rows * IMAGE - 16)
        assert image.info["loop"] == 0
        durations = []
        for i in range(image.n_frames):
            image.seek(i)
            durations.append(image.info["duration"])
    assert sum(durations) == 2 * 3 * 40


def test_a_video_without_an_encoder_is_refused_before_anything_is_drawn(trained, drawn, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("jaxgan.data.media.video.find_spec", lambda name: None)
    assert sample(trained, "--out", tmp_path / "x.mp4") == 2
    assert "an .mp4 needs an encoder: pip install 'jaxgan[video]'" in capsys.readouterr().err
    assert not drawn


def test_an_unconditional_walk_shows_one_image(trained, drawn, tmp_path):
    run = reconfigured(trained, tmp_path / "run", condition="none")
    sample_run(run, Sampling(n=2, out=tmp_path / "x.gif"))
    assert drawn[0].condition is None
    assert len(drawn[0].latents) == 2 * 24
    assert size_of(tmp_path / "x.gif") == (64, 64)


def test_points_make_a_cloud(points, drawn, tmp_path):
    assert sample(points, "--interpolate", "--n", 2, "--columns", 9, "--out", tmp_path / "x.png") == 0
    assert size_of(tmp_path / "x.png") == (500, 500)
    assert sample(points, "--n", 3, "--out", tmp_path / "x.npz") == 0
    assert read(tmp_path / "x.npz").keys() == {"images"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--labels 11", "labels must name classes of the run, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, or be their numbers in"),
        ("--labels dog", "got 'dog'"),
        ("--labels 3000000000", "got '3000000000'"),
        ("--labels -1", "got '-1'"),
        ("--out x.jpg", "out must end in .png, .npz, .gif or .mp4, got x.jpg"),
        ("--step 2 --checkpoint best", "step=2 and checkpoint=best exclude each other"),
        ("--checkpoint best", "no best state in"),
        ("--n 0", "n must be at least 1, got 0"),
        ("--n 1 --out x.gif", "n must be at least 2, got 1"),
        ("--truncation 0", "truncation must be above 0, got 0.0"),
        ("--truncation nan", "truncation must be at least 0, got nan"),
        ("--columns 0", "columns must be at least 1, got 0"),
        ("--columns 1 --interpolate", "columns must be at least 2, got 1"),
        ("--columns 3 --out x.npz", "columns=3 needs a picture, got x.npz"),
        ("--frames 3", "frames=3 needs an out that ends in .gif or .mp4, got None"),
        ("--frames 0 --out x.gif", "frames must be at least 1, got 0"),
        ("--interpolate --out x.gif", "interpolate draws a still picture, but x.gif would move"),
        ("--n 20000 --interpolate", "n × columns must be at most 100,000 for samples of 64 numbers"),
        ("--n 2000000 --out x.gif", "n × frames × classes must be at most 100,000 for samples of 64 numbers"),
        ("--frames 99999 --labels 1 --out x.gif", "on this machine, got 799,992"),
        ("--out x.gif --columns 2 --labels 1", "columns=2 has no effect: a .gif shows one image a class, here one in"),
    ],
)
def test_wrong_options_exit_with_2_and_say_why(trained, options, message, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert sample(trained, *options.split()) == 2
    assert message in capsys.readouterr().err
    assert not list(Path().iterdir())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--out x.gif", "out=x.gif needs images or clips, but "),
        ("--n 20000 --interpolate", "n × columns must be at most 100,000 for samples of 2 numbers"),
        ("--columns 3", "columns=3 needs images, but "),
        ("--n 1000000000", "n must be at most 1,000,000 for samples of 2 numbers"),
        ("--labels 1", "labels=('1',) given, but"),
    ],
)
def test_what_does_not_fit_points_is_refused(points, options, message, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert sample(points, *options.split()) == 2
    assert message in capsys.readouterr().err


def test_columns_of_texts_have_no_effect():
    with pytest.raises(ValueError, match="columns=3 needs images, but RUN makes texts"):
        check_columns(Sampling(columns=3), "tokens", Path("RUN"))
    check_columns(Sampling(columns=3), "sound", Path("RUN"))
    check_columns(Sampling(columns=3, interpolate=True), "tokens", Path("RUN"))


@pytest.mark.parametrize("latent", ["uniform", "sphere"])
def test_truncation_is_for_normal_latents(trained, latent, tmp_path, capsys):
    run = reconfigured(trained, tmp_path / "run", latent=latent)
    assert sample(run, "--truncation", 0.5) == 2
    assert f"truncation=0.5 needs normal latents, and {run} has none" in capsys.readouterr().err


def test_without_a_run_there_is_nothing_to_draw(tmp_path, capsys):
    assert sample(tmp_path / "nowhere") == 2
    assert f"no run in {tmp_path / 'nowhere'}" in capsys.readouterr().err


def test_a_folder_of_runs_and_that_of_a_sweep_are_told_apart_from_a_run(tmp_path, capsys):
    for name, file in (("00000-x", "config.json"), ("00001-x", "config.json"), ("00002-x-sweep", "sweep.json")):
        (tmp_path / name).mkdir()
        (tmp_path / name / file).write_text("{}")
    for command in ("sample", "report"):
        assert main([command, str(tmp_path)]) == 2
        assert f"no run in {tmp_path}, but in folders below it: 00000-x, 00001-x" in capsys.readouterr().err
        assert main([command, str(tmp_path / "00002-x-sweep")]) == 2
        assert "it is the folder of a sweep" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["edit", "invert", "translate", "evaluate", "report", "export"])
def test_an_export_is_told_apart_from_a_run(command, tmp_path, capsys):
    (tmp_path / "export.json").write_text("{}")
    pictures = [str(tmp_path)] * (command in ("invert", "translate"))
    assert main([command, str(tmp_path), *pictures]) == 2
    assert "it is an exported generator, from which jaxgan sample draws" in capsys.readouterr().err
