"""Presets against the programs of their papers, by the tables in `jaxgan/recipes/references/`, one for each preset.

`source` says what the reference is. A `[[field]]` is an option, or a quantity of the networks: `parameters
PLAYER` is a number of parameters, `deviation PLAYER/PATH` the standard deviation of one of them before training. An
`[[other]]` is a difference in words that no field has. What differs has its reason in `why`.
"""

import math
from functools import cache, reduce
from operator import getitem

import jax
import jax.numpy as jnp
import pytest
from recipes_for_tests import flat
from tiers import mostly_slow

from jaxgan import Configuration
from jaxgan.core import Batch
from jaxgan.options import chosen
from jaxgan.recipes.gan import GAN
from jaxgan.recipes.hifigan import HiFiGAN
from jaxgan.recipes.listing import REFERENCES, reference
from jaxgan.recipes.presets import PRESETS
from jaxgan.recipes.sources import spelled
from jaxgan.recipes.vqgan import VQGAN

TABLES = {path.stem: reference(path.stem) for path in sorted(REFERENCES.glob("*.toml"))}
OF_THE_MACHINE = {"data_dir", "split", "input", "workers", "cache_dir", "seed", "steps_per_call", "wrapper"}
OF_REPORTS = {"on_divergence", "log_every", "sample_every", "checkpoint_every", "evaluate_every"}
OF_REPORTS |= {"evaluate_metrics", "evaluate_samples", "inception_weights"}
ALWAYS = {"loss", "latent", "latent_size", "batch_size", "steps", "generator_rate", "discriminator_rate", "b1", "b2"}
ALWAYS |= {"schedule", "ema_decay", "parameters generator", "parameters discriminator"}
"""Must be in each table, also where the preset takes the default."""

OLDER = {"condition": "conditional"}
PLACE = {"data", "tfds_name", "path"}
DEFAULTS = {"discriminator_steps": 1, "generator_parts": 0, "burn_in": 0, "label_smoothing": 0.0}
FIXED = {
    "HiFiGAN": {"loss": "least_squares"},
    "WaveGAN": {"loss": "wasserstein", "latent": "uniform"},
    "VideoGAN": {"loss": "non_saturating", "latent": "normal", "latent_size": 220},
    "VQGAN": {"loss": "hinge"},
}
"""What recipes leave no choice of; the files of that name in `tests/recipes` see that it is so."""
LATENTS = {"latent", "latent_size"}

each_table = pytest.mark.parametrize("name", TABLES)


def rows(name):
    return {row["name"]: row for row in TABLES[name]["field"]}


@cache
def networks(name):
    """Sizes of the parameters of both networks, and the deviations that the table names."""
    preset = PRESETS[name]
    batch = Batch(jnp.zeros((2, *preset.of.shape)), jnp.zeros(2, jnp.int32))
    paths = [row.removeprefix("deviation ") for row in rows(name) if row.startswith("deviation ")]

    def start(key):
        recipe = preset.config.recipe
        of = recipe.asked_for(preset.of) if isinstance(recipe, HiFiGAN) else preset.of
        game = recipe.game(of, 1) if isinstance(recipe, GAN) else recipe.game(of)
        return game.init(key, batch)[0]._asdict()

    def deviations(key):
        params = start(key)
        return {path: jnp.std(reduce(getitem, path.split("/"), params)) for path in paths}

    key = jax.random.key(0)
    return jax.eval_shape(start, key), jax.jit(deviations)(key)


def measured(name, field):
    """The value of a field or quantity in the preset, and how far the table may be from it, relatively."""
    kind, _, path = field.partition(" ")
    if not path:
        value = option(PRESETS[name].config, field)
        return list(value) if isinstance(value, tuple) else value, 1e-9
    sizes, deviations = networks(name)
    if kind == "parameters":
        return sum(leaf.size for leaf in jax.tree.leaves(sizes[path])), 0
    size = reduce(getitem, path.split("/"), sizes).size
    return float(deviations[path]), 5 / math.sqrt(2 * size)


def option(config, field):
    """An option by its name in the tables; one that the chosen network or rule has not is at its default."""
    has = flat(config)
    if field == "data":
        return source(config)
    if field == "conditional":
        return has["condition"] == "labels"
    if field == "schedule" and has["schedule"] == "burn_in":
        return "constant"
    return has[field] if field in has else (DEFAULTS | FIXED.get(type(config.recipe).__name__, {}))[field]


def source(config):
    return spelled(config.recipe.data)


def equal(a, b, tolerance):
    if type(a) is bool or not isinstance(a, int | float) or not isinstance(b, int | float):
        return a == b
    return math.isclose(a, b, rel_tol=tolerance)


@mostly_slow("name", TABLES, quick=["dcgan-cifar10", "sn-hinge-mnist", "wgan-gp-mnist"])
def test_the_table_has_what_the_preset_is(name):
    preset_has, table_has = {}, {}
    for field, row in rows(name).items():
        value, tolerance = measured(name, field)
        if not equal(value, row["ours"], tolerance):
            preset_has[field], table_has[field] = value, row["ours"]
    assert preset_has == table_has


@each_table
def test_every_difference_has_its_reason(name):
    assert TABLES[name]["source"]
    for row in TABLES[name]["field"]:
        assert row["where"], f"{name}: {row['name']} says not where it stands in the reference"
        same = equal(row["ours"], row["reference"], 1e-9)
        assert same or row.get("why"), f"{name}: {row['name']} differs from the reference for no reason"
    for row in TABLES[name].get("other", []):
        assert all(row[part] for part in ("name", "ours", "reference", "where", "why")), f"{name}: {row} is not whole"


@each_table
def test_every_option_that_shapes_the_run_is_in_the_table(name):
    config = PRESETS[name].config
    has, choices = flat(config), {**chosen(config.recipe), "data": source(config)}
    default = flat(Configuration(type(config.recipe)()).replace(**choices)) | chosen(GAN())
    default["image_size"] = None
    differs = {option for option, value in has.items() if value != default[option]} - OF_THE_MACHINE - OF_REPORTS
    needed = {OLDER.get(option, option) for option in differs - PLACE} | ALWAYS
    needed -= LATENTS if isinstance(config.recipe, HiFiGAN | VQGAN) else set()
    assert needed <= set(rows(name)), f"{name}: not in the table: {sorted(needed - set(rows(name)))}"
