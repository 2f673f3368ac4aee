"""A run that is exported gives the same samples without its recipe, without its data, and without jaxgan."""

import json
import os
import re
import shutil
import subprocess
import sys
import wave
from types import SimpleNamespace

import jax
import numpy as np
import pytest
from recipes_for_tests import configured
from safetensors.numpy import load_file
from tiers import mostly_slow

import jaxgan
from jaxgan.cli import main
from jaxgan.data.media import View
from jaxgan.errors import InputError, NotFoundError
from jaxgan.export import sampling
from jaxgan.export.card import written
from jaxgan.export.programs import PLATFORMS, discriminator_program, programs
from jaxgan.export.sampling import medium_of
from jaxgan.observe.requests import any_batch, draw_latents, example
from jaxgan.observe.sampling import Sampling
from jaxgan.recipes.making import made
from jaxgan.recipes.recipe import DataShape

SMALL = ("--batch-size=8", "--steps=2", "--log-every=2", "--sample-every=2", "--checkpoint-every=1")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    out = tmp_path_factory.mktemp("runs")
    few = ("--image-size=8", "--network=mlp", "--generator-hidden=8", "--discriminator-hidden=8", "--latent-size=5")
    assert main(["train", "digits", *few, *SMALL, "--out", str(out), "--show", "none"]) == 0
    return out / "00000-digits"


@pytest.fixture(scope="module")
def exported(run):
    assert main(["export", str(run), "--both", "--license", "mit"]) == 0
    return run / "export"


def test_it_is_the_averaged_generator_for_any_number_of_rows(run, exported):
    generator, opened = jaxgan.load_generator(exported), jaxgan.open(run)
    assert generator.program.platforms == PLATFORMS
    for n in (1, 7):
        latents, labels = generator.latents(n, seed=3), np.arange(n) % 10
        np.testing.assert_allclose(latents, draw_latents(opened.experiment.latents, 3, n), rtol=1e-6)
        expected = opened.experiment.algorithm.sample(opened.state, jax.random.key(0), n, labels, latents)
        np.testing.assert_allclose(generator(latents, labels=labels), expected, atol=1e-6)
    bounded = generator.latents(200, truncation=0.5)
    assert 0.4 < np.abs(bounded).max() <= 0.5


def test_the_discriminator_comes_with_it(run, exported, tmp_path):
    discriminator, opened = jaxgan.load_discriminator(exported), jaxgan.open(run)
    state = opened.state
    assert discriminator.program.platforms == PLATFORMS
    for n in (1, 5):
        images, labels = np.random.default_rng(n).uniform(-1, 1, (n, 8, 8, 1)).astype(np.float32), np.arange(n) % 10
        expected = opened.experiment.algorithm.game.critic(
            state.params.discriminator, state.variables.discriminator, images, labels, state.step
        )
        np.testing.assert_allclose(discriminator(images, labels=labels), expected, atol=1e-6)
    with pytest.raises(InputError, match="labels needed: this discriminator takes"):
        discriminator(images)
    with pytest.raises(InputError, match=r"labels must be in \[0, 10\)"):
        discriminator(images, labels=labels + 10)
    with pytest.raises(InputError, match=r"samples must have shape \(n, 8, 8, 1\)"):
        discriminator(images[..., 0], labels=labels)
    card = (exported / "README.md").read_text().partition("## Discriminator")[2]
    assert "high on real data" in card
    assert "| `samples` | float32 | rows × 8 × 8 × 1 |" in card
    assert "| `labels` | int32 | rows |" in card
    shutil.copytree(exported, tmp_path / "copy")
    about = json.loads((exported / "export.json").read_text())
    (tmp_path / "copy" / "export.json").write_text(json.dumps(about | {"discriminator": "no logits"}))
    with pytest.raises(NotFoundError, match=r"has no program of a discriminator, which .* writes: no logits"):
        jaxgan.load_discriminator(tmp_path / "copy")


