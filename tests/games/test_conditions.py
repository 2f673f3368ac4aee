"""What the networks are told: vectors as they are, and labels that are dropped now and then."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from games_for_tests import of_discriminator, of_generator

import jaxgan
from jaxgan import Batch, Players, Turn, dynamics, losses, networks
from jaxgan.networks import Network

KEY = jax.random.key(0)
POINTS = jnp.asarray(np.random.default_rng(0).normal(size=(6, 2)), jnp.float32)
VECTORS = jnp.asarray(np.random.default_rng(1).normal(size=(6, 3)), jnp.float32)
LABELS = jnp.array([0, 1, 2, 2, 1, 0])


def told(seen):
    """Networks that note what they are told; the generator's samples are the first two numbers of it."""

    def generate(params, variables, x, condition, *, train, key):
        seen.append(condition)
        return condition[:, :2], variables

    def judge(params, variables, x, condition, *, train, key):
        seen.append(condition)
        return x.sum(axis=1), variables

    return [Network(lambda key, x, condition: ({}, {}), apply) for apply in (generate, judge)]


def game(seen=None, **options):
    return jaxgan.gan(*told([] if seen is None else seen), loss=losses.wasserstein(), latent_size=2, **options)


def play(game, batch, step=0):
    turn = Turn(batch, jax.random.fold_in(KEY, step), jnp.int32(step))
    samples, _ = game.generate({}, of_generator(), turn)
    return game.judge({}, of_discriminator(), samples, turn)


def test_both_networks_are_given_vectors_as_they_are():
    seen = []
    play(game(seen, condition_size=3), Batch(POINTS, VECTORS))
    assert len(seen) == 3
    for condition in seen:
        np.testing.assert_array_equal(condition, VECTORS)


def test_samples_are_made_for_the_vectors_that_are_asked_for():
    samples = game(condition_size=3).sample({}, of_generator(), KEY, 4, np.asarray(VECTORS[:4]))
    np.testing.assert_array_equal(samples, VECTORS[:4, :2])


VECTOR_ERRORS = [
    (None, "condition_size=3 needs vectors: the condition is None"),
    (LABELS, r"conditions must be floats of shape \(6, 3\), got int32 of shape \(6,\)"),
    (VECTORS[:, :2], r"conditions must be floats of shape \(6, 3\), got float32 of shape \(6, 2\)"),
    (VECTORS[:4], r"conditions must be floats of shape \(6, 3\), got float32 of shape \(4, 3\)"),
]


@pytest.mark.parametrize(("given", "message"), VECTOR_ERRORS[:3])
def test_vectors_are_checked_at_init(given, message):
    with pytest.raises(ValueError, match=message):
        game(condition_size=3).init(KEY, Batch(POINTS, given))


@pytest.mark.parametrize(("given", "message"), VECTOR_ERRORS)
def test_vectors_are_checked_at_sample(given, message):
    with pytest.raises(ValueError, match=message):
        game(condition_size=3).sample({}, of_generator(), KEY, 6, given)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"condition_size": 0}, "condition_size must be None or at least 1, got 0"),
        ({"condition_size": 3, "num_classes": 3}, "num_classes=3 is for labels and condition_size=3 for vectors"),
        ({"label_dropout": 0.1}, "label_dropout=0.1 needs num_classes or condition_size"),
        ({"label_dropout": 1.0, "num_classes": 3}, "label_dropout must be less than 1, got 1.0"),
        ({"label_dropout": -0.1, "num_classes": 3}, "label_dropout must be at least 0, got -0.1"),
    ],
)
def test_options_out_of_range_are_errors(options, message):
    with pytest.raises(ValueError, match=message):
        game(**options)


@pytest.mark.slow
def test_a_game_of_vectors_trains_and_its_samples_follow_them():
    """The data is the vector itself: the generator learns to hand it on."""
    linear = networks.MLPGenerator((2,), hidden=(), squash=False)
    rate = optax.adam(0.02, b1=0.5)
    algorithm = jaxgan.algorithm(
        jaxgan.gan(
            linear,
            networks.MLPDiscriminator((16,)),
            loss=losses.non_saturating(),
            penalties=[jaxgan.penalties.r1(0.1)],
            latent_size=1,
            condition_size=2,
        ),
        dynamics.alternating(Players(rate, rate)),
        ema_decay=0.9,
    )
    batches = jnp.asarray(np.random.default_rng(2).normal(size=(400, 32, 2)), jnp.float32)
    state = algorithm.init(KEY, Batch(batches[0], batches[0]))
    train = jax.jit(lambda state: jax.lax.scan(lambda s, x: algorithm.step(s, Batch(x, x), KEY), state, batches)[0])
    asked = batches[0]
    before, after = (np.abs(algorithm.sample(s, KEY, 32, asked) - asked).mean() for s in (state, train(state)))
    assert after < 0.25 < before


@pytest.mark.parametrize(("options", "given"), [({"num_classes": 3}, LABELS), ({"condition_size": 3}, VECTORS)])
def test_dropped_conditions_are_zeros_for_both_networks_alike(options, given):
    rows = 500
    seen, whole = [], []
    batch = Batch(jnp.tile(POINTS, (rows, 1)), jnp.concatenate([given] * rows))
    play(game(whole, **options), batch)
    play(game(seen, label_dropout=0.3, **options), batch)
    dropped = ~np.any(np.asarray(seen[0]), axis=1)
    assert abs(dropped.mean() - 0.3) < 0.03
    for condition in seen:
        np.testing.assert_array_equal(condition, np.where(dropped[:, None], 0, whole[0]))
    play(game(seen, label_dropout=0.3, **options), batch, step=1)
    assert np.any(np.asarray(seen[-1]) != seen[0])


def test_samples_lose_no_condition_and_the_label_minus_1_is_none():
    dropping = game(num_classes=3, label_dropout=0.9)
    np.testing.assert_array_equal(dropping.sample({}, of_generator(), KEY, 6, LABELS), np.eye(3)[LABELS, :2])
    np.testing.assert_array_equal(dropping.sample({}, of_generator(), KEY, 6, jnp.full(6, -1)), np.zeros((6, 2)))
    with pytest.raises(ValueError, match=r"labels must be in \[-1, 3\), got values from -2 to -2"):
        dropping.sample({}, of_generator(), KEY, 6, jnp.full(6, -2))
