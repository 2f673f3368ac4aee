"""Latents of pictures: those of known generators are found; files, spaces, classes and refusals."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image

import jaxgan
from jaxgan import data, latents
from jaxgan.cli import main
from jaxgan.core import Algorithm, Latents
from jaxgan.data.media.images import encode
from jaxgan.observe import inverted, sampling
from jaxgan.observe.inversion import Inversion, inverter
from jaxgan.observe.latents_file import read_latents
from jaxgan.observe.requests import latent_shapes
from jaxgan.recipes.making import shape_of
from jaxgan.recipes.recipe import DataShape
from jaxgan.runs import run_folder

SIZE, SIDE, CLASSES = 3, 4, 3
MIXING = np.random.default_rng(0).normal(size=(SIZE, SIDE * SIDE)).astype(np.float32) / 4
NORMAL = Latents(lambda key: latents.normal(key, SIZE), latents.slerp, lambda bound: None)
UNIFORM = Latents(lambda key: latents.uniform(key, SIZE), latents.lerp)
QUICK = {"starts": 4, "iterations": 200}


def linear(drawn=NORMAL, *, classes=False, styled=False):
    """Images tanh(z·A + class) of a known A; with styles, those of the mean of the styles 2z of both layers."""

    def sample(state, key, n, condition=None, z=None):
        z = jnp.mean(z, axis=1) / 2 if z.ndim == 3 else z
        level = 0 if condition is None else (jnp.asarray(condition) - 1)[:, None] / 2
        return jnp.tanh(z @ MIXING + level).reshape(n, SIDE, SIDE, 1)

    def styles(state, z, labels):
        return jnp.repeat(2 * z[:, None], 2, axis=1)

    state = jaxgan.GANState(*[np.zeros((), np.int32)] * 5)
    algorithm = Algorithm(lambda key, batch: state, lambda state, batch, key: (state, {}), sample)
    labels = {"condition": np.arange(6, dtype=np.int32) % CLASSES, "num_classes": CLASSES} if classes else {}
    dataset = data.Dataset("x", np.zeros((6, SIDE, SIDE, 1), np.uint8), **labels)
    own = {"conditional": "classes"} if classes else {}
    own |= {"styled": styles} if styled else {}
    return jaxgan.Experiment(dataset, algorithm, latents=drawn, **own), state


@pytest.mark.parametrize("drawn", [NORMAL, UNIFORM], ids=["normal", "uniform"])
def test_the_latents_of_own_samples_are_found(drawn):
    experiment, state = linear(drawn)
    z = np.asarray(jax.vmap(drawn.draw)(jax.random.split(jax.random.key(5), 7)))
    images = np.asarray(experiment.algorithm.sample(state, None, 7, None, z))
    found = inverter(experiment, state, Inversion(**QUICK))(images)
    np.testing.assert_allclose(found.latents, z, atol=1e-2)
    assert found.labels is None
    assert (found.psnr > 40).all()


def test_uniform_latents_stay_in_their_box():
    experiment, state = linear(UNIFORM)
    beyond = np.asarray(experiment.algorithm.sample(state, None, 2, None, np.full((2, SIZE), 3.0, np.float32)))
    assert np.abs(inverter(experiment, state, Inversion(**QUICK))(beyond).latents).max() <= 1


def test_the_class_is_found_too_unless_it_is_given():
    experiment, state = linear(classes=True)
    z, labels = np.zeros((3, SIZE), np.float32), np.array([2, 0, 1])
    images = np.asarray(experiment.algorithm.sample(state, None, 3, labels, z))
    found = inverter(experiment, state, Inversion(**QUICK), classes=[0, 1, 2])(images)
    np.testing.assert_array_equal(found.labels, labels)
    np.testing.assert_allclose(found.latents, z, atol=1e-2)
    np.testing.assert_array_equal(inverter(experiment, state, Inversion(**QUICK), classes=[1])(images).labels, 1)


@pytest.mark.parametrize("space", ["w", "w+"])
def test_styles_are_one_for_all_layers_or_one_for_each(space):
    experiment, state = linear(styled=True)
    styles = np.random.default_rng(1).normal(size=(2, 2, SIZE)).astype(np.float32)
    images = np.asarray(experiment.algorithm.sample(state, None, 2, None, styles))
    found = inverter(experiment, state, Inversion(space=space, **QUICK))(images)
    assert found.latents.shape == (2, 2, SIZE)
    np.testing.assert_allclose(found.latents.mean(axis=1), styles.mean(axis=1), atol=2e-2)
    assert space == "w+" or np.array_equal(found.latents[:, 0], found.latents[:, 1])


def test_features_count_beside_pixels():
    experiment, state = linear()
    images = np.asarray(experiment.algorithm.sample(state, None, 1, None, np.ones((1, SIZE), np.float32)))
    plain, weighted = (
        inverter(experiment, state, Inversion(starts=1, iterations=2, feature_weight=weight))(images).latents
        for weight in (0.0, 1.0)
    )
    assert np.abs(plain - weighted).max() > 1e-4


def test_a_network_without_styles_or_latents_is_said():
    experiment, state = linear()
    with pytest.raises(ValueError, match="space=w needs a network with styles"):
        inverter(experiment, state, Inversion(space="w"))
    with pytest.raises(ValueError, match="the samples are not made from latents"):
        inverter(experiment._replace(latents=None), state)
    with pytest.raises(ValueError, match=r"images must be \[N, \*\(4, 4, 1\)\], got \(2, 5, 4, 1\)"):
        inverter(experiment, state)(np.zeros((2, 5, 4, 1), np.float32))
    with pytest.raises(ValueError, match="classes must be given for these samples"):
        inverter(*linear(classes=True))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"z": np.zeros((2, SIZE))}, "has no array 'latents'"),
        ({"latents": np.zeros((2, SIZE + 1))}, rf"latents must have shape \[N, {SIZE}\] for this run, got \[2, 4\]"),
        ({"latents": np.full((2, SIZE), np.nan)}, "latents must be finite, got nan or inf"),
        ({"latents": np.zeros((2, SIZE), np.int32)}, "latents must be floats, got int32"),
        ({"latents": np.zeros((2, SIZE))}, "has no array labels"),
        ({"latents": np.zeros((2, SIZE)), "labels": np.array([0, CLASSES])}, r"labels must be in \[0, 3\), got 0 to 3"),
        ({"latents": np.zeros((2, SIZE)), "labels": np.zeros(3, int)}, "labels must be 2 integers"),
    ],
)
def test_a_wrong_file_of_latents_is_refused_in_words(arrays, message, tmp_path):
    np.savez(tmp_path / "latents.npz", **arrays)
    with pytest.raises(ValueError, match=message):
        read_latents(tmp_path / "latents.npz", {"latents": (SIZE,)}, CLASSES)


@pytest.fixture
def known(monkeypatch, tmp_path):
    """`known(experiment, state)`: the run in `tmp_path / "run"` is that of this generator."""

    def run_of(experiment, state):
        of = shape_of(experiment.data)
        source = {"classes": dict.fromkeys("abc"[: of.num_classes or 0], 2)}
        run = run_folder.Run(tmp_path / "run", "x", None, jaxgan.preset("digits").program, of, 6, source)
        for module in (inverted, sampling):
            monkeypatch.setattr(module.run_folder, "load", lambda folder: run)
            monkeypatch.setattr(module, "experiment_of", lambda run: experiment)
            monkeypatch.setattr(module, "stored", lambda run, experiment, **which: state)
        return str(run.folder)

    return run_of


@pytest.mark.parametrize(("space", "kind"), [("z", "latents"), ("w+", "styles")])
def test_pictures_are_inverted_and_drawn_again(space, kind, known, tmp_path, capsys):
    experiment, state = linear(classes=True, styled=True)
    run = known(experiment, state)
    images = np.asarray(
        experiment.algorithm.sample(state, None, 3, np.array([2, 0, 1]), np.eye(SIZE, dtype=np.float32))
    )
    (tmp_path / "in").mkdir()
    for i, image in enumerate(encode(images)):
        Image.fromarray(image[..., 0]).save(tmp_path / "in" / f"{i}.png")
    (tmp_path / "in" / "broken.png").write_bytes(b"no picture")
    options = ["--space", space, "--iterations=200", "--rate=0.2", "--out", str(tmp_path / "found")]
    assert main(["invert", run, str(tmp_path / "in"), *options]) == 0
    shown = capsys.readouterr()
    assert [line.split()[-1] for line in shown.out.splitlines()[:3]] == ["0.png", "1.png", "2.png"]
    assert "broken.png is left out" in shown.err
    assert (tmp_path / "found" / "inverted.png").is_file()
    with np.load(tmp_path / "found" / "latents.npz") as found:
        assert found[kind].shape == ((3, SIZE) if space == "z" else (3, 2, SIZE))
        np.testing.assert_array_equal(found["labels"], [2, 0, 1])
        assert (found["psnr"] > 30).all()
    asked = ["sample", run, "--latents", str(tmp_path / "found" / "latents.npz"), "--out"]
    assert main([*asked, str(tmp_path / "again.npz")]) == 0
    with np.load(tmp_path / "again.npz") as again:
        np.testing.assert_allclose(again["images"].astype(int), encode(images), atol=8)
        np.testing.assert_array_equal(again["labels"], [2, 0, 1])
    assert main([*asked, str(tmp_path / "way.npz"), "--interpolate"]) == 0
    with np.load(tmp_path / "way.npz") as way:  # from the first to the second, and from the last to the first
        np.testing.assert_array_equal(way["labels"], [2] * 8 + [1] * 8)
        np.testing.assert_allclose(way["images"][0].astype(int), encode(images)[0], atol=8)
        np.testing.assert_allclose(way["images"][8].astype(int), encode(images)[2], atol=8)
    assert main([*asked, str(tmp_path / "way.gif"), "--frames=2"]) == 0


def test_what_cannot_be_inverted_is_said(known, tmp_path, capsys):
    run = known(*linear())
    (tmp_path / "empty").mkdir()
    for arguments, message in (
        (["invert", run, str(tmp_path / "nothing")], "no picture and no folder"),
        (["invert", run, str(tmp_path / "empty")], "holds no usable picture"),
        (["invert", run, str(tmp_path / "empty"), "--labels", "a"], "are not conditioned on classes"),
        (["invert", run, str(tmp_path / "empty"), "--starts", "0"], "starts must be at least 1"),
        (["invert", run, str(tmp_path / "empty"), "--steps", "3"], "has no option --steps; did you mean --iterations?"),
        (["sample", run, "--latents", str(tmp_path / "none.npz")], "no file"),
        (["sample", run, "--latents", "x.npz", "--truncation", "1"], "has no effect on the latents of a file"),
    ):
        assert main(arguments) == 2
        assert message in capsys.readouterr().err


@pytest.mark.slow
def test_styles_make_the_samples_of_their_latents():
    small = {"image_size": 8, "channel_base": 32, "channel_max": 4, "mapping_layers": 1, "latent_size": 4}
    recipe = jaxgan.preset("digits").replace(network="stylegan2", condition="labels", **small).recipe
    experiment = recipe.experiment(DataShape((8, 8, 1), 10), 1)
    batch = jaxgan.Batch(np.zeros((4, 8, 8, 1), np.float32), np.arange(4))
    state, key = experiment.algorithm.init(jax.random.key(0), batch), jax.random.key(1)
    z = jax.vmap(experiment.latents.draw)(jax.random.split(key, 4))
    labels = jnp.array([3, 1, 4, 1])
    styles = experiment.styled(state, z, labels)
    assert styles.shape == (4, *latent_shapes(experiment)["styles"]) == (4, 4, 4)
    sample = partial(experiment.algorithm.sample, state, key, 4)
    np.testing.assert_allclose(sample(labels, styles), sample(labels, z), atol=1e-5)
    assert np.abs(sample(labels, styles) - sample(labels[::-1], z)).max() > 1e-3
