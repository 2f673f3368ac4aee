"""CycleGAN out of two games, against its equations in NumPy, with terms and a pool."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import jaxgan
from jaxgan import Batch, Players, conditions, dynamics, losses, networks, penalties, terms
from jaxgan.networks.adapter import Network

KEY = jax.random.key(0)
RANDOM = np.random.default_rng(0)
A, B = RANDOM.normal(size=(8, 2)).astype(np.float32), RANDOM.normal(size=(8, 2)).astype(np.float32)
BATCH = Batch((A, B))


def linear(*shape, source):
    """x @ W of the condition, or of the rows: a translator, or a discriminator."""

    def init(key, x, condition):
        return jax.random.normal(key, shape), {}

    def apply(params, variables, x, condition, *, train, key):
        return (condition if source else x) @ params, variables

    return Network(init, apply)


def direction(**options):
    return jaxgan.gan(
        linear(2, 2, source=True),
        networks.unconditional(linear(2, source=False)),
        condition=conditions.like((2,)),
        latent_size=1,
        **{"loss": losses.least_squares()} | options,
    )


def losses_of(game, batch=BATCH):
    """Both losses, the info, and the parameters as matrices and vectors: to b, to a."""
    params, variables = game.init(KEY, batch)
    turn = jaxgan.Turn(batch, KEY, jnp.zeros((), jnp.int32))
    made, _ = game.generate(params.generator, variables.generator, turn)
    values, (_, info) = game.judge(params.discriminator, variables.discriminator, made, turn)
    return values, info, jax.device_get(params)


def test_losses_are_those_of_the_paper():
    values, info, (translators, judges) = losses_of(jaxgan.cycle(direction(), direction(), weight=10.0, identity=5.0))
    (g, f), (on_b, on_a) = translators, judges
    cycle = np.mean(np.abs(A @ g @ f - A)) + np.mean(np.abs(B @ f @ g - B))
    same = np.mean(np.abs(B @ g - B)) + np.mean(np.abs(A @ f - A))
    wants = 0.5 * np.mean((A @ g @ on_b - 1) ** 2) + 0.5 * np.mean((B @ f @ on_a - 1) ** 2)
    tells = sum(
        0.5 * np.mean((real @ judge - 1) ** 2) + 0.5 * np.mean((fake @ judge) ** 2)
        for real, fake, judge in ((B, A @ g, on_b), (A, B @ f, on_a))
    )
    np.testing.assert_allclose(values.generator, wants + 10 * cycle + 5 * same, rtol=1e-5)
    np.testing.assert_allclose(values.discriminator, tells, rtol=1e-5)
    np.testing.assert_allclose([info["cycle_distance"], info["identity_distance"]], [cycle, same], rtol=1e-5)
    np.testing.assert_allclose(info["real_logits"], (np.mean(B @ on_b) + np.mean(A @ on_a)) / 2, rtol=1e-5)


def test_terms_are_added_in_both_directions():
    plain, _, (_, judges) = losses_of(jaxgan.cycle(direction(), direction()))
    seen = [penalties.r1(0.2), terms.reconstruction(3.0, target=lambda c: c.batch.condition)]
    more, info, _ = losses_of(jaxgan.cycle(direction(terms=seen), direction(terms=seen)))
    np.testing.assert_allclose(
        more.discriminator - plain.discriminator, 0.1 * sum(np.sum(w**2) for w in judges), rtol=1e-4
    )
    np.testing.assert_allclose(more.generator - plain.generator, 6 * info["reconstruction"], rtol=1e-4)


def test_the_discriminators_learn_from_the_pool_and_the_generators_from_the_newest():
    game = jaxgan.cycle(direction(), direction(), pool=jaxgan.pool(8))
    params, variables = game.init(KEY, BATCH)
    turn = jaxgan.Turn(BATCH, KEY, jnp.zeros((), jnp.int32))
    made, _ = game.generate(params.generator, variables.generator, turn)
    first, (filled, _) = game.judge(params.discriminator, variables.discriminator, made, turn)
    assert filled.pool.value.filled == 8
    far = made._replace(samples=tuple(100 * x for x in made.samples))
    then, _ = game.judge(params.discriminator, filled, far, turn)
    alone, _ = jaxgan.cycle(direction(), direction()).judge(
        params.discriminator, variables.discriminator._replace(pool=None), far, turn
    )
    assert first.discriminator < then.discriminator < alone.discriminator
    np.testing.assert_allclose(then.generator, alone.generator, rtol=1e-6)


@pytest.mark.slow
def test_the_pool_fills_and_samples_are_translations_by_the_averages():
    pooled = jaxgan.cycle(
        direction(instance_noise=0.1, terms=[terms.mode_seeking(0.0)]), direction(), identity=1.0, pool=jaxgan.pool(12)
    )
    rule = dynamics.alternating(Players(optax.sgd(1e-2), optax.sgd(1e-2)))
    algorithm = jaxgan.algorithm(pooled, rule)
    state, step = algorithm.init(KEY, BATCH), jaxgan.jitted(algorithm.step)
    for _ in range(3):
        state, _ = step(state, BATCH, KEY)
    alone = jax.device_get(state)
    assert alone.variables.discriminator.pool.value.filled == 12
    to_b, to_a = algorithm.sample(alone, KEY, 8, (A, B))
    g, f = alone.average.params
    np.testing.assert_allclose(to_b, A @ g, rtol=1e-5)
    np.testing.assert_allclose(to_a, B @ f, rtol=1e-5)


@pytest.mark.usefixtures("without_shape_checks")
def test_what_does_not_fit_is_said():
    with pytest.raises(ValueError, match="translation without pairs needs rows of two domains"):
        jaxgan.cycle(direction(), direction()).init(KEY, Batch(A))
    with pytest.raises(ValueError, match="weight must be at least 0, got -1"):
        jaxgan.cycle(direction(), direction(), weight=-1.0)
    wide = np.zeros((8, 3), np.float32)
    with pytest.raises(ValueError, match="identity needs domains of one shape"):
        jaxgan.cycle(direction(), direction(), identity=1.0).init(KEY, Batch((A, wide)))
