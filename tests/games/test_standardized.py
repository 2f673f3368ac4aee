"""A standardised game of points is the same wherever they lie and however wide they are."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import jaxgan
from jaxgan import Batch, Players, dynamics, losses, networks, penalties
from jaxgan.games.standardized import standardized

KEY = jax.random.key(0)
POINTS = np.asarray(jax.random.normal(KEY, (64, 2)))


def trained(points, wrap=jaxgan.jitted):
    game = standardized(
        jaxgan.gan(
            networks.MLPGenerator(output_shape=(2,), hidden=(8,), squash=False),
            networks.MLPDiscriminator(hidden=(8,), octaves=2),
            loss=losses.relativistic_pairing(),
            terms=[penalties.r1(0.5), penalties.r2(0.5)],
            instance_noise=0.1,
            latent_size=3,
        )
    )
    sgd = Players(optax.sgd(0.1), optax.sgd(0.1))
    algorithm = jaxgan.algorithm(game, dynamics.alternating(sgd), ema_decay=0.9)
    batch = Batch(jnp.asarray(points))
    state = algorithm.init(KEY, batch)
    step = wrap(algorithm.step)
    for _ in range(5):
        state, info = step(state, batch, KEY)
    return np.asarray(algorithm.sample(state, jax.random.key(1), 100)), jax.device_get(info), state


@pytest.mark.slow
def test_moved_and_scaled_data_give_the_run_moved_and_scaled():
    samples, info, _ = trained(POINTS)
    moved, info_of_moved, _ = trained(3 * POINTS + np.array([5, -7], np.float32))
    np.testing.assert_allclose(moved, 3 * samples + np.array([5, -7]), atol=1e-4)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-4), info, info_of_moved)


def test_the_place_is_that_of_the_first_batch_and_stays():
    *_, state = trained(POINTS * np.array([3, 1], np.float32))
    for variables in (*state.variables, state.average.variables):
        mean, scale = variables.place.value
        np.testing.assert_allclose(mean, (POINTS * [3, 1]).mean(0), rtol=1e-5)
        np.testing.assert_allclose(scale**2, (POINTS * [3, 1]).var(0).mean(), rtol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("wrap", [jaxgan.pmapped, jaxgan.sharded])
def test_devices_give_the_same_run(wrap):
    expected, *_ = trained(POINTS)
    samples, *_ = trained(POINTS, wrap)
    np.testing.assert_allclose(samples, expected, atol=1e-5)


def test_points_that_are_all_alike_have_scale_1():
    *_, state = trained(np.ones((64, 2), np.float32))
    assert state.variables.generator.place.value.scale == 1


@pytest.mark.parametrize(("shape", "said"), [((4, 8, 8, 1), r"\(4, 8, 8, 1\)"), ((1, 2), r"\(1, 2\)")])
def test_rows_that_are_no_points_are_named(shape, said, without_shape_checks):
    with pytest.raises(ValueError, match=rf"standardized needs points \[B, D\], at least two, got shape {said}"):
        trained(np.zeros(shape, np.float32))


def test_rows_that_samples_are_asked_for_by_are_standardized_too():
    """A game whose samples are the rows they are asked for by gives them back from any place and scale."""
    plain = jaxgan.gan(
        networks.MLPGenerator(output_shape=(2,), hidden=(), squash=False),
        networks.MLPDiscriminator(hidden=(2,)),
        loss=losses.hinge(),
        latent_size=2,
    )
    copying = plain._replace(sample=lambda params, variables, key, n, condition=None: condition)
    game, points = standardized(copying, asked_by_rows=True), 7 + 3 * POINTS
    params, variables = game.init(KEY, Batch(jnp.asarray(points)))
    again = game.sample(params.generator, variables.generator, KEY, 4, points[:4])
    np.testing.assert_allclose(again, points[:4], rtol=1e-5)
