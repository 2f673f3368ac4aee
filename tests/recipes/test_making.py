"""What an experiment leaves out comes from its game, and what does not fit is refused before a run begins."""

import jax
import numpy as np
import optax
import pytest

import jaxgan
from jaxgan import Players, data, dynamics, losses, networks
from jaxgan.experiment import Experiment, Latents
from jaxgan.export.programs import programs
from jaxgan.recipes.making import checked

POINTS = data.load(np.random.default_rng(0).normal(size=(20, 2)).astype(np.float32))


def experiment(**fields):
    game = jaxgan.gan(
        networks.MLPGenerator(output_shape=(2,), hidden=(4,), squash=False),
        networks.MLPDiscriminator(hidden=(4,)),
        loss=losses.hinge(),
        latent_size=3,
    )
    rule = dynamics.simultaneous(Players(optax.sgd(0.1), optax.sgd(0.1)))
    return Experiment(POINTS, jaxgan.algorithm(game, rule), **fields)


def test_latents_are_those_of_the_game_unless_the_experiment_has_its_own():
    plain, key = experiment(), jax.random.key(3)
    np.testing.assert_array_equal(checked(plain).latents.draw(key), jaxgan.latents.normal(key, 3))
    own = Latents(lambda key: jaxgan.latents.uniform(key, 3), jaxgan.latents.lerp)
    assert checked(experiment(latents=own)).latents is own
    assert checked(experiment(conditional="rows")).latents is None


@pytest.mark.slow
def test_an_experiment_that_says_nothing_of_latents_is_exported():
    whole = checked(experiment())
    state = whole.algorithm.init(jax.random.key(0), next(POINTS.batches(4, 0)))
    exported = programs(whole, jax.device_get(state))
    latents = exported.latents.call(index=np.arange(5, dtype=np.int32), seed=np.int32(1), truncation=np.float32(np.inf))
    found = exported.generator.call(latents=latents, seed=np.int32(0))
    expected = whole.algorithm.sample(state, jax.random.key(0), 5, None, latents)
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"conditional": "classes"}, 'conditional is "classes", but the data have no labels'),
        (
            {"latents": Latents(lambda key: jaxgan.latents.normal(key, 4), jaxgan.latents.slerp)},
            r"draws rows \(4,\), but the game takes \(3,\)",
        ),
    ],
)
def test_what_does_not_fit_the_game_or_the_data_is_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        checked(experiment(**fields))
