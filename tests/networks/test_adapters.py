"""Networks of Flax NNX and of Equinox train as those of Linen do, under every wrapper."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx as flax_nnx

import jaxgan
from jaxgan import Batch, Players, dynamics, losses, networks

KEY = jax.random.key(0)
BATCH = Batch(jax.random.normal(jax.random.key(1), (8, 2)))


class NNXNetwork(flax_nnx.Module):
    """Two layers with batch normalisation between them, in a list, as users write them."""

    def __init__(self, rngs, inputs=3, outputs=2, dropout=0.0):
        self.layers = flax_nnx.List([flax_nnx.Linear(inputs, 4, rngs=rngs), flax_nnx.Linear(4, outputs, rngs=rngs)])
        self.norm = flax_nnx.BatchNorm(4, rngs=rngs)
        self.dropout = flax_nnx.Dropout(dropout, rngs=rngs)

    def __call__(self, x, condition):
        return self.layers[1](self.dropout(jax.nn.leaky_relu(self.norm(self.layers[0](x)))))


class NNXCritic(NNXNetwork):
    def __init__(self, rngs):
        super().__init__(rngs, inputs=2, outputs=1)

    def __call__(self, x, condition):
        return super().__call__(x, condition)[:, 0]


def equinox_networks():
    eqx = pytest.importorskip("equinox")

    class Generator(eqx.Module):
        layers: eqx.nn.MLP

        def __init__(self, key):
            self.layers = eqx.nn.MLP(3, 2, 4, 1, key=key)

        def __call__(self, x, condition, *, train, key):
            return jax.vmap(self.layers)(x)

    class Critic(eqx.Module):
        layers: eqx.nn.MLP

        def __init__(self, key):
            self.layers = eqx.nn.MLP(2, "scalar", 4, 1, key=key)

        def __call__(self, x, condition, *, train, key):
            return jax.vmap(self.layers)(x)

    return networks.equinox(Generator), networks.equinox(Critic)


FRAMEWORKS = {"nnx": lambda: (networks.nnx(NNXNetwork), networks.nnx(NNXCritic)), "equinox": equinox_networks}


def trained(framework, wrapper, steps=3):
    game = jaxgan.gan(*FRAMEWORKS[framework](), loss=losses.non_saturating(), latent_size=3)
    algorithm = jaxgan.algorithm(game, dynamics.alternating(Players(optax.sgd(0.05), optax.sgd(0.1))))
    state, step = algorithm.init(KEY, BATCH), wrapper(algorithm.step)
    for _ in range(steps):
        state, _ = step(state, BATCH, KEY)
    return algorithm, state


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_networks_train_and_sample(framework):
    algorithm, state = trained(framework, jaxgan.jitted)
    first = algorithm.init(KEY, BATCH)
    moved = jax.tree.map(lambda a, b: float(jnp.abs(a - b).max()), first.params, state.params)
    assert max(moved.generator.values()) > 0
    assert max(moved.discriminator.values()) > 0
    assert algorithm.sample(state, KEY, 5).shape == (5, 2)


@pytest.mark.slow
@pytest.mark.parametrize("wrapper", [jaxgan.pmapped, jaxgan.sharded])
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_one_device_and_four_give_the_same_run(framework, wrapper):
    _, expected = trained(framework, jaxgan.jitted)
    _, state = trained(framework, wrapper)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-6), jax.device_get(state), expected)


def test_the_state_of_nnx_is_arrays_by_their_paths():
    params, variables = networks.nnx(NNXNetwork).init(KEY, jnp.zeros((4, 3)), None)
    assert sorted(params) == [
        "layers/0/bias", "layers/0/kernel", "layers/1/bias", "layers/1/kernel", "norm/bias", "norm/scale",
    ]  # fmt: skip
    assert sorted(variables) == ["norm/mean", "norm/var"]


def test_nnx_dropout_has_a_key_of_each_pass_and_none_in_evaluation():
    network = networks.nnx(lambda rngs: NNXNetwork(rngs, dropout=0.5))
    x = jax.random.normal(KEY, (64, 3))
    params, variables = network.init(KEY, x, None)

    def run(train, key):
        return network.apply(params, variables, x, None, train=train, key=key)[0]

    assert not np.allclose(run(True, jax.random.key(1)), run(True, jax.random.key(2)))
    np.testing.assert_array_equal(run(True, jax.random.key(1)), run(True, jax.random.key(1)))
    np.testing.assert_array_equal(run(False, None), run(False, None))


def test_the_running_statistics_of_nnx_move_in_training_alone():
    network = networks.nnx(NNXNetwork)
    x = 3 + jax.random.normal(KEY, (64, 3))
    params, variables = network.init(KEY, x, None)
    _, moved = network.apply(params, variables, x, None, train=True, key=KEY)
    _, same = network.apply(params, variables, x, None, train=False, key=None)
    mean = (x @ params["layers/0/kernel"] + params["layers/0/bias"]).mean(axis=0)
    np.testing.assert_allclose(moved["norm/mean"], 0.01 * mean, rtol=1e-5)  # Flax's momentum is 0.99
    np.testing.assert_array_equal(same["norm/mean"], variables["norm/mean"])


def test_something_else_than_a_class_of_modules_is_refused(without_shape_checks):
    with pytest.raises(TypeError, match=r"build must be a function \(rngs\)"):
        networks.nnx("generator")
