"""What fits is taken, the rest is named."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import jaxgan
from jaxgan import Batch, Players, dynamics, losses, networks

KEY = jax.random.key(0)
BATCH = Batch(jnp.zeros((4, 2)))


def state(hidden, optimizer, seed):
    game = jaxgan.gan(
        networks.MLPGenerator(output_shape=(2,), hidden=(8,), squash=False),
        networks.MLPDiscriminator(hidden=(hidden,)),
        loss=losses.hinge(),
        latent_size=3,
    )
    algorithm = jaxgan.algorithm(game, dynamics.alternating(Players(optimizer, optimizer)))
    return algorithm.init(jax.random.key(seed), BATCH)


def test_a_state_of_the_same_structure_comes_over_whole():
    old, new = state(8, optax.adam(1e-3), 0), state(8, optax.adam(1e-3), 1)
    carried = jaxgan.carry_over(old, new)
    jax.tree.map(np.testing.assert_array_equal, carried.state, old)
    assert carried.kept == carried.left == []


@pytest.mark.slow
def test_another_width_keeps_its_own_arrays_and_names_them():
    old, new = state(8, optax.sgd(0.1), 0), state(16, optax.sgd(0.1), 1)
    carried = jaxgan.carry_over(old, new)
    jax.tree.map(np.testing.assert_array_equal, carried.state.params.generator, old.params.generator)
    jax.tree.map(np.testing.assert_array_equal, carried.state.average, old.average)
    first = ".params.discriminator['Dense_0']['kernel']"
    assert first in carried.kept
    assert first in carried.left
    assert all("discriminator" in name for name in carried.kept)


@pytest.mark.slow
def test_another_optimizer_begins_anew_and_the_networks_come_over():
    old, new = state(8, optax.sgd(0.1), 0), state(8, optax.adam(1e-3), 1)
    carried = jaxgan.carry_over(old, new)
    jax.tree.map(np.testing.assert_array_equal, carried.state.params, old.params)
    assert carried.kept
    assert all(name.startswith(".memory") for name in carried.kept)


def test_what_is_carried_over_is_a_copy_that_outlives_donation():
    old, new = state(8, optax.sgd(0.1), 0), state(8, optax.sgd(0.1), 1)
    carried = jaxgan.carry_over(old, new)
    jax.tree.map(lambda x: x.delete(), old)
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(carried.state))
