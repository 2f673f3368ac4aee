"""Groups of rows have batch statistics of their own: Flax's for each group, the same run on every number of devices."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from recipes_for_tests import configured

import jaxgan
from jaxgan import Batch, Players, dynamics, losses, networks, penalties
from jaxgan.errors import InputError
from jaxgan.games.batch_norm_groups import batch_norm_groups
from jaxgan.networks.layers.batch_norm import MOMENTUM, batch_norm, normalising_groups
from jaxgan.targets.program_text import counts

ROWS = 16
RULE = dynamics.alternating(Players(optax.sgd(0.02), optax.sgd(0.05)))
IMAGES = Batch(np.tanh(np.random.default_rng(0).normal(size=(ROWS, 8, 8, 2))).astype(np.float32))
GAME = jaxgan.gan(
    networks.DCGANGenerator(image_size=8, channels=2, width=4),
    networks.DCGANDiscriminator(width=4),
    loss=losses.non_saturating(),
    penalties=[penalties.r1(0.1)],
    latent_size=5,
)


class Layer(nn.Module):
    dtype: jnp.dtype | None = None

    @nn.compact
    def __call__(self, x):
        return batch_norm(train=True, dtype=self.dtype)(x)


@pytest.mark.parametrize("dtype", [None, jnp.bfloat16])
def test_each_group_is_what_flax_makes_of_it_alone(dtype):
    random = np.random.default_rng(1)
    x = jnp.asarray(random.normal(2.0, 3.0, (12, 3, 2, 5)), dtype or jnp.float32)
    start = Layer(dtype).init(jax.random.key(0), x)
    variables = jax.tree.map(lambda a: jnp.asarray(random.uniform(0.5, 2.0, a.shape), a.dtype), start)

    def result(rows):
        return Layer(dtype).apply(variables, rows, mutable="batch_stats")

    alone = [result(rows) for rows in jnp.split(x, 4)]
    with normalising_groups(4):
        found, moved = result(x)
    tolerance = {"rtol": 1e-5, "atol": 1e-5} if dtype is None else {"rtol": 1e-2, "atol": 1e-2}
    expected = jnp.concatenate([y for y, _ in alone])
    assert found.dtype == expected.dtype
    np.testing.assert_allclose(np.float32(found), np.float32(expected), **tolerance)
    mean = jax.tree.map(lambda *parts: sum(parts) / 4, *(kept for _, kept in alone))
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5), moved, mean)


def test_running_statistics_move_by_the_mean_of_the_groups():
    """By hand: rows 0, 2 and 10, 14 of one channel have the means 1 and 12 and the variances 1 and 4."""
    x = jnp.array([[0.0], [2.0], [10.0], [14.0]])
    start = Layer().init(jax.random.key(0), x)
    with normalising_groups(2):
        y, moved = Layer().apply(start, x, mutable="batch_stats")
    np.testing.assert_allclose(y[:, 0], [-1, 1, -1, 1], rtol=1e-4)
    (statistics,) = moved["batch_stats"].values()
    np.testing.assert_allclose(statistics["mean"], [(1 - MOMENTUM) * 6.5], rtol=1e-5)
    np.testing.assert_allclose(statistics["var"], [MOMENTUM + (1 - MOMENTUM) * 2.5], rtol=1e-5)


def run(game, wrap=jaxgan.jitted, steps=2):
    algorithm, key = jaxgan.algorithm(game, RULE), jax.random.key(0)
    state, step = algorithm.init(key, IMAGES), wrap(algorithm.step)
    for _ in range(steps):
        state, info = step(state, IMAGES, key)
    return jax.device_get((state, info))


def test_a_run_is_the_same_on_one_device_and_on_several():
    game = batch_norm_groups(GAME, 4)
    expected = run(game)
    for wrap in (jaxgan.pmapped, jaxgan.sharded):
        jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-5), run(game, wrap), expected)
    kernels = [jax.tree.leaves(state.params.generator)[-1] for state, _ in (run(GAME), expected)]
    assert not np.allclose(*kernels, rtol=1e-3)


def test_layers_exchange_nothing_between_devices():
    """Each player's gradients are exchanged, with the statistics and reports that are ready by then."""
    key = jax.random.key(0)

    def exchanges(game):
        algorithm = jaxgan.algorithm(game, RULE)
        step = jaxgan.sharded(algorithm.step)
        program = step.lower(algorithm.init(key, IMAGES), IMAGES, key).compile()
        return counts(program.as_text()).collectives["all-reduce"].number

    assert exchanges(GAME) > 2
    assert exchanges(batch_norm_groups(GAME, 4)) == 2


def test_numbers_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="groups must be a whole number of at least 1, got 0"):
        batch_norm_groups(GAME, 0)
    with pytest.raises(InputError, match="batch_norm_groups: 5 groups do not divide 16 rows of a pass"):
        run(batch_norm_groups(GAME, 5))
    with pytest.raises(InputError, match="batch_norm_groups=2 must be a multiple of the number of devices, 4"):
        run(batch_norm_groups(GAME, 2), jaxgan.pmapped)
    assert batch_norm_groups(GAME, 1) is GAME


def test_a_network_without_batch_normalisation_refuses_the_option():
    with pytest.raises(InputError, match="batch_norm_groups above 1 needs batch normalisation, which network=r3gan"):
        configured(network="r3gan", batch_norm_groups=2)
    assert configured(network="dcgan", batch_norm_groups=2).recipe.computation.batch_norm_groups == 2