def test_texts_keep_their_words():
    generator = SimpleNamespace(about={"medium": "tokens", "vocabulary": ["", "a", "b"], "shape": [5, 3]})
    assert medium_of(generator).vocabulary == ("", "a", "b")


def test_sounds_keep_their_rate(tmp_path):
    generator = SimpleNamespace(about={"medium": "sound", "rate": 800, "shape": [64, 1]})
    medium_of(generator).save(tmp_path / "x", np.zeros((1, 64, 1), np.float32), View())
    with wave.open(str(tmp_path / "x.wav")) as file:
        assert file.getframerate() == 800


def test_the_weights_have_names_and_are_those_of_the_state(run, exported):
    state, found = jaxgan.open(run).state, load_file(exported / "generator.safetensors")
    judge = load_file(exported / "discriminator.safetensors")
    for names, params in ((found, state.average.params), (judge, state.params.discriminator)):
        layer = next(iter(params))
        np.testing.assert_array_equal(names[f"params.{layer}.kernel"], params[layer]["kernel"])
        assert len([name for name in names if name.startswith("params.")]) == len(jax.tree.leaves(params))


def test_the_card_is_one_that_hubs_read(exported):
    card, about = (exported / "README.md").read_text(), json.loads((exported / "export.json").read_text())
    front = card.split("---")[1]
    assert "license: mit" in front
    assert "library_name: jaxgan" in front
    assert "![Samples](samples.png)" in card
    assert (exported / "samples.png").is_file()
    assert "| `latents` | float32 | rows × 5 |" in card
    assert "network.is: mlp" in card
    assert about["step"] == 2
    assert about["labels"]["classes"] == list("0123456789")


def test_the_card_of_a_translator_names_no_command_that_needs_latents_and_rounds_its_figures(exported):
    about = json.loads((exported / "export.json").read_text())
    assert "With jaxgan: `jaxgan sample FOLDER`, or `jaxgan.load_generator(FOLDER)`" in written(about, exported)
    of_rows = {"condition": {"dtype": "float32", "shape": ["rows", 8, 8, 1]}}
    figures = [{"metric": "l1", "value": 0.23633134231881742, "reference": "digits"}]
    card = written(about | {"inputs": of_rows, "labels": None, "figures": figures}, exported)
    assert "With jaxgan: `jaxgan.load_generator(FOLDER)` in Python" in card
    assert "| l1 | 0.2363 | digits |" in card


@pytest.mark.slow
def test_the_lines_of_the_card_run_without_jaxgan(exported, tmp_path):
    lines, judging = re.findall(r"```python\n(.*?)```", (exported / "README.md").read_text(), re.DOTALL)
    without = "import sys\nsys.modules['jaxgan'] = None\n"
    kept = f"np.savez({str(tmp_path / 'x.npz')!r}, pictures=pictures, samples=samples, logits=logits)\n"
    lines += judging
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run([sys.executable, "-c", without + lines + kept], cwd=exported, env=environment, check=True)
    assert main(["sample", str(exported), "--n", "16", "--out", str(tmp_path / "y.npz")]) == 0
    discriminator = jaxgan.load_discriminator(exported)
    with np.load(tmp_path / "x.npz") as x, np.load(tmp_path / "y.npz") as y:
        np.testing.assert_allclose(x["pictures"].astype(int), y["images"].reshape(x["pictures"].shape), atol=1)
        assert y["labels"].tolist() == (np.arange(16) % 10).tolist()
        expected = discriminator(x["samples"], labels=y["labels"])
        np.testing.assert_allclose(x["logits"], expected, rtol=1e-6, atol=1e-6)


@mostly_slow("options", [("--seed", "4", "--labels", "3", "5"), (), ("--truncation", "0.3")], quick=1)
def test_it_is_sampled_as_its_run_is(options, run, exported, tmp_path):
    found = []
    for i, folder in enumerate((run, exported)):
        assert main(["sample", str(folder), "--n", "6", *options, "--out", str(tmp_path / f"{i}.npz")]) == 0
        with np.load(tmp_path / f"{i}.npz") as arrays:
            found.append(dict(arrays))
    np.testing.assert_allclose(found[0]["images"].astype(int), found[1]["images"], atol=1)
    np.testing.assert_array_equal(found[0]["labels"], found[1]["labels"])
    assert found[0]["class_names"].tolist() == found[1]["class_names"].tolist()


