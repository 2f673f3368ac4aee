"""BiGAN against its equations in NumPy, its samples and reconstructions, and its errors."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxgan
from jaxgan import Batch, Turn, losses, networks, penalties
from jaxgan.games.bigan import Pair
from jaxgan.networks.adapter import Network

KEY, ROWS, SIZE = jax.random.key(0), 8, 3
X = np.random.default_rng(0).normal(size=(ROWS, 2)).astype(np.float32)
TURN = Turn(Batch(jnp.asarray(X)), KEY, jnp.zeros((), jnp.int32))


def linear(inputs, outputs):
    """x @ W; of a pair, the row and the latent side by side."""

    def init(key, x, condition):
        return jax.random.normal(key, (inputs, outputs)), {}

    def apply(params, variables, x, condition, *, train, key):
        x = jnp.concatenate(x, axis=1) if isinstance(x, Pair) else x
        return x @ params, variables

    return Network(init, apply)


def logit():
    whole = linear(2 + SIZE, 1)

    def apply(params, variables, x, condition, *, train, key):
        logits, variables = whole.apply(params, variables, x, condition, train=train, key=key)
        return logits[:, 0], variables

    return whole._replace(apply=apply)


def game_of(**options):
    options = {"loss": losses.hinge(), "latent_size": SIZE} | options
    return jaxgan.bigan(linear(SIZE, 2), linear(2, SIZE), logit(), **options)


def played(game):
    """Losses and info of one turn, its pairs, and the parameters, on the host."""
    params, variables = game.init(KEY, Batch(X))
    made, _ = game.generate(params.generator, variables.generator, TURN)
    values, (_, info) = game.judge(params.discriminator, variables.discriminator, made, TURN)
    return values, info, jax.device_get(made), jax.device_get(params)


def test_losses_are_those_of_pairs_and_both_networks_of_a_player_want_the_opposite():
    values, info, made, ((g, e), d) = played(game_of())
    np.testing.assert_allclose(made.encoded.latent, X @ e, rtol=1e-5)
    np.testing.assert_allclose(made.generated.row, made.generated.latent @ g, rtol=1e-5)
    encoded = np.concatenate(made.encoded, axis=1) @ d[:, 0]
    generated = np.concatenate(made.generated, axis=1) @ d[:, 0]

    def hinge(right, wrong):
        return np.mean(np.maximum(0, 1 - right)) + np.mean(np.maximum(0, 1 + wrong))

    np.testing.assert_allclose(values.discriminator, hinge(encoded, generated), rtol=1e-5)
    np.testing.assert_allclose(values.generator, hinge(generated, encoded), rtol=1e-5)
    np.testing.assert_allclose(info["reconstruction_distance"], np.mean(np.abs(X @ e @ g - X)), rtol=1e-5)


def test_penalties_see_rows_and_latents():
    values, info, _, (_, d) = played(game_of(penalties=[penalties.r1(2.0), penalties.gradient_penalty(3.0)]))
    plain, *_ = played(game_of())
    slope = np.sum(d**2)
    expected = slope + 3 * (np.sqrt(slope) - 1) ** 2
    np.testing.assert_allclose(info["penalty"], expected, rtol=1e-5)
    np.testing.assert_allclose(values.discriminator - plain.discriminator, expected, rtol=1e-5)
    assert values.generator == plain.generator


def test_generator_and_encoder_both_have_a_gradient():
    game = game_of(loss=losses.non_saturating())
    params, variables = game.init(KEY, Batch(X))

    def loss(params_g):
        made, _ = game.generate(params_g, variables.generator, TURN)
        return game.judge(params.discriminator, variables.discriminator, made, TURN)[0].generator

    assert all(np.abs(each).max() > 1e-3 for each in jax.grad(loss)(params.generator))


def test_samples_are_of_latents_and_reconstructions_of_rows():
    game = game_of()
    params, variables = game.init(KEY, Batch(X))
    g, e = params.generator
    z = np.random.default_rng(1).normal(size=(4, SIZE)).astype(np.float32)
    sample = lambda *asked: game.sample(params.generator, variables.generator, KEY, 4, *asked)  # noqa: E731
    np.testing.assert_allclose(sample(None, jnp.asarray(z)), z @ g, rtol=1e-5)
    np.testing.assert_allclose(sample(jnp.asarray(X[:4])), X[:4] @ e @ g, rtol=1e-4)
    assert np.abs(sample() - sample(None, jnp.asarray(z))).max() > 1e-3


@pytest.mark.parametrize(
    ("networks_of", "message"),
    [
        ((linear(SIZE, 3), linear(2, SIZE)), r"generator makes rows of shape \(3,\), but they must be \(2,\)"),
        ((linear(SIZE, 2), linear(2, 2)), r"encoder makes rows of shape \(2,\), but they must be \(3,\)"),
    ],
)
def test_networks_that_do_not_fit_are_named(networks_of, message):
    game = jaxgan.bigan(*networks_of, logit(), loss=losses.hinge(), latent_size=SIZE)
    with pytest.raises(ValueError, match=message):
        game.init(KEY, Batch(X))


@pytest.mark.usefixtures("without_shape_checks")
def test_wrong_arguments_are_said():
    with pytest.raises(ValueError, match="latent_size must be a whole number of at least 1, got 0"):
        jaxgan.bigan(linear(1, 1), linear(1, 1), logit(), loss=losses.hinge(), latent_size=0)
    with pytest.raises(TypeError, match="each of penalties must be a function"):
        game_of(penalties=[1.0])
    with pytest.raises(TypeError, match="penalties must be a list"):
        game_of(penalties=penalties.r1(1.0))
    with pytest.raises(TypeError, match="loss must be a function"):
        game_of(loss=1.0)


@pytest.mark.usefixtures("without_shape_checks")
def test_an_error_of_the_discriminator_says_that_it_was_given_a_pair():
    judge = networks.MLPDiscriminator(hidden=(4,))
    game = jaxgan.bigan(linear(SIZE, 2), linear(2, SIZE), judge, loss=losses.hinge(), latent_size=SIZE)
    with pytest.raises(AttributeError) as raised:
        game.init(KEY, Batch(X))
    assert any(
        note.startswith("The discriminator raised this. Its input has shape Pair(row=(2, 2)")
        for note in raised.value.__notes__
    )
