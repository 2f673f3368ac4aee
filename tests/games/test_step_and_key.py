"""Networks that name `step` or `key` are given them, in training, samples and evaluation; others are not."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx as flax_nnx

import jaxgan
from jaxgan import Batch, Players, dynamics, losses, networks, terms
from jaxgan.networks import Network, layers
from jaxgan.observe.requests import generated

KEY = jax.random.key(0)
BATCH = Batch(jnp.ones((8, 2)))


class LinenStep(nn.Module):
    """The step, in the shape of its input."""

    @nn.compact
    def __call__(self, x, condition=None, *, train, step):
        self.sow("intermediates", "features", x)
        return 0 * self.param("one", nn.initializers.ones, ()) * x + step


class NNXStep(flax_nnx.Module):
    def __init__(self, rngs):
        self.one = flax_nnx.Param(jnp.ones(()))

    def __call__(self, x, condition, *, step):
        return 0 * self.one * x + step


def equinox_step():
    eqx = pytest.importorskip("equinox")

    class Step(eqx.Module):
        one: jax.Array

        def __init__(self, key):
            self.one = jnp.ones(())

        def __call__(self, x, condition, *, train, key, step):
            return 0 * self.one * x + step

    return networks.equinox(Step)


PLAIN = Network(lambda key, x, c: (jnp.ones(()), {}), lambda p, v, x, c, *, train, key, step: (0 * p * x + step, v))
OF_STEPS = {
    "linen": lambda: LinenStep(),
    "nnx": lambda: networks.nnx(NNXStep),
    "equinox": equinox_step,
    "plain": lambda: PLAIN,
    "rematerialized": lambda: networks.rematerialized(LinenStep()),
    "rematerialized plain": lambda: networks.rematerialized(PLAIN),
}


def made(generator, discriminator, **options):
    game = jaxgan.gan(generator, discriminator, loss=losses.hinge(), latent_size=2, **options)
    return jaxgan.algorithm(game, dynamics.alternating(Players(optax.sgd(0.1), optax.sgd(0.1))))


@pytest.mark.slow
@pytest.mark.parametrize("wrapper", [jaxgan.jitted, jaxgan.pmapped, jaxgan.sharded])
@pytest.mark.parametrize("kind", list(OF_STEPS))
def test_both_networks_and_samples_are_given_the_step(kind, wrapper):
    algorithm = made(OF_STEPS[kind](), OF_STEPS[kind]())
    state, step = algorithm.init(KEY, BATCH), wrapper(algorithm.step)
    for number in range(3):
        np.testing.assert_array_equal(algorithm.sample(state, KEY, 4), np.full((4, 2), number))
        state, info = step(state, BATCH, KEY)
        assert (float(info["real_logits"]), float(info["fake_logits"])) == (number, number)


def test_features_penalties_and_second_samples_are_made_with_the_step():
    algorithm = made(LinenStep(), LinenStep(), terms=[terms.feature_matching(1.0), jaxgan.penalties.r1(1.0)])
    state = algorithm.init(KEY, BATCH)._replace(step=jnp.int32(7))
    _, info = jaxgan.jitted(algorithm.step)(state, BATCH, KEY)
    assert (float(info["real_logits"]), float(info["fake_logits"])) == (7, 7)


def test_each_network_in_parallel_and_a_normalised_one_has_the_step():
    mean = Network(PLAIN.init, lambda p, v, x, c, *, train, key, step: (step * x.mean(axis=1), v))
    x = jnp.ones((4, 2))
    both = networks.parallel(LinenStep(), networks.MLPDiscriminator((4,)), PLAIN)
    params, variables = both.init(KEY, (x, x, x), None)
    (first, _, last), _ = both.apply(params, variables, (x, x, x), None, train=True, key=KEY, step=jnp.int32(3))
    np.testing.assert_array_equal([first, last], np.full((2, 4, 2), 3))
    normalised, _ = networks.gradient_normalized(mean).apply(
        jnp.ones(()), {}, x, None, train=True, key=KEY, step=jnp.int32(3)
    )
    np.testing.assert_allclose(normalised, 3 / (3 / np.sqrt(2) + 3), rtol=1e-6)  # D = s·mean(x), |∇D| = s/√2


def test_every_member_of_a_population_samples_at_the_step():
    algorithm = jaxgan.population(lambda rate: made(LinenStep(), LinenStep()), jnp.ones(2))
    state = algorithm.init(KEY, BATCH)._replace(step=jnp.int32(5))
    np.testing.assert_array_equal(algorithm.sample(state, KEY, 3), np.full((2, 3, 2), 5))


class LinenNoise(nn.Module):
    """Its input with dropout of half of it in evaluation too; where the key is named, with that."""

    @nn.compact
    def __call__(self, x, condition=None, *, train, key):
        dropped = nn.Dropout(0.5, deterministic=False)(jnp.ones_like(x))
        return x + 0 * self.param("one", nn.initializers.ones, ()) + dropped + jax.random.normal(key, x.shape)


class LinenRows(nn.Module):
    """Noise that belongs to rows of the global batch."""

    @nn.compact
    def __call__(self, x, condition=None, *, train, key):
        return (
            x * self.param("one", nn.initializers.ones, ()) + layers.draw_rows(self, len(x), jax.random.normal)[:, None]
        )


class NNXNoise(flax_nnx.Module):
    def __init__(self, rngs):
        self.one, self.rngs = flax_nnx.Param(jnp.ones(())), flax_nnx.Rngs(noise=rngs())

    def __call__(self, x, condition, *, key):
        return self.one * x + jax.random.normal(self.rngs.noise(), x.shape)


def equinox_noise():
    eqx = pytest.importorskip("equinox")

    class Noise(eqx.Module):
        one: jax.Array

        def __init__(self, key):
            self.one = jnp.ones(())

        def __call__(self, x, condition, *, train, key):
            return self.one * x + jax.random.normal(key, x.shape)

    return networks.equinox(Noise)


OF_NOISE = {
    "linen": lambda: LinenNoise(),
    "rows": lambda: LinenRows(),
    "nnx": lambda: networks.nnx(NNXNoise),
    "equinox": equinox_noise,
    "rematerialized": lambda: networks.rematerialized(LinenNoise()),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(OF_NOISE))
def test_samples_of_one_latent_differ_by_the_key(kind):
    algorithm = made(OF_NOISE[kind](), networks.MLPDiscriminator((4,)))
    state, latents = algorithm.init(KEY, BATCH), np.zeros((300, 2), np.float32)
    state, _ = jaxgan.jitted(algorithm.step)(state, BATCH, KEY)

    def sample(seed):
        return np.asarray(algorithm.sample(state, jax.random.key(seed), 4, None, latents[:4]))

    assert np.all(sample(1)[0] != sample(1)[1])
    assert np.all(sample(1) != sample(2))
    np.testing.assert_array_equal(sample(1), sample(1))
    chunks = np.concatenate(list(generated(algorithm, state, 300, latents=latents, seed=3)))
    assert len(np.unique(chunks[:, 0])) == 300  # no chunk has the noise of another
    again = np.concatenate(list(generated(algorithm, state, 300, latents=latents, seed=3)))
    np.testing.assert_array_equal(chunks, again)


@pytest.mark.slow
def test_noise_of_rows_is_that_of_one_device_on_every_device():
    found = []
    for wrapper in (jaxgan.jitted, jaxgan.pmapped, jaxgan.sharded):
        algorithm = made(LinenRows(), networks.MLPDiscriminator((4,)))
        _, info = wrapper(algorithm.step)(algorithm.init(KEY, BATCH), BATCH, KEY)
        found.append(float(info["fake_logits"]))
    np.testing.assert_allclose(found, found[0], rtol=1e-5)


class Unasked(nn.Module):
    """Whether there is a random stream in evaluation mode."""

    @nn.compact
    def __call__(self, x, condition=None, *, train):
        return 0 * x * self.param("one", nn.initializers.ones, ()) + self.has_rng("dropout")


def test_a_network_that_does_not_name_the_key_is_as_before_in_evaluation():
    algorithm = made(Unasked(), networks.MLPDiscriminator((4,)))
    np.testing.assert_array_equal(algorithm.sample(algorithm.init(KEY, BATCH), KEY, 2), np.zeros((2, 2)))


def test_a_caller_that_passes_no_step_is_told(without_shape_checks):
    params, variables = networks.linen(LinenStep()).init(KEY, jnp.ones((2, 2)), None)
    with pytest.raises(TypeError, match="'step'"):
        networks.linen(LinenStep()).apply(params, variables, jnp.ones((2, 2)), None, train=True, key=KEY)