def test_its_samples_are_drawn_like_those_of_a_run(exported, tmp_path):
    assert main(["sample", str(exported), "--out", str(tmp_path / "x.png")]) == 0
    assert (tmp_path / "x.png").read_bytes() == (exported / "samples.png").read_bytes()


def test_the_file_that_was_asked_for_is_named(tmp_path, monkeypatch):
    about = {"medium": "clips", "shape": [3, 16, 16, 1], "truncates_latents": False}
    monkeypatch.setattr(sampling, "load_generator", lambda _: SimpleNamespace(about=about, inputs=(), draw=abs))
    monkeypatch.setattr(sampling, "drawn", lambda *_, **__: np.zeros((4, 3, 16, 16, 1)))
    for name in ("y.png", "y.gif"):
        assert sampling.sample_export(tmp_path, Sampling(n=4, out=tmp_path / name)) == tmp_path / name
        assert (tmp_path / name).is_file()
    assert sampling.sample_export(tmp_path, Sampling(n=4)) == tmp_path / "seed-0.gif"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--step", "1"], "step is for runs"),
        (["--interpolate"], "interpolate is for runs"),
        (["--out", "x.gif"], "a .gif is for runs"),
        (["--out", "x.mp4"], "an .mp4 is for runs"),
        (["--truncation", "0.5", "--truncation-layers", "1"], "truncation_layers is for runs"),
        (["--labels", "cow"], "labels must name classes of the run, 0, 1, 2"),
    ],
)
def test_an_option_that_needs_the_run_is_refused(options, message, exported, capsys):
    assert main(["sample", str(exported), *options]) == 2
    assert message in capsys.readouterr().err


