"""Edited samples: directions of known weights, steps and mixed styles of known generators, and refusals."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image
from recipes_for_tests import configured

import jaxgan
from jaxgan import data, latents
from jaxgan.cli import main
from jaxgan.core import Algorithm, Latents
from jaxgan.data.media.images import grid
from jaxgan.observe import editing
from jaxgan.observe.directions import directions
from jaxgan.observe.editing import mixed, moved
from jaxgan.observe.requests import draw_latents
from jaxgan.recipes.making import shape_of
from jaxgan.recipes.recipe import DataShape
from jaxgan.runs import run_folder

SIZE, SIDE, LAYERS = 3, 4, 4
RANDOM = np.random.default_rng(0)
MIXING = RANDOM.normal(size=(SIZE, SIDE * SIDE)).astype(np.float32) / 4
NORMAL = Latents(lambda key: latents.normal(key, SIZE), latents.slerp)


def test_directions_are_the_eigenvectors_of_known_weights():
    """Three features along one axis, two along a second, one along a third, each of any length."""
    axes, _ = np.linalg.qr(RANDOM.normal(size=(SIZE, SIZE)))
    kernel = axes[:, [2, 0, 1, 0, 1, 0]] * RANDOM.uniform(0.1, 5, size=6)
    found = directions([kernel[:, :4], np.zeros((SIZE, 1)), kernel[:, 4:]])
    np.testing.assert_allclose(found.strengths, [3, 2, 1], atol=1e-12)
    np.testing.assert_allclose(np.abs(found.vectors @ axes), np.eye(SIZE), atol=1e-12)
    assert (found.vectors[np.arange(SIZE), np.abs(found.vectors).argmax(axis=1)] > 0).all()


def test_no_direction_of_length_1_changes_the_features_more_than_the_first():
    kernel = RANDOM.normal(size=(5, 7))
    found = directions([kernel])
    unit = RANDOM.normal(size=(1000, 5))
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    change = np.sum((unit @ (kernel / np.linalg.norm(kernel, axis=0))) ** 2, axis=1)
    assert found.strengths[-1] <= change.min() <= change.max() <= found.strengths[0]


def test_steps_are_taken_in_the_layers_that_are_named():
    codes, vectors, steps = RANDOM.normal(size=(2, LAYERS, SIZE)), np.eye(SIZE)[:2], np.array([-1.0, 0.0, 2.0])
    table = moved(codes, vectors, steps, slice(1, 3))
    assert table.shape == (2, 2, 3, LAYERS, SIZE)
    expected = codes[1].copy()
    expected[1:3, 1] += 2
    np.testing.assert_array_equal(table[1, 1, 2], expected)
    np.testing.assert_array_equal(table[:, :, 1], codes[:, None].repeat(2, axis=1))
    np.testing.assert_array_equal(moved(codes[:, 0], vectors, steps, slice(None))[0, 1, 0], codes[0, 0] - [0, 1, 0])


def test_mixed_styles_have_some_layers_of_the_column():
    styles = RANDOM.normal(size=(3, LAYERS, SIZE))
    table = mixed(styles, slice(0, 2))
    np.testing.assert_array_equal(table[2, 1, :2], styles[1, :2])
    np.testing.assert_array_equal(table[2, 1, 2:], styles[2, 2:])
    np.testing.assert_array_equal(table[[0, 1, 2], [0, 1, 2]], styles)


def images_of(codes):
    """Images tanh(z·A), of styles those of their mean weighed by layer."""
    codes = codes if codes.ndim == 2 else jnp.einsum("nls,l->ns", codes, jnp.arange(1.0, 1 + LAYERS))
    return jnp.tanh(codes @ MIXING).reshape(len(codes), SIDE, SIDE, 1)


@pytest.fixture
def known(monkeypatch, tmp_path):
    """`known(styled=False, medium=...)`: the run in `tmp_path` has the generator `images_of`."""

    def run_of(styled=False, weights=lambda state: (MIXING,), rows=None):
        state = jaxgan.GANState(*[np.zeros((), np.int32)] * 5)
        own = {"styled": lambda state, z, labels: jnp.repeat(2 * z[:, None], LAYERS, axis=1)} if styled else {}
        algorithm = Algorithm(
            lambda key, batch: state, lambda *_: (state, {}), lambda state, key, n, told=None, z=None: images_of(z)
        )
        rows = np.zeros((6, SIDE, SIDE, 1), np.uint8) if rows is None else rows
        weights = (lambda state: (MIXING,) * LAYERS) if styled else weights
        dataset = data.Dataset("x", rows)
        experiment = jaxgan.Experiment(dataset, algorithm, latents=NORMAL, latent_weights=weights, **own)
        run = run_folder.Run(tmp_path, "x", None, jaxgan.preset("digits").program, shape_of(dataset), len(rows))
        monkeypatch.setattr(run_folder, "load", lambda folder: run)
        monkeypatch.setattr(editing, "experiment_of", lambda run: experiment)
        monkeypatch.setattr(editing, "stored", lambda run, experiment, **which: state)
        return str(run.folder)

    return run_of


def picture(path):
    with Image.open(path) as image:
        return np.asarray(image).astype(int)


def test_a_row_steps_along_each_direction(known, tmp_path):
    options = ["--n=2", "--directions", "1", "0", "--columns=3", "--strength=2", "--seed=4"]
    assert main(["edit", known(), *options]) == 0
    z, vectors = draw_latents(NORMAL, 4, 2), directions([MIXING]).vectors
    expected = [z[i] + step * vectors[k] for i in (0, 1) for k in (1, 0) for step in (-2, 0, 2)]
    expected = grid(np.asarray(images_of(np.array(expected))), 3)
    np.testing.assert_allclose(picture(tmp_path / "samples" / "edited-seed-4.png"), expected, atol=1)


def test_a_table_mixes_styles(known, tmp_path):
    assert main(["edit", known(styled=True), "--mix", "--n=2", "--layers", "1", "3"]) == 0
    a, b = 2 * draw_latents(NORMAL, 0, 2)[:, None].repeat(LAYERS, axis=1)
    ab, ba = a.copy(), b.copy()
    ab[1:3], ba[1:3] = b[1:3], a[1:3]
    images = np.asarray(images_of(np.stack([a, b, a, a, ab, b, ba, b])))
    expected = grid(np.concatenate([np.ones_like(images[:1]), images]), 3)
    np.testing.assert_allclose(picture(tmp_path / "samples" / "mixed-seed-0.png"), expected, atol=1)


def test_latents_of_a_file_are_edited(known, tmp_path):
    np.savez(tmp_path / "latents.npz", latents=np.ones((1, SIZE), np.float32))
    options = ["--latents", str(tmp_path / "latents.npz"), "--columns=3", "--directions=0", "--out"]
    assert main(["edit", known(), *options, str(tmp_path / "x.png")]) == 0
    middle = grid(np.asarray(images_of(np.ones((1, SIZE)))), 1)
    shown = picture(tmp_path / "x.png")
    width = middle.shape[1]
    start = (shown.shape[1] - width) // 2
    np.testing.assert_allclose(shown[:, start : start + width], middle, atol=1)


@pytest.mark.parametrize(
    ("given", "options", "message"),
    [
        ({}, "--mix", "mix needs a network with styles"),
        ({}, "--layers 0 1", "layers needs a network with styles"),
        ({"styled": True}, "--layers 2 9", "from 0 to 4, got (2, 9)"),
        ({"styled": True}, "--mix --strength 1", "strength: no effect with mix"),
        ({"weights": None}, "", "has no layer that alone reads the latents"),
        ({}, "--directions 3", "directions must be below 3"),
        ({}, "--directions -1", "directions must be at least 0"),
        (
            {},
            "--n 1000000000",
            "n=1,000,000,000 makes a table of 21,000,000,000 images, and a table has at most 10,000",
        ),
        (
            {"styled": True},
            "--mix --n 100",
            "a table of 10,201 images, and a table has at most 10,000: n must be at most 99",
        ),
        ({}, "--columns 4000", "a table has at most 10,000: take fewer columns"),
        ({}, "--labels 1", "not conditioned on classes"),
        ({}, "--out x.gif", "out must end in .png"),
        ({"rows": np.zeros((6, 2), np.float32)}, "", "only images can be edited"),
    ],
)
def test_what_cannot_be_edited_is_said(given, options, message, known, capsys):
    assert main(["edit", known(**given), *options.split()]) == 2
    assert message in capsys.readouterr().err


NETWORKS = {
    "dcgan": {"width": 2},
    "mlp": {"generator_hidden": (4,)},
    "r3gan": {"widths": (16, 16)},
    "sn_resnet": {"width": 4},
    "stylegan2": {"channel_base": 32, "channel_max": 4, "mapping_layers": 1},
}


@pytest.mark.slow
@pytest.mark.parametrize("network", NETWORKS)
def test_these_weights_alone_read_the_latent(network):
    """Without them, samples do not change with the latent, or with the style of a layer that no other layer reads."""
    side = 32 if network == "sn_resnet" else 8
    options = {"network": network, "image_size": side, "latent_size": 6, "condition": "labels", **NETWORKS[network]}
    experiment = configured(**options).recipe.experiment(DataShape((side, side, 1), 3), 1)
    state = experiment.algorithm.init(
        jax.random.key(0), jaxgan.Batch(np.zeros((4, side, side, 1), np.float32), np.arange(4) % 3)
    )
    weights = jax.device_get(experiment.latent_weights(state))
    assert {len(kernel) for kernel in weights} == {6}
    z = jax.vmap(experiment.latents.draw)(jax.random.split(jax.random.key(1), 2))
    codes = experiment.styled(state, z, jnp.zeros(2, int)) if network == "stylegan2" else z
    assert codes.ndim == 2 or codes.shape[1] == len(weights)

    def without(kernel, leaf):
        return jnp.zeros_like(leaf) if leaf.shape == kernel.shape and (leaf == kernel).all() else leaf

    @jax.jit
    def slope(average):
        given = state._replace(average=average)
        images = lambda z: experiment.algorithm.sample(given, jax.random.key(0), 2, np.zeros(2, int), z)  # noqa: E731
        return jnp.abs(jax.jacobian(lambda z: jnp.sum(images(z) ** 2))(codes))

    assert (slope(state.average).reshape(2, -1, 6).max(axis=(0, 2)) > 0).all()
    if network == "stylegan2":
        for layer in (0, 2, 3):
            params = jax.tree.map(lambda leaf, layer=layer: without(weights[layer], leaf), state.average.params)
            assert slope(state.average._replace(params=params))[:, layer].max() == 0
        return
    label = {"dcgan": 3, "mlp": 3, "r3gan": 6, "sn_resnet": 0}[network]  # rows of the kernel that read the condition

    def rows_without(leaf):
        same = leaf.ndim == 2 and leaf.shape == (6 + label, weights[0].shape[1]) and (leaf[:6] == weights[0]).all()
        return leaf.at[:6].set(0) if same else leaf

    params = jax.tree.map(rows_without, state.average.params)
    assert slope(state.average._replace(params=params)).max() == 0
