"""Path length regularisation of a generator whose lengths are known, and of StyleGAN2's under every wrapper."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from games_for_tests import of_discriminator, of_generator

import jaxgan
from jaxgan import Batch, Players, Turn, dynamics, losses, networks, terms
from jaxgan.games.term import GeneratorContext
from jaxgan.games.terms.path_length import path_lengths

KEY = jax.random.key(0)
SIDE, LAYERS = 2, 3
BATCH = Batch(np.random.default_rng(0).normal(size=(8, SIDE, SIDE, 1)).astype(np.float32))
SGD = Players(optax.sgd(0.05), optax.sgd(0.05))


class Scaled(nn.Module):
    """Images are the sum over layers of the styles, which are the latents, times one number, doubled for class 1."""

    def setup(self):
        self.scale = self.param("scale", nn.initializers.constant(1.5), ())

    def styles(self, latent, condition=None, *, train=False):
        return jnp.repeat(latent[:, None], LAYERS, axis=1)

    def __call__(self, latent, condition=None, *, train):
        styles = self.styles(latent) if latent.ndim == 2 else latent
        factor = 1.0 if condition is None else 1 + condition[:, 1, None, None, None]
        return factor * self.scale * jnp.sum(styles, axis=1).reshape(-1, SIDE, SIDE, 1)


class Squared(Scaled):
    """The squares of the styles, halved, so that lengths are those of style · direction; training doubles them."""

    def styles(self, latent, condition=None, *, train=False):
        return (2 if train else 1) * super().styles(latent)

    def __call__(self, latent, condition=None, *, train):
        return super().__call__(latent**2 / 2, train=train)


def game_of(weight, every=2, decay=0.9, num_classes=None, shrink=1):
    module, judge = Scaled(), networks.MLPDiscriminator((4,))
    term = terms.every(every, terms.path_length(module, weight, decay, shrink))
    size = SIDE * SIDE
    return jaxgan.gan(
        module, judge, loss=losses.non_saturating(), latent_size=size, num_classes=num_classes, terms=[term]
    )


def variables_of(mean):
    """The generator's variables."""
    return of_generator(**{"path length": mean})


def expected_lengths(scale, turn):
    y = turn.draw("path direction", lambda key: jax.random.normal(key, (SIDE, SIDE, 1)))
    return scale * np.sqrt(np.sum(np.asarray(y) ** 2, axis=(1, 2, 3)) / SIDE**2 + 1e-8)


def context(scale):
    """Context of a generator without condition."""
    latents = jnp.zeros((8, SIDE * SIDE))
    return GeneratorContext(None, latents, latents, lambda turn: None, {"scale": scale}, {})


def test_lengths_are_taken_at_the_styles_of_training():
    turn = turn_of(3)
    found = path_lengths(Squared(), context(1.0), turn)
    z = turn.draw("path latent", lambda key: jax.random.normal(key, (SIDE * SIDE,)))
    y = turn.draw("path direction", lambda key: jax.random.normal(key, (SIDE, SIDE, 1)))
    expected = np.linalg.norm(2 * np.asarray(z) * np.asarray(y).reshape(8, -1), axis=1) / SIDE
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def own(turn):
    """The turn with the streams of the term."""
    return turn.within("path length")


def turn_of(step):
    return Turn(BATCH, jax.random.fold_in(KEY, step), jnp.int32(step))


def test_lengths_are_those_of_a_linear_generator():
    turn = turn_of(3)
    found = path_lengths(Scaled(), context(1.5), turn)
    np.testing.assert_allclose(found, expected_lengths(1.5, turn), rtol=1e-4)


@jax.jit
def evaluate(scale, variables, step):
    """The mean penalty with its derivative, the moved mean length, and what a weight of 0.7 adds to the loss."""
    game = game_of(0.7)
    turn = Turn(jax.tree.map(jnp.asarray, BATCH), jax.random.fold_in(KEY, step), step)

    def penalty(scale):
        samples, moved = game.generate({"scale": scale}, variables.generator, turn)
        return 2 * jnp.mean(samples.extra["path length"]), (samples, moved)

    (value, (samples, moved)), slope = jax.value_and_grad(penalty, has_aux=True)(scale)
    d = game.init(KEY, BATCH)[0].discriminator
    (losses, (_, info)), (plain, _) = (g.judge(d, of_discriminator(), samples, turn) for g in (game, game_of(0.0)))
    return value, slope, moved.terms["path length"], losses.generator - plain.generator, info["path_penalty"]