def test_a_folder_that_exists_is_kept(run, exported, capsys):
    assert main(["export", str(run)]) == 2
    assert "exists; remove it, or name another folder with --out" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "latents needed: this generator takes"),
        ({"labels": None}, "labels needed"),
        ({"labels": np.arange(3)}, r"must have shape \(n\), with one n for all inputs|must have shape \(n, 5\)"),
        ({"labels": [0, 10]}, r"labels must be in \[0, 10\), got values from 0 to 10"),
        ({"condition": np.zeros(2)}, "condition must be 0 arrays, got 1"),
        ({"truncation": 0.5}, "truncation: no input of this generator"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_what_does_not_fit_is_named(given, message, exported):
    latents = None if not given else np.zeros((2, 5))
    with pytest.raises(InputError, match=message):
        jaxgan.load_generator(exported)(latents, **({"labels": [0, 1]} | given))


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("export.json", None, "is no exported generator"),
        ("export.json", b"{", "cannot be read"),
        ("export.json", b'{"format": 9}', "has format 9; this version reads 1"),
        ("generator.jaxexport", None, "is missing"),
        ("generator.jaxexport", b"damaged", "cannot be read by jax"),
        ("generator.jaxexport", b"", "cannot be read by jax"),
        ("latents.jaxexport", b"\0" * 100, "cannot be read by jax"),
    ],
)
def test_a_damaged_folder_is_refused_in_words(file, content, message, exported, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(exported, folder)
    (folder / file).unlink() if content is None else (folder / file).write_bytes(content)
    with pytest.raises((InputError, NotFoundError), match=message):
        jaxgan.load_generator(folder)


def of_gan(shape, **options):
    recipe = configured(latent_size=6, **options).recipe
    return recipe.experiment(DataShape(shape, 3), 4)


def of_pairs(name):
    from jaxgan import preset

    configuration = preset(name).replace(generator_width=2, discriminator_width=2)
    return made(configuration.recipe, configuration.recipe.dataset(), configuration.program)


EXPERIMENTS = {
    "points": lambda: of_gan((2,), network="mlp", data="ring", latent="uniform"),
    "dcgan": lambda: of_gan((8, 8, 1), network="dcgan", width=2, condition="labels"),
    "stylegan2": lambda: of_gan(
        (8, 8, 1), network="stylegan2", channel_base=128, channel_max=16, mapping_layers=1, condition="labels"
    ),
    "biggan": lambda: of_gan((8, 8, 1), network="biggan", width=2, condition="labels"),
    "r3gan": lambda: of_gan((8, 8, 1), network="r3gan", widths=(16, 16)),
    "pix2pix": lambda: of_pairs("pix2pix"),
}


@mostly_slow("name", EXPERIMENTS, quick=["points"])
def test_every_network_is_exported(name):
    experiment, random = EXPERIMENTS[name](), np.random.default_rng(0)
    like = jax.eval_shape(experiment.algorithm.init, jax.random.key(0), any_batch(experiment))
    state = jax.tree.map(lambda x: random.uniform(0.05, 0.1, x.shape).astype(x.dtype), like)
    exported, given, n = programs(experiment, state), {"seed": np.int32(1)}, 3
    latents, condition, algorithm = (), None, experiment.algorithm
    if exported.latents is not None:
        latents = (draw_latents(experiment.latents, 0, n),)
        given["latents"] = latents[0]
    if experiment.conditional == "classes":
        given["labels"] = condition = np.arange(n, dtype=np.int32)
    if experiment.conditional == "rows":
        given["condition"] = condition = np.asarray(experiment.ask(example(experiment.data, n, 0)))
    if experiment.truncated is not None:
        given["truncation"], algorithm = np.float32(0.5), experiment.truncated(0.5, None)
    found = jax.export.deserialize(exported.generator.serialize()).call(**given)
    expected = algorithm.sample(state, jax.random.key(1), n, condition, *latents)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)

    program = discriminator_program(experiment, state, expected)
    rows = n if experiment.group == 1 else 2 * experiment.group
    samples = random.uniform(-1, 1, (rows, *expected.shape[1:])).astype(np.float32)
    told = {} if condition is None else {("labels" if condition.ndim == 1 else "condition"): condition}
    told = {name: np.resize(x, (rows, *x.shape[1:])) for name, x in told.items()}
    found = jax.export.deserialize(program.serialize()).call(samples=samples, **told)
    judge = state.params.discriminator, state.variables.discriminator
    expected = algorithm.game.critic(*judge, samples, *told.values())
    assert np.std(expected) > 0
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.slow
def test_a_discriminator_that_reads_no_labels_takes_none():
    experiment = of_gan((8, 8, 1), network="mlp", condition="labels", auxiliary="classifier", discriminator_hidden=(4,))
    state = experiment.algorithm.init(jax.random.key(0), jax.tree.map(zeros, any_batch(experiment)))
    program = discriminator_program(experiment, state, np.zeros((1, 8, 8, 1), np.float32))
    assert program.call(samples=np.zeros((3, 8, 8, 1), np.float32)).shape == (3,)


def test_programs_convolve_on_accelerators():
    """On a GPU or TPU they call the library; the matrix products are for CPUs."""
    experiment = of_gan((8, 8, 1), width=4)
    state = experiment.algorithm.init(jax.random.key(0), jax.tree.map(zeros, any_batch(experiment)))
    judge = discriminator_program(experiment, state, np.zeros((1, 8, 8, 1), np.float32))
    for program in (programs(experiment, state).generator, judge):
        assert "stablehlo.convolution" in program.mlir_module()


def zeros(x):
    return np.zeros(x.shape, x.dtype)


def test_a_game_without_logits_of_rows_has_no_program_of_them():
    experiment = of_gan((8, 8, 1), network="mlp", pack=2)
    with pytest.raises(InputError, match="has no logits of single rows"):
        discriminator_program(experiment, None, None)
