"""Every option of `jaxgan sample`, with every network: it changes what is written, or is refused in words."""

import io
from dataclasses import fields
from functools import cache, partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from recipes_for_tests import configured, players

from jaxgan import Batch
from jaxgan.data.media.images import encode
from jaxgan.errors import InputError
from jaxgan.observe import requests, sampling
from jaxgan.observe.sampling import Sampling, sample_run
from jaxgan.recipes.recipe import DataShape
from jaxgan.runs import run_folder

SLOW = ("biggan_deep", "r3gan", "stylegan2")
NETWORKS = ["dcgan", "mlp", *(pytest.param(network, marks=pytest.mark.slow) for network in SLOW)]
SMALL = configured(image_size=8, latent_size=6, condition="labels")
SIZES = {
    "dcgan": {"width": 2},
    "mlp": {},
    "biggan_deep": {"width": 2},
    "r3gan": {"widths": (16, 16)},
    "stylegan2": {"channel_base": 128, "channel_max": 16, "mapping_layers": 1, "stddev_group": 1},
}


def of_network(network):
    return SMALL.replace(network=network, **SIZES[network])


IMAGES = DataShape((8, 8, 1), 3)
OPTIONS = {
    "n": 6,
    "seed": 1,
    "latents": "latents.npz",
    "labels": (1,),
    "step": 2,
    "checkpoint": "best",
    "ema": 0.05,
    "truncation": 0.3,
    "truncation_layers": 2,
    "refine": "metropolis",
    "refine_steps": 3,
    "refine_rate": 0.2,
    "interpolate": True,
    "columns": 2,
    "frames": 3,
}
NEEDED = {"truncation_layers", "refine_steps", "refine_rate"}
ALONE = {".png": NEEDED | {"frames"}, ".npz": NEEDED | {"frames", "columns"}}
ALONE[".gif"] = NEEDED | {"interpolate", "refine"}
"""What is refused of a conditional run where no other option goes with it."""


@cache
def experiment_of(recipe):
    return recipe.experiment(IMAGES, 1)


@cache
def state_of(recipe, step, checkpoint, ema=None):
    """A generator before training, another for each checkpoint or average, whose every number is moved from its
    start."""
    algorithm = experiment_of(recipe).algorithm
    key = jax.random.key(0 if (step, checkpoint, ema) == (None, "latest", None) else 1)

    @jax.jit
    def start(batch):
        state = algorithm.init(key, batch)
        return jax.tree.map(lambda x: x + 0.3 * jax.random.normal(key, x.shape, x.dtype), state.average), state

    average, state = start(Batch(jnp.zeros((4, *IMAGES.shape)), jnp.arange(4) % 3))
    return state._replace(average=average)


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Bytes of the file that options write for a configuration."""

    def written(config, **options):
        run = run_folder.Run(tmp_path, "digits", config.recipe, config.program, IMAGES, 64)
        monkeypatch.setattr(run_folder, "load", lambda folder: run)
        return sample_run(tmp_path, Sampling(**options)).read_bytes()

    def stored(run, experiment, *, step, checkpoint, ema):
        return state_of(run.recipe, step, checkpoint, ema)

    monkeypatch.setattr(requests, "CHUNK", 4)
    monkeypatch.setattr(sampling, "experiment_of", lambda run: experiment_of(run.recipe))
    monkeypatch.setattr(sampling, "stored", stored)
    return written


def refused(write, config, kind, tmp_path):
    """The options that are refused; every other one changes the file."""
    base = {"n": 4, "out": tmp_path / f"x{kind}"} | ({"frames": 2} if kind == ".gif" else {})
    plain, found = write(config, **base), set()
    latents = np.random.default_rng(0).normal(size=(5, 6)).astype(np.float32)
    np.savez(tmp_path / OPTIONS["latents"], latents=latents, labels=np.arange(5) % 3)
    for name, value in OPTIONS.items():
        value = tmp_path / value if name == "latents" else value
        try:
            changed = write(config, **{**base, name: value})
        except InputError as error:
            found.add(name if name in str(error) else str(error))
        else:
            assert changed != plain, f"{name} changes nothing"
    return found


def test_every_option_is_tried():
    assert {field.name for field in fields(Sampling)} - {"out"} == set(OPTIONS)


@pytest.mark.slow
@pytest.mark.parametrize("network", NETWORKS)
def test_every_option_changes_the_samples_of_every_network_or_is_refused(network, write, tmp_path):
    config = of_network(network)
    assert refused(write, config, ".npz", tmp_path) == ALONE[".npz"]
    both = {"n": 4, "truncation": 0.3, "out": tmp_path / "x.npz"}
    if network == "stylegan2":
        assert write(config, **both, truncation_layers=2) != write(config, **both)
        return
    with pytest.raises(InputError, match=r"truncation_layers=2 needs a network with styles, and .* has none"):
        write(config, **both, truncation_layers=2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "changes", "more"),
    [
        (".png", {}, set()),
        (".gif", {}, set()),
        (".npz", {"condition": "none"}, {"labels"}),
        (".gif", {"condition": "none"}, {"labels", "columns"}),
        (".npz", {"latent": "uniform"}, {"truncation"}),
        (".npz", {"latent_signs": 6}, {"truncation"}),
        (".npz", {"network": "stylegan2", "mixing": 0.0, "latent": "uniform", "latent_signs": 6}, set()),
    ],
)
def test_every_option_changes_every_kind_of_file_or_is_refused(kind, changes, more, write, tmp_path):
    network = changes.get("network", "mlp")
    config = of_network(network).replace(**changes)
    assert refused(write, config, kind, tmp_path) == ALONE[kind] | more


@pytest.mark.slow
def test_truncation_of_stylegan2_pulls_styles_to_their_running_mean(write, tmp_path):
    """ψ of Karras et al., A Style-Based Generator Architecture, 2019, appendix B: mean + ψ (w − mean)."""
    config = of_network("stylegan2").replace(condition="none")
    params, variables = state_of(config.recipe, None, "latest").average
    variables = variables.network
    generator = players(config, IMAGES.shape).generator
    latents, mean = (
        jnp.asarray(requests.draw_latents(config.recipe.latents.latents(), 0, 4)),
        variables["averages"]["mean_style"],
    )
    assert np.abs(mean).max() > 0.1

    @partial(jax.jit, static_argnums=1)
    def expected(psi, layers):
        apply = partial(generator.apply, {"params": params, **variables})
        styles = apply(latents, method="styles")
        return apply(styles.at[:, :layers].set(mean + psi * (styles[:, :layers] - mean)), train=False)

    def images(psi, **options):
        options = {"n": 4, "truncation": psi, "out": tmp_path / "x.npz", **options}
        return np.load(io.BytesIO(write(config, **options)))["images"].astype(int)

    np.testing.assert_allclose(images(0.5), encode(np.asarray(expected(0.5, 4))), atol=1)
    np.testing.assert_allclose(images(0.5, truncation_layers=2), encode(np.asarray(expected(0.5, 2))), atol=1)
    of_the_mean = images(0.0)
    np.testing.assert_array_equal(of_the_mean, of_the_mean[:1].repeat(4, axis=0))
    np.testing.assert_allclose(images(1.0), encode(np.asarray(expected(1.0, 4))), atol=1)
