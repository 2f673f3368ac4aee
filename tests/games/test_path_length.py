"""Path length regularisation of a generator whose lengths are known, and of StyleGAN2's under every wrapper."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import jaxgan
from jaxgan import Batch, Players, Turn, dynamics, losses, networks
from jaxgan.games.path_length import path_length, path_lengths

KEY = jax.random.key(0)
SIDE, LAYERS = 2, 3
BATCH = Batch(np.random.default_rng(0).normal(size=(8, SIDE, SIDE, 1)).astype(np.float32))
SGD = Players(optax.sgd(0.05), optax.sgd(0.05))


class Scaled(nn.Module):
    """Images are the sum over layers of the styles, which are the latents, times one number, doubled for class 1."""

    def setup(self):
        self.scale = self.param("scale", nn.initializers.constant(1.5), ())

    def styles(self, latent, condition=None):
        return jnp.repeat(latent[:, None], LAYERS, axis=1)

    def __call__(self, latent, condition=None, *, train):
        styles = self.styles(latent) if latent.ndim == 2 else latent
        factor = 1.0 if condition is None else 1 + condition[:, 1, None, None, None]
        return factor * self.scale * jnp.sum(styles, axis=1).reshape(-1, SIDE, SIDE, 1)


def build(weight, every=2, decay=0.9, num_classes=None, **options):
    module, judge, size = Scaled(), networks.MLPDiscriminator((4,)), SIDE * SIDE
    game = jaxgan.gan(module, judge, loss=losses.non_saturating(), latent_size=size, num_classes=num_classes)
    game = path_length(game, module, latent_size=size, weight=weight, every=every, decay=decay, **options)
    return jaxgan.algorithm(game, dynamics.simultaneous(SGD), ema_decay=0.5)


def expected_lengths(scale, turn):
    y = turn.draw("path direction", lambda key: jax.random.normal(key, (SIDE, SIDE, 1)))
    return scale * np.sqrt(np.sum(np.asarray(y) ** 2, axis=(1, 2, 3)) / SIDE**2 + 1e-8)


def turn_of(step):
    return Turn(BATCH, jax.random.fold_in(KEY, step), jnp.int32(step))


def test_lengths_are_those_of_a_linear_generator():
    turn = turn_of(3)
    found = path_lengths(Scaled(), {"scale": 1.5}, {}, SIDE**2, None, turn)
    np.testing.assert_allclose(found, expected_lengths(1.5, turn), rtol=1e-4)


def test_the_penalty_its_mean_and_its_force_follow_their_formulas():
    regularized, plain = build(0.7), build(0.0)
    state = regularized.init(KEY, BATCH)
    mean, steps = 0.0, [jax.jit(algorithm.step) for algorithm in (regularized, plain)]
    for i in range(4):
        scale = float(state.params.generator["scale"])
        lengths = expected_lengths(scale, turn_of(i))
        penalty = 2 * np.mean((lengths - mean) ** 2) if i % 2 == 0 else 0.0
        slope = 2 * 2 * np.mean((lengths - mean) * lengths / scale) if i % 2 == 0 else 0.0
        without, _ = steps[1](state, BATCH, KEY)
        state, info = steps[0](state, BATCH, KEY)
        np.testing.assert_allclose(info["path_penalty"], penalty, rtol=1e-4, atol=1e-7)
        force = (without.params.generator["scale"] - state.params.generator["scale"]) / 0.05
        np.testing.assert_allclose(force, 0.7 * slope, rtol=1e-3, atol=1e-4)
        mean = 0.9 * mean + 0.1 * np.mean(lengths) if i % 2 == 0 else mean
        np.testing.assert_allclose(state.variables.generator.mean_length, mean, rtol=1e-4)
    assert regularized.sample(state, KEY, 3).shape == (3, SIDE, SIDE, 1)


def test_the_generator_is_given_its_condition():
    labels = np.arange(8) % 2
    algorithm = build(1.0, num_classes=2, condition=lambda turn: jax.nn.one_hot(turn.batch.condition, 2))
    batch = BATCH._replace(condition=labels)
    _, info = jax.jit(algorithm.step)(algorithm.init(KEY, batch), batch, KEY)
    lengths = expected_lengths(1.5, turn_of(0)) * (1 + labels)
    np.testing.assert_allclose(info["path_penalty"], 2 * np.mean(lengths**2), rtol=1e-4)


@pytest.mark.parametrize("wrapper", [jaxgan.pmapped, jaxgan.sharded])
def test_many_devices_take_the_step_of_one(wrapper):
    algorithm = build(0.7, every=1)
    state = algorithm.init(KEY, BATCH)
    alone, found = (wrap(algorithm.step)(algorithm.init(KEY, BATCH), BATCH, KEY) for wrap in (jaxgan.jitted, wrapper))
    assert alone[0].params.generator["scale"] != state.params.generator["scale"]
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6), *jax.device_get((found, alone)))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"weight": -1.0}, "weight must be at least 0, got -1.0"),
        ({"every": 0}, "every must be a whole number of at least 1, got 0"),
        ({"decay": 1.0}, "decay must be less than 1, got 1.0"),
    ],
)
def test_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        build(**{"weight": 1.0, **arguments})


def test_refuses_a_generator_without_styles():
    module = networks.MLPGenerator((2,))
    game = jaxgan.gan(module, networks.MLPDiscriminator(), loss=losses.hinge(), latent_size=2)
    with pytest.raises(ValueError, match="generator needs a method styles"):
        path_length(game, module, latent_size=2)
