"""Refined latents: chains reach known densities, only discriminators that estimate them are taken, and refusals."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from recipes_for_tests import configured

import jaxgan
from jaxgan import Players, losses
from jaxgan.core import Algorithm
from jaxgan.games.standardized import standardized
from jaxgan.observe import refinement
from jaxgan.observe.langevin import langevin
from jaxgan.observe.metropolis import metropolis
from jaxgan.observe.refinement import check_refinement, refined
from jaxgan.observe.requests import draw_latents
from jaxgan.observe.sampling import Sampling
from jaxgan.recipes.recipe import DataShape

MEAN, DEVIATION = np.array([0.5, -0.3], np.float32), np.array([0.5, 0.8], np.float32)
CHAINS = 4000


def log_ratio(z):
    """log N(z; MEAN, DEVIATION²) − log N(z; 0, 1), up to a constant."""
    return 3 + jnp.sum(z**2 / 2 - ((z - MEAN) / DEVIATION) ** 2 / 2, axis=1)


def log_density(z):
    return log_ratio(z) - jnp.sum(z**2, axis=1) / 2


def normal(key):
    return jax.random.normal(key, (2,))


SAMPLERS = {
    "metropolis": lambda z, keys: metropolis(normal, log_ratio, z, keys, steps=20),
    "langevin": lambda z, keys: langevin(log_density, z, keys, steps=20, rate=0.5),
}


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_chains_reach_a_known_gaussian(sampler):
    """The errors of mean and deviation over n chains are σ/√n and σ/√(2n); steps as large would miss the deviation by
    10 % and more without the correction."""
    keys = jax.random.split(jax.random.key(0), CHAINS)
    start = jax.vmap(normal)(jax.random.split(jax.random.key(1), CHAINS))
    z, accepted = jax.jit(SAMPLERS[sampler])(start, keys)
    np.testing.assert_allclose(z.mean(axis=0), MEAN, atol=4 * 0.8 / CHAINS**0.5)
    np.testing.assert_allclose(z.std(axis=0), DEVIATION, rtol=4 / (2 * CHAINS) ** 0.5)
    assert 0.2 < accepted < 0.95


def test_without_a_ratio_every_proposal_is_accepted():
    keys = jax.random.split(jax.random.key(0), 8)
    z, accepted = metropolis(normal, lambda z: jnp.zeros(len(z)), jnp.zeros((8, 2)), keys, steps=1)
    assert accepted == 1
    assert (z != 0).all()


@pytest.mark.slow
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_the_end_of_a_chain_depends_on_its_start_and_key_alone(sampler):
    keys = jax.random.split(jax.random.key(0), 6)
    start = jax.vmap(normal)(keys)
    whole, part = SAMPLERS[sampler](start, keys)[0], SAMPLERS[sampler](start[2:4], keys[2:4])[0]
    np.testing.assert_allclose(whole[2:4], part, rtol=1e-5)


def experiment_of(**options):
    """Points in the plane; the discriminator is a linear map of its weights."""
    small = {"generator_hidden": (4,), "discriminator_hidden": (4,), "latent_size": 2, "standardize": False}
    config = configured(**({"data": "ring", "network": "mlp", "condition": "none"} | small | options))
    return config.recipe.experiment(DataShape((2,), 8), 10)


@pytest.mark.slow
def test_latents_of_a_generator_have_the_density_of_the_data(monkeypatch):
    """G(z) = 2z of normal z, D the logarithm of the ratio of N(2 MEAN, (2 DEVIATION)²) to the samples' density."""
    monkeypatch.setattr(refinement, "CHUNK", 1500)
    state = jaxgan.GANState(*[np.zeros((), np.int32)] * 5)
    algorithm = Algorithm(None, None, lambda state, key, n, condition, z: 2 * z)
    latents = experiment_of().latents
    experiment = jaxgan.Experiment(
        DataShape((2,), None), algorithm, latents=latents, log_ratio=lambda state, x, condition: log_ratio(x / 2)
    )
    start = draw_latents(latents, 0, CHAINS)
    for method in ("metropolis", "langevin"):
        found = refined(experiment, state, start, method=method, steps=20, rate=0.5)
        np.testing.assert_allclose(found.latents.mean(axis=0), MEAN, atol=0.05)
        np.testing.assert_allclose(found.latents.std(axis=0), DEVIATION, rtol=0.05)
        few = refined(experiment, state, start[:3], method=method, steps=20, rate=0.5)
        np.testing.assert_allclose(few.latents, found.latents[:3], rtol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("moved", [False, True])
def test_the_critic_of_a_game_is_its_discriminator_in_evaluation_mode(moved):
    """Also where the game sees standardised points: of mean 3 and deviation 2."""
    game = jaxgan.gan(
        jaxgan.networks.MLPGenerator((2,), (4,), squash=False),
        jaxgan.networks.MLPDiscriminator((4,), dropout=0.5),
        loss=losses.non_saturating(),
        latent_size=2,
        instance_noise=1.0,
    )
    points = jnp.array([[1.0, 5.0], [5.0, 1.0]])
    playing = standardized(game) if moved else game
    params, variables = playing.init(jax.random.key(0), jaxgan.Batch(points))
    logits = playing.critic(params.discriminator, variables.discriminator, points)
    seen = (points - 3) / 2 if moved else points
    expected = jaxgan.networks.MLPDiscriminator((4,)).apply({"params": params.discriminator}, seen, train=False)
    np.testing.assert_allclose(logits, expected, rtol=1e-5)
    rate = Players(optax.sgd(0.1), optax.sgd(0.1))
    assert jaxgan.algorithm(playing, jaxgan.dynamics.simultaneous(rate)).game.critic is not None


@pytest.mark.parametrize(
    ("options", "refuses"),
    [
        ({}, set()),
        ({"loss": "minimax"}, set()),
        ({"loss": "f_divergence", "divergence": "kl"}, set()),
        ({"latent": "uniform"}, {"langevin"}),
        ({"latent_signs": 1}, {"langevin"}),
        ({"loss": "f_divergence", "divergence": "pearson"}, {"langevin", "metropolis"}),
        ({"loss": "wasserstein"}, {"langevin", "metropolis"}),
        ({"loss": "hinge"}, {"langevin", "metropolis"}),
        ({"loss": "relativistic_pairing"}, {"langevin", "metropolis"}),
        ({"label_smoothing": 0.1}, {"langevin", "metropolis"}),
        ({"pack": 2}, {"langevin", "metropolis"}),
        ({"condition": "labels", "auxiliary": "classifier"}, {"langevin", "metropolis"}),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else " ".join(sorted(value)) or "none",
)
def test_only_estimates_of_a_density_ratio_are_taken(options, refuses):
    experiment = experiment_of(**options)
    for method in ("langevin", "metropolis"):
        if method in refuses:
            needs = "a discriminator whose logits estimate" if len(refuses) == 2 else "latents whose density"
            with pytest.raises(ValueError, match=f"refine={method} needs {needs}"):
                check_refinement(experiment, method)
        else:
            check_refinement(experiment, method)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"refine_steps": 3}, "refine_steps=3 has no effect with refine=none"),
        ({"refine": "metropolis", "refine_rate": 0.1}, "refine_rate=0.1 has no effect with refine=metropolis"),
        ({"refine": "langevin", "refine_rate": 0.0}, "refine_rate must be above 0, got 0.0"),
        ({"refine": "langevin", "refine_steps": 0}, "refine_steps must be at least 1, got 0"),
        ({"refine": "langevin", "interpolate": True}, "refine=langevin cannot be combined with interpolate"),
        ({"refine": "langevin", "truncation": 0.5}, "refine=langevin cannot be combined with truncation"),
    ],
)
def test_options_that_do_not_fit_are_said(options, message):
    with pytest.raises(ValueError, match=message):
        Sampling(**options)
