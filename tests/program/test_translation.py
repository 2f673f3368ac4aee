"""Pictures of a folder, translated by a run: names kept, sizes the run's, odd files and runs in words."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import jaxgan
from jaxgan import data
from jaxgan.cli import main
from jaxgan.core import Algorithm

SIDE = 4


def inverting(dataset, *, without_pairs=False, one_way=False, **options):
    """A run whose generator is known: it turns black into white."""

    def init(key, batch):
        return jaxgan.GANState(*[np.zeros((), np.int32)] * 5)

    def sample(state, key, n, condition, latent=None):
        return (-condition[0], condition[1]) if without_pairs else -condition

    ask = {"ask": lambda rows: tuple(rows.real)} if without_pairs else {}
    ask |= {"ask": lambda rows: rows.real[0]} if one_way else {}
    algorithm = Algorithm(init, lambda state, batch, key: (state, {}), sample)
    return jaxgan.Experiment(dataset, algorithm, conditional="rows", **ask, **options)


def images(count=6):
    return np.random.default_rng(0).integers(0, 256, (count, SIDE, SIDE, 1)).astype(np.uint8)


PAIRS = data.pairs(data.Dataset("a", images()), data.Dataset("b", images()))
UNPAIRED = data.unpaired(data.Dataset("a", images()), data.Dataset("b", images()))


@pytest.fixture
def translate(tmp_path, monkeypatch):
    """`translate(experiment, *options)`, of pictures in `tmp_path / "in"`, into `tmp_path / "out"`."""
    from jaxgan.observe import translation

    picture = np.full((SIDE, SIDE), 10, np.uint8)
    (tmp_path / "in" / "deep").mkdir(parents=True)
    Image.fromarray(picture).save(tmp_path / "in" / "dark.png")
    Image.fromarray(np.full((2 * SIDE, 3 * SIDE), 255, np.uint8)).save(tmp_path / "in" / "deep" / "white wide.bmp")
    (tmp_path / "in" / "broken.png").write_bytes(b"no picture")
    monkeypatch.setattr(translation.run_folder, "load", lambda folder: type("Run", (), {"folder": Path(folder)}))
    monkeypatch.setattr(translation, "stored", lambda run, experiment, **which: None)

    def run(experiment, *options, pictures="in"):
        monkeypatch.setattr(translation, "experiment_of", lambda run: experiment)
        return main(["translate", "RUN", str(tmp_path / pictures), "--out", str(tmp_path / "out"), *options])

    return run


def test_every_picture_is_translated_at_its_place_and_odd_files_are_told(translate, tmp_path, capsys):
    assert translate(inverting(PAIRS)) == 0
    found = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.*")}
    assert found == {"dark.png", "deep/white wide.png"}
    np.testing.assert_array_equal(Image.open(tmp_path / "out" / "dark.png"), np.full((SIDE, SIDE), 245))
    np.testing.assert_array_equal(Image.open(tmp_path / "out" / "deep" / "white wide.png"), np.zeros((SIDE, SIDE)))
    shown = capsys.readouterr()
    assert f"2 pictures in {tmp_path / 'out'}" in shown.out
    assert "broken.png is left out" in shown.err


def test_pictures_of_one_name_and_several_kinds_have_results_of_their_own(translate, tmp_path, capsys):
    Image.fromarray(np.full((SIDE, SIDE), 255, np.uint8)).save(tmp_path / "in" / "dark.bmp")
    assert translate(inverting(PAIRS)) == 0
    values = {path.name: int(np.asarray(Image.open(path)).max()) for path in (tmp_path / "out").glob("*.png")}
    assert values == {"dark.png": 245, "dark.bmp.png": 0}
    assert "3 pictures in" in capsys.readouterr().out


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("stored", [np.float32, np.uint16])
def test_results_of_a_run_on_other_numbers_are_pictures_too(stored, channels, translate, tmp_path):
    sides = [data.Dataset(name, np.zeros((6, SIDE, SIDE, channels), stored)) for name in "ab"]
    assert translate(inverting(data.pairs(*sides))) == 0
    light = np.asarray(Image.open(tmp_path / "out" / "dark.png"))
    assert light.min() == light.max() == (245 * 257 if stored is np.uint16 and channels == 1 else 245)


def test_a_run_on_16_bits_takes_pictures_of_8_and_of_16_bits(translate, tmp_path):
    Image.fromarray(np.full((SIDE, SIDE), 1000, np.uint16)).save(tmp_path / "in" / "deep.png")
    Image.fromarray(np.full((SIDE, SIDE, 3), 20, np.uint8)).save(tmp_path / "in" / "colour.png")
    sides = [data.Dataset(name, np.zeros((6, SIDE, SIDE, 1), np.uint16)) for name in "ab"]
    assert translate(inverting(data.pairs(*sides))) == 0
    for name, value in (("deep", 1000), ("colour", 20 * 257), ("dark", 10 * 257)):
        assert np.asarray(Image.open(tmp_path / "out" / f"{name}.png"))[0, 0] == 65535 - value


@pytest.mark.parametrize(("direction", "value"), [("AtoB", 245), ("BtoA", 10)])
def test_without_pairs_the_direction_says_which_generator(direction, value, translate, tmp_path):
    assert translate(inverting(UNPAIRED, without_pairs=True), "--direction", direction) == 0
    assert np.asarray(Image.open(tmp_path / "out" / "dark.png"))[0, 0] == value


def test_without_pairs_there_may_be_one_direction(translate, tmp_path, capsys):
    assert translate(inverting(UNPAIRED, one_way=True)) == 0
    assert np.asarray(Image.open(tmp_path / "out" / "dark.png"))[0, 0] == 245
    assert translate(inverting(UNPAIRED, one_way=True), "--direction", "BtoA") == 2
    assert "has one for AtoB" in capsys.readouterr().err


@pytest.mark.parametrize(("dataset", "without_pairs"), [(PAIRS, False), (UNPAIRED, True)])
def test_pictures_have_the_size_of_the_part_that_a_batch_takes(dataset, without_pairs, translate, tmp_path):
    assert translate(inverting(replace(dataset, crop=2), without_pairs=without_pairs)) == 0
    assert np.asarray(Image.open(tmp_path / "out" / "dark.png")).shape == (2, 2)


def test_pictures_that_are_more_than_a_chunk_are_all_translated(translate, tmp_path, monkeypatch):
    from jaxgan.observe import translation

    monkeypatch.setattr(translation, "CHUNK", 1)
    assert translate(inverting(PAIRS)) == 0
    assert len(list((tmp_path / "out").rglob("*.png"))) == 2


@pytest.mark.parametrize(
    ("experiment", "options", "message"),
    [
        (
            jaxgan.Experiment(data.Dataset("x", images()), inverting(PAIRS).algorithm),
            [],
            "its generator does not take any",
        ),
        (inverting(PAIRS), ["--direction", "BtoA"], "direction=BtoA is for runs with a generator for each direction"),
        (
            inverting(data.Dataset("x", np.zeros((6, 2), np.float32), np.zeros((6, 3), np.float32))),
            [],
            "its generator does not take any",
        ),
    ],
    ids=["no condition", "direction of pairs", "vectors"],
)
def test_what_cannot_be_translated_is_said(experiment, options, message, translate, capsys):
    assert translate(experiment, *options) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("inside", [".", "results"])
def test_results_among_the_pictures_are_refused(inside, translate, tmp_path, capsys):
    before = sorted((tmp_path / "in").rglob("*"))
    assert translate(inverting(PAIRS), "--out", str(tmp_path / "in" / inside)) == 2
    assert "so that the next call would translate the results too: name a folder elsewhere" in capsys.readouterr().err
    assert sorted((tmp_path / "in").rglob("*")) == before


def test_folders_without_pictures_are_said(translate, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert translate(inverting(PAIRS), pictures="empty") == 2
    assert "holds no usable picture" in capsys.readouterr().err
    assert translate(inverting(PAIRS), pictures="nowhere") == 2
    assert "no folder" in capsys.readouterr().err
    assert translate(inverting(PAIRS), pictures="in/dark.png") == 2
    assert "is not a folder of pictures" in capsys.readouterr().err


@pytest.mark.slow
def test_a_run_of_the_example_translates_edges(tmp_path, capsys):
    example = Path(__file__).parents[2] / "examples" / "edges_to_digits.py"
    small = ["--width", "2", "--batch-size", "8", "--steps", "2", "--log-every", "1", "--sample-every", "2"]
    assert main(["train", str(example), *small, "--checkpoint-every", "2", "--out", str(tmp_path / "runs")]) == 0
    (tmp_path / "in").mkdir()
    Image.fromarray(np.eye(16, dtype=np.uint8) * 255).save(tmp_path / "in" / "edge.png")
    folder = tmp_path / "runs" / "00000-edges_to_digits"
    assert main(["translate", str(folder), str(tmp_path / "in")]) == 0
    assert np.asarray(Image.open(folder / "translated" / "edge.png")).shape == (16, 16)
