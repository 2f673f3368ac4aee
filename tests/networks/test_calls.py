"""Networks of Linen, NNX and Equinox are given what their calls take."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx as flax_nnx

import jaxgan
from jaxgan import Batch, Players, dynamics, losses, networks
from jaxgan.checks import described
from jaxgan.errors import InputTypeError

KEY = jax.random.key(0)
REAL = jax.random.normal(jax.random.key(1), (4, 2))


class Plain(nn.Module):
    @nn.compact
    def __call__(self, x):
        return nn.Dense(2)(x)


class Mode(nn.Module):
    @nn.compact
    def __call__(self, x, *, train):
        return nn.Dense(2)(x) + (1 if train else 0)


class PositionalMode(nn.Module):
    @nn.compact
    def __call__(self, x, train):
        return nn.Dense(2)(x) + (1 if train else 0)


class Stepped(nn.Module):
    @nn.compact
    def __call__(self, x, step):
        return nn.Dense(2)(x) + step


class Conditional(nn.Module):
    @nn.compact
    def __call__(self, x, condition):
        return nn.Dense(2)(x) + condition[:, :1]


class NamedCondition(nn.Module):
    @nn.compact
    def __call__(self, x, *, condition, train=False):
        return nn.Dense(2)(x) + condition[:, :1] + (1 if train else 0)


class Anything(nn.Module):
    @nn.compact
    def __call__(self, x, *rest, **more):
        return nn.Dense(2)(x) + rest[0][:, :1] + (1 if more["train"] else 0)


class Wide(nn.Module):
    @nn.compact
    def __call__(self, x, condition, width):
        return nn.Dense(width)(x)


def output(network, condition, train=False):
    x = jnp.ones((4, 3))
    own = networks.Network(*networks.adapter.as_network(network))
    params, variables = own.init(KEY, x, condition)
    return np.asarray(own.apply(params, variables, x, condition, train=train, key=KEY, step=jnp.int32(5))[0])


@pytest.mark.parametrize(
    ("network", "condition", "of_training"),
    [
        (Plain(), None, 0),
        (Mode(), None, 1),
        (PositionalMode(), None, 1),
        (Stepped(), None, 0),
        (Conditional(), jnp.ones((4, 5)), 0),
        (NamedCondition(), jnp.ones((4, 5)), 1),
        (Anything(), jnp.ones((4, 5)), 1),
        (nn.Sequential([nn.Dense(4), nn.relu, nn.Dense(2)]), None, 0),
        (nn.Sequential([Mode(), nn.Dense(2)]), None, None),
        (networks.nnx(lambda rngs: flax_nnx.Linear(3, 2, rngs=rngs)), None, 0),
        (networks.nnx(lambda rngs: flax_nnx.Sequential(flax_nnx.Linear(3, 2, rngs=rngs), jax.nn.relu)), None, 0),
    ],
)
def test_a_network_is_given_what_its_call_takes(network, condition, of_training):
    evaluated, trained = output(network, condition), output(network, condition, train=True)
    assert evaluated.shape == (4, 2)
    if of_training is None:
        assert np.abs(trained - evaluated).max() > 0
    else:
        np.testing.assert_allclose(trained - evaluated, of_training, atol=1e-6)


def test_the_step_is_no_condition():
    whole = output(Stepped(), None)
    np.testing.assert_allclose(whole - output(Plain(), None), 5, atol=1e-6)


def test_an_equinox_network_may_take_its_input_alone():
    eqx = pytest.importorskip("equinox")

    class Network(eqx.Module):
        layer: eqx.nn.Linear

        def __init__(self, key):
            self.layer = eqx.nn.Linear(3, 2, key=key)

        def __call__(self, x):
            return jax.vmap(self.layer)(x)

    assert output(networks.equinox(Network), None).shape == (4, 2)


@pytest.mark.parametrize("network", [Plain(), Mode(), nn.Sequential([nn.Dense(4), nn.Dense(2)])])
@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_a_network_that_takes_no_condition_is_refused_in_a_game_with_one(network, player):
    both = {"generator": Conditional(), "discriminator": Conditional()} | {player: network}
    game = jaxgan.gan(*both.values(), loss=losses.hinge(), latent_size=3, num_classes=2)
    with pytest.raises(InputTypeError, match=r"takes no condition, but the game has one: write __call__"):
        game.init(KEY, Batch(REAL, jnp.array([0, 1, 0, 1])))


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_a_call_with_other_arguments_is_refused_in_words(player):
    both = {"generator": Plain(), "discriminator": Plain()} | {player: Wide()}
    game = jaxgan.gan(*both.values(), loss=losses.hinge(), latent_size=3)
    with pytest.raises(
        InputTypeError,
        match=r"must take \(x, condition, \*, train, key, step\), .* got Wide\(x, cond.*argument: 'width'",
    ):
        game.init(KEY, Batch(REAL))


def test_a_class_in_the_place_of_a_network_is_named():
    assert described(Plain) == "the class Plain, which may have to be called"


def test_networks_that_take_their_input_alone_train():
    critic = nn.Sequential([nn.Dense(4), nn.leaky_relu, nn.Dense(1)])
    game = jaxgan.gan(Plain(), critic, loss=losses.hinge(), latent_size=3)
    algorithm = jaxgan.algorithm(game, dynamics.simultaneous(Players(optax.sgd(0.1), optax.sgd(0.1))))
    state = algorithm.init(KEY, Batch(REAL))
    moved, _ = jaxgan.jitted(algorithm.step)(state, Batch(REAL), KEY)
    assert int(moved.step) == 1
    assert algorithm.sample(moved, KEY, 3).shape == (3, 2)


class Critic(nn.Module):
    kind: str

    @nn.compact
    def __call__(self, x):
        logits = nn.Dense(1)(x)
        return {
            "none": lambda: None,
            "mean": lambda: logits.mean(),
            "one row": lambda: logits[:1],
            "pair": lambda: (logits, x),
            "whole numbers": lambda: (logits > 0).astype(jnp.int32),
        }[self.kind]()


@pytest.mark.parametrize("kind", ["none", "mean", "one row", "pair", "whole numbers"])
def test_a_discriminator_that_returns_no_logits_is_refused(kind):
    game = jaxgan.gan(Plain(), Critic(kind), loss=losses.hinge(), latent_size=3)
    with pytest.raises(jaxgan.errors.UserError, match=r"discriminator must return one floating-point array of logits"):
        game.init(KEY, Batch(REAL))


class OtherMode(nn.Module):
    @nn.compact
    def __call__(self, x, training=False):
        return nn.Dense(2)(x)


def test_another_name_of_train_is_not_taken_for_the_condition():
    with pytest.raises(InputTypeError, match=r"OtherMode\(x, training=False\): call the argument training train"):
        output(OtherMode(), None)
