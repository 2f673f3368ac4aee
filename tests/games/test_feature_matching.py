"""Feature matching: its closed form, whose loss it enters, what it costs, and its errors."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from games_for_tests import of_discriminator

import jaxgan
from jaxgan import Batch, Players, Turn, dynamics, losses, networks, terms
from jaxgan.games.gradients import field
from jaxgan.networks import Network

KEY = jax.random.key(0)
REAL, FAKE = jnp.asarray(np.random.default_rng(0).normal(size=(2, 6, 4)), jnp.float32)


def turn_of(step=0):
    return Turn(Batch(REAL), KEY, jnp.int32(step))


SQUARES = Network(
    lambda key, x, condition: ({"features": jnp.ones((4, 3)), "logit": jnp.ones(4)}, {}),
    lambda p, v, x, condition, *, train, key: (x @ p["logit"], v),
    lambda p, v, x, condition, *, key: ((x @ p["logit"], (x @ p["features"]) ** 2), v),
)
IDENTITY = Network(lambda key, x, condition: ({}, {}), lambda p, v, x, c, *, train, key: (x, v))


@pytest.mark.parametrize("weight", [0.5, optax.linear_schedule(0.0, 1.0, 4)])
def test_the_generator_pays_the_squared_distance_of_the_mean_features(weight):
    params = {"features": jnp.arange(12.0).reshape(4, 3) / 10, "logit": jnp.ones(4)}
    plain, matching = (
        jaxgan.gan(IDENTITY, SQUARES, loss=losses.wasserstein(), latent_size=4, terms=w)
        for w in ([], [terms.feature_matching(weight)])
    )
    turn = turn_of(step=2)
    before, _ = plain.judge(params, of_discriminator(), FAKE, turn)
    after, (_, info) = matching.judge(params, of_discriminator(), FAKE, turn)
    of_real, of_fake = (((x @ np.asarray(params["features"])) ** 2).mean(axis=0) for x in (REAL, FAKE))
    distance = np.sum((of_real - of_fake) ** 2)
    np.testing.assert_allclose(info["feature_distance"], distance, rtol=1e-5)
    np.testing.assert_allclose(after.generator - before.generator, 0.5 * distance, rtol=1e-5)
    assert after.discriminator == before.discriminator


def dense(matching):
    return jaxgan.gan(
        networks.MLPGenerator(output_shape=(64,), hidden=(64,), squash=False),
        networks.MLPDiscriminator(hidden=(64, 64), dropout=0.3),
        loss=losses.minimax(),
        latent_size=4,
        terms=[terms.feature_matching(1.0)] if matching else [],
    )


def test_the_features_of_a_linen_network_are_what_it_sows():
    module = networks.MLPDiscriminator(hidden=(5, 3), dropout=0.5)
    network = networks.linen(module)
    params, variables = network.init(KEY, REAL, None)
    (same, found), _ = network.apply_with_features(params, variables, REAL, None, key=KEY)
    logits, _ = network.apply(params, variables, REAL, None, train=True, key=KEY)
    last = params["Dense_2"]
    np.testing.assert_allclose(found @ last["kernel"][:, 0] + last["bias"], logits, rtol=1e-5)
    np.testing.assert_array_equal(same, logits)


@pytest.mark.slow
def test_the_features_cost_no_pass_of_their_own():
    batch = Batch(jnp.zeros((256, 64)))

    def operations(matching):
        game = dense(matching)
        params, variables = game.init(KEY, batch)
        evaluate = jax.jit(lambda p: field(game, variables, Turn(batch, KEY, jnp.int32(0)))(p)[0])
        return evaluate.lower(params).compile().cost_analysis()["flops"]

    assert operations(True) < 1.02 * operations(False)


@pytest.mark.slow
def test_it_alone_pulls_the_features_together():
    game = jaxgan.gan(IDENTITY, SQUARES, loss=losses.wasserstein(), latent_size=4, terms=[terms.feature_matching(1.0)])
    params = {"features": jnp.eye(4)[:, :3], "logit": jnp.zeros(4)}

    def distance(samples):
        losses_of, _ = game.judge(params, of_discriminator(), samples, turn_of())
        return losses_of.generator

    samples = FAKE
    start = distance(samples)
    for _ in range(200):
        samples = samples - 0.05 * jax.grad(distance)(samples)
    assert distance(samples) < 1e-3 * start


def test_a_discriminator_without_features_is_refused():
    bare = SQUARES._replace(apply_with_features=None)
    with pytest.raises(ValueError, match="feature_matching needs a discriminator with features"):
        jaxgan.gan(IDENTITY, bare, loss=losses.hinge(), latent_size=4, terms=[terms.feature_matching(1.0)])
    with pytest.raises(ValueError, match="weight must be at least 0"):
        jaxgan.gan(IDENTITY, SQUARES, loss=losses.hinge(), latent_size=4, terms=[terms.feature_matching(-1.0)])


class Sowless(nn.Module):
    @nn.compact
    def __call__(self, x, condition=None, *, train):
        return nn.Dense(1)(x)[:, 0]


def test_a_linen_network_that_sows_none_is_named_in_init():
    game = jaxgan.gan(IDENTITY, Sowless(), loss=losses.hinge(), latent_size=4, terms=[terms.feature_matching(1.0)])
    with pytest.raises(ValueError, match='Sowless sows no "features"'):
        game.init(KEY, Batch(REAL))


@pytest.mark.slow
def test_it_trains_under_a_rule():
    rule = dynamics.alternating(Players(optax.sgd(0.01), optax.sgd(0.01)))
    algorithm = jaxgan.algorithm(dense(True), rule)
    batch = Batch(jax.random.normal(KEY, (8, 64)))
    _, info = jax.jit(algorithm.step)(algorithm.init(KEY, batch), batch, KEY)
    assert np.isfinite(info["feature_distance"])
