"""Augmentation in a game: who sees which draws, whose gradient passes through, and what the state holds."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from games_for_tests import of_discriminator

import jaxgan
from jaxgan import Batch, Players, Turn, augmentation, dynamics, losses, networks, penalties
from jaxgan.augmentation import Augmentation
from jaxgan.games.gradients import generator_pressure
from jaxgan.networks import Network

KEY = jax.random.key(0)
REAL, FAKE = jnp.asarray(np.random.default_rng(0).normal(size=(2, 4, 4, 4, 1)), jnp.float32)
TURN = Turn(Batch(REAL), KEY, jnp.int32(0))
WEIGHTS = jnp.asarray(np.random.default_rng(1).normal(size=16), jnp.float32)
IDENTITY = Network(lambda key, x, condition: ({}, {}), lambda p, v, x, c, *, train, key: (x.reshape(-1, 4, 4, 1), v))


def linear(seen=None):
    """D(x) = w·x, and a list of all that it was given."""

    def apply(params, variables, x, condition, *, train, key):
        if seen is not None:
            seen.append(x)
        return x.reshape(len(x), -1) @ params, variables

    return Network(lambda key, x, condition: (jnp.ones(x[0].size), {}), apply)


def scale(key, image):
    """Multiplied by a number of its own."""
    return image * jax.random.uniform(key, (), minval=1, maxval=2)


def scales(kind):
    return np.array([scale(jax.random.fold_in(TURN.stream(f"augment {kind}"), row), jnp.ones(())) for row in range(4)])


def game(discriminator=None, **options):
    settings = {"loss": losses.wasserstein(), "latent_size": 16} | options
    return jaxgan.gan(IDENTITY, discriminator or linear(), **settings)


def test_each_row_has_a_draw_of_its_own_and_samples_have_others_than_real_rows():
    seen = []
    game(linear(seen), augment=scale).judge(WEIGHTS, of_discriminator(), FAKE, TURN)
    real, fake = scales("real"), scales("fake")
    np.testing.assert_allclose(seen[0], real[:, None, None, None] * REAL, rtol=1e-5)
    np.testing.assert_allclose(seen[1], fake[:, None, None, None] * FAKE, rtol=1e-5)
    assert len(set(real) | set(fake)) == 8


def test_the_generator_s_gradient_passes_through_the_augmentation():
    pressure, _ = generator_pressure(game(augment=scale), WEIGHTS, of_discriminator(), FAKE, TURN)
    expected = -scales("fake")[:, None] * WEIGHTS / 4
    np.testing.assert_allclose(pressure.reshape(4, 16), expected, rtol=1e-5)


@pytest.mark.slow
def test_the_generator_s_gradient_is_that_of_finite_differences():
    with jax.enable_x64(True):
        samples = jnp.asarray(np.random.default_rng(3).normal(size=(4, 8, 8, 2)))
        weights = jnp.asarray(np.random.default_rng(4).normal(size=128))
        turn = Turn(Batch(samples[::-1]), KEY, jnp.int32(0))
        augmented = game(augment=augmentation.diffaugment(), loss=losses.non_saturating())

        @jax.jit
        def loss(samples):
            return augmented.judge(weights, of_discriminator(), samples, turn)[0].generator

        pressure = jax.jit(
            lambda samples: generator_pressure(augmented, weights, of_discriminator(), samples, turn)[0]
        )(samples)
        direction, h = np.random.default_rng(5).normal(size=samples.shape), 1e-5
        slope = float(loss(samples + h * direction) - loss(samples - h * direction)) / (2 * h)
    np.testing.assert_allclose(np.sum(np.asarray(pressure) * direction), slope, rtol=1e-6)
    assert abs(slope) > 1e-2


def test_r1_is_that_of_the_augmented_discriminator_at_the_data():
    points = []

    def where(critic, real, fake, turn):
        points.append(real)
        return jnp.zeros(())

    penalised = game(augment=scale, penalties=[penalties.r1(2.0), where])
    _, (_, info) = penalised.judge(WEIGHTS, of_discriminator(), FAKE, TURN)
    np.testing.assert_array_equal(points[0], REAL)
    np.testing.assert_allclose(info["penalty"], np.mean(scales("real") ** 2) * np.sum(WEIGHTS**2), rtol=1e-5)


def test_rows_are_augmented_before_they_are_packed():
    seen = []
    game(linear(seen), augment=scale, pack=2, penalties=[penalties.r1(1.0)]).judge(
        jnp.ones(32), of_discriminator(), FAKE, TURN
    )
    rows = scales("real")[:, None, None] * REAL[..., 0]
    np.testing.assert_allclose(seen[0], np.stack([rows[::2], rows[1::2]], axis=-1), rtol=1e-5)
    assert seen[2].shape == seen[0].shape


def test_apa_takes_samples_for_real_and_r1_is_taken_there():
    seen, points = [], []

    def where(critic, real, fake, turn):
        points.append(real)
        return jnp.zeros(())

    always = augmentation.apa()._replace(init=lambda: augmentation.apa().init()._replace(probability=jnp.ones(())))
    pseudo = game(linear(seen), augment=always, penalties=[where])
    _, variables = pseudo.init(KEY, Batch(REAL))
    seen.clear()
    pseudo.judge(WEIGHTS, variables.discriminator, FAKE, TURN)
    for x in (*seen, *points):
        np.testing.assert_array_equal(x, FAKE)


def test_the_probability_is_in_the_state_and_every_discriminator_step_moves_it():
    still = Players(optax.sgd(0.0), optax.sgd(0.0))
    adaptive = game(augment=augmentation.ada(-1.0, images=100, interval=2, transform=lambda key, image, p: image + p))
    algorithm = jaxgan.algorithm(adaptive, dynamics.alternating(still, discriminator_steps=2))
    batch = Batch(jnp.ones((4, 4, 4, 1)))
    state = algorithm.init(KEY, batch)
    assert state.variables.discriminator.augment == (0, 0, 0)
    assert state.variables.discriminator.terms == {}
    after, info = jax.jit(algorithm.step)(state, batch, KEY)
    assert jax.tree.structure(after) == jax.tree.structure(state)
    np.testing.assert_allclose(after.variables.discriminator.augment.probability, 4 / 100, rtol=1e-6)
    assert info["augment_probability"] == after.variables.discriminator.augment.probability


def test_a_transform_without_variables_leaves_those_of_the_discriminator_as_they_are():
    _, variables = game(augment=scale).init(KEY, Batch(REAL))
    assert variables.discriminator == of_discriminator()


@pytest.mark.parametrize("augment", [augmentation.diffaugment(), augmentation.ada()])
def test_rows_that_are_no_images_are_named_at_init(augment, without_shape_checks):
    points = jaxgan.gan(
        networks.MLPGenerator((2,), (4,)), networks.MLPDiscriminator((4,)), loss=losses.hinge(), augment=augment
    )
    with pytest.raises(ValueError, match=r"augment needs images \[B, H, W, C\], got rows of shape \(2,\)"):
        points.init(KEY, Batch(jnp.zeros((4, 2))))


def test_what_is_no_augmentation_is_named(without_shape_checks):
    with pytest.raises(ValueError, match=r"augment must be None, a function.*got 'diffaugment'"):
        game(augment="diffaugment")
    with pytest.raises(ValueError, match=r"augment makes rows \(2, 4, 1\) of rows \(4, 4, 1\)"):
        game(augment=lambda key, image: image[:2]).init(KEY, Batch(REAL))


def test_an_augmentation_of_one_s_own():
    def update(count, real_logits, turn):
        return count + 1, {"passes": count}

    counting = Augmentation(lambda: jnp.zeros(()), None, lambda count, key, image, step: image + count, update)
    own = game(augment=counting)
    _, variables = own.init(KEY, Batch(REAL))
    _, (after, info) = own.judge(WEIGHTS, variables.discriminator, FAKE, TURN)
    assert (after.augment, info["passes"]) == (1, 0)
