"""A state that is split over devices: where its arrays lie, and that the run is that of one device."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from jax.sharding import PartitionSpec

import jaxgan
from jaxgan import Batch, Players, dynamics, losses, networks, penalties
from jaxgan.devices import AXIS
from jaxgan.execution import fully_sharded, state_shardings

ADAM = Players(optax.adam(1e-3, b1=0.5), optax.adam(1e-3, b1=0.5))


@pytest.mark.parametrize(
    ("shape", "spec"),
    [
        ((4, 4, 8, 16), PartitionSpec(None, None, None, AXIS)),
        ((16, 8), PartitionSpec(AXIS)),
        ((8, 8), PartitionSpec(None, AXIS)),
        ((13, 4), PartitionSpec(None, AXIS)),
        ((13, 5), PartitionSpec()),
        ((4,), PartitionSpec()),
        ((), PartitionSpec()),
    ],
)
def test_the_largest_axis_that_the_devices_divide_is_split_unless_the_array_is_small(shape, spec):
    leaf = jax.ShapeDtypeStruct(shape, jnp.float32)
    assert state_shardings({"a": leaf}, jax.devices()[:4], smallest=16)["a"].spec == spec


def dcgan():
    """With batch statistics, a penalty, Adam and an average."""
    game = jaxgan.gan(
        networks.DCGANGenerator(image_size=8, channels=2, width=4),
        networks.DCGANDiscriminator(width=4),
        loss=losses.non_saturating(),
        penalties=[penalties.r1(0.1)],
        latent_size=8,
    )
    return jaxgan.algorithm(game, dynamics.alternating(ADAM), ema_decay=0.9)


@pytest.mark.slow
def test_the_run_is_that_of_one_device_and_each_device_has_its_part_of_the_state():
    algorithm, key = dcgan(), jax.random.key(0)
    batch = Batch(np.asarray(jnp.tanh(jax.random.normal(key, (8, 8, 8, 2)))))
    alone, parts = (algorithm.init(key, batch) for _ in range(2))
    by_one, by_four = jaxgan.jitted(algorithm.step), fully_sharded(algorithm.step, jax.devices()[:4], smallest=1)
    for _ in range(3):
        alone, info = by_one(alone, batch, key)
        before = parts
        parts, shared = by_four(parts, batch, key)
    assert all(leaf.is_deleted() for leaf in jax.tree.leaves(before.params))
    for a, b in zip(jax.tree.leaves((alone, info)), jax.tree.leaves((parts, shared)), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-5)
    for leaf, place in zip(
        jax.tree.leaves(parts), jax.tree.leaves(state_shardings(parts, jax.devices()[:4], smallest=1)), strict=True
    ):
        assert leaf.sharding == place
        split = any(side % 4 == 0 for side in leaf.shape)
        assert leaf.addressable_shards[0].data.size * (4 if split else 1) == leaf.size


def test_a_batch_that_devices_do_not_divide_is_refused():
    step = fully_sharded(lambda state, batch, key: (state, {}), jax.devices()[:3])
    with pytest.raises(ValueError, match=r"shape \(16, 2\) is not divisible by the number of devices, 3"):
        step({"w": jnp.ones(3)}, Batch(np.ones((16, 2))), jax.random.key(0))