@pytest.mark.slow
def test_the_penalty_its_mean_and_its_force_follow_their_formulas():
    variables, mean = game_of(0.7).init(KEY, BATCH)[1], 0.0
    for step, scale in enumerate((1.5, -0.5, 0.8)):
        lengths = expected_lengths(abs(scale), own(turn_of(step)))
        taken = step % 2 == 0
        mean = 0.9 * mean + 0.1 * np.mean(lengths) if taken else mean
        penalty = 2 * np.mean((lengths - mean) ** 2) if taken else 0.0
        slopes = (lengths - 0.1 * np.mean(lengths)) / scale
        expected_slope = 4 * np.mean((lengths - mean) * slopes) if taken else 0.0
        value, slope, moved, added, told = evaluate(jnp.float32(scale), variables, jnp.int32(step))
        found = [value, slope, moved, added, told]
        expected = [penalty, expected_slope, mean, 0.7 * penalty, penalty / 2]
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5)
        variables = variables._replace(generator=variables_of(moved))


def test_the_generator_is_given_its_condition():
    labels = np.arange(8) % 2
    game = game_of(1.0, num_classes=2)
    turn = turn_of(0)._replace(batch=BATCH._replace(condition=labels))
    samples, _ = jax.jit(game.generate)({"scale": 1.5}, variables_of(jnp.zeros(())), turn)
    lengths = expected_lengths(1.5, own(turn)) * (1 + labels)
    expected = (lengths - 0.1 * lengths.mean()) ** 2
    np.testing.assert_allclose(samples.extra["path length"], expected, rtol=1e-4)


def test_one_row_in_so_many_is_taken():
    """With decay 0 the mean is that of the batch, and the penalty the squared distance from it."""
    game, turn = game_of(1.0, decay=0.0, shrink=2), turn_of(0)
    samples, moved = jax.jit(game.generate)({"scale": 1.5}, variables_of(jnp.zeros(())), turn)
    lengths = expected_lengths(1.5, own(turn).part(0, 2))
    penalty = samples.extra["path length"]
    assert penalty.shape == lengths.shape == (4,)
    np.testing.assert_allclose(penalty, (lengths - lengths.mean()) ** 2, rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(moved.terms["path length"], lengths.mean(), rtol=1e-5)
    with pytest.raises(ValueError, match="path length takes one row in 3, but there are 8 rows on each device"):
        game_of(1.0, shrink=3).generate({"scale": 1.5}, variables_of(jnp.zeros(())), turn)


@pytest.mark.slow
def test_many_devices_take_the_step_of_one():
    algorithm = jaxgan.algorithm(game_of(0.7, shrink=2), dynamics.simultaneous(SGD), ema_decay=0.5)
    start = float(algorithm.init(KEY, BATCH).params.generator["scale"])
    alone, *others = (
        jax.device_get(wrap(algorithm.step)(algorithm.init(KEY, BATCH), BATCH, KEY))
        for wrap in (jaxgan.jitted, jaxgan.pmapped, jaxgan.sharded)
    )
    assert alone[0].params.generator["scale"] != start
    assert algorithm.sample(alone[0], KEY, 3).shape == (3, SIDE, SIDE, 1)
    for found in others:
        jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6), found, alone)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"weight": -1.0}, "weight must be at least 0, got -1.0"),
        ({"every": 0}, "n must be a whole number of at least 1, got 0"),
        ({"shrink": 0}, "shrink must be a whole number of at least 1, got 0"),
        ({"decay": 1.0}, "decay must be less than 1, got 1.0"),
    ],
)
def test_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        game_of(**{"weight": 1.0, **arguments})


def test_refuses_a_generator_without_styles():
    with pytest.raises(ValueError, match="generator needs a method styles"):
        terms.path_length(networks.MLPGenerator((2,)))
