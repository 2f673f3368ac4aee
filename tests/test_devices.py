"""What code may know of devices: the same answers on one device and under a mapped axis."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxgan
from jaxgan import Batch, Turn, devices
from jaxgan.devices import AXIS

X = np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32)


def on_four(function, *arguments):
    """Run `function` on four devices, each with its two rows; results are stacked by device."""
    split = [jnp.asarray(a).reshape(4, -1, *a.shape[1:]) for a in arguments]
    return jax.pmap(function, axis_name=AXIS, axis_size=4)(*split)


def test_the_axis_is_found_while_tracing_under_pmap_alone():
    found = []
    on_four(lambda x: found.append(devices.mapped_axis()) or x, X)
    jax.jit(lambda x: found.append(devices.mapped_axis()) or x)(X)
    jax.pmap(lambda x: found.append(devices.mapped_axis()) or x, axis_name="other")(X.reshape(4, 2, 3))
    assert found == [AXIS, None, None]
    assert devices.mapped_axis() is None


def test_global_mean_is_that_of_the_whole_array():
    assert devices.global_mean(jnp.asarray(X)).shape == ()
    np.testing.assert_allclose(devices.global_mean(jnp.asarray(X)), X.mean(), rtol=1e-5)
    np.testing.assert_allclose(on_four(devices.global_mean, X), [X.mean()] * 4, rtol=1e-5)


def test_all_rows_are_those_of_the_global_batch_in_order():
    np.testing.assert_array_equal(devices.all_rows(jnp.asarray(X)), X)
    np.testing.assert_array_equal(on_four(devices.all_rows, X), np.stack([X] * 4))


def test_average_is_over_devices_for_floating_point_leaves_alone():
    tree = {"float": X, "half": X.astype(np.float16), "int": np.arange(8), "bool": np.arange(8) < 3}
    averaged = jax.pmap(devices.average, axis_name=AXIS)(jax.tree.map(lambda x: x.reshape(4, 2, *x.shape[1:]), tree))
    for name in ("float", "half"):
        expected = tree[name].reshape(4, 2, 3).mean(0)
        assert averaged[name].dtype == tree[name].dtype
        for device in range(4):
            np.testing.assert_allclose(averaged[name][device], expected, rtol=1e-2 if name == "half" else 1e-6)
    np.testing.assert_array_equal(averaged["int"].ravel(), tree["int"])
    np.testing.assert_array_equal(averaged["bool"].ravel(), tree["bool"])
    assert devices.average(tree) is tree


def test_gradients_averaged_over_devices_are_those_of_the_mean_over_the_batch():
    def gradient(x):
        return devices.average(jax.grad(lambda w: devices.global_mean(jnp.tanh(x @ w)) ** 2)(jnp.arange(3.0)))

    np.testing.assert_allclose(on_four(gradient, X)[2], gradient(X), rtol=1e-5)


def test_rows_are_numbered_over_all_devices():
    np.testing.assert_array_equal(devices.global_rows(5), np.arange(5))
    np.testing.assert_array_equal(on_four(lambda x: devices.global_rows(len(x)), X).ravel(), np.arange(8))


def test_each_device_holds_its_share_of_the_rows():
    assert devices.local_rows(7) == 7
    assert on_four(lambda x: jnp.full(1, devices.local_rows(8)), X).ravel().tolist() == [2] * 4
    with pytest.raises(ValueError, match="batch_size=7 is not divisible by the number of devices, 4"):
        on_four(lambda x: jnp.full(1, devices.local_rows(7)), X)


def test_draws_belong_to_the_row_of_the_global_batch():
    def draw(x):
        turn = Turn(Batch(x), jax.random.key(0), jnp.int32(0))
        return turn.draw("latent", lambda key: jax.random.normal(key, (2,)))

    np.testing.assert_array_equal(on_four(draw, X).reshape(8, 2), draw(jnp.asarray(X)))


def test_rows_are_split_over_a_mesh_and_nowhere_else():
    x = jnp.asarray(X)
    assert devices.shard_rows(x) is x
    shards = []

    def step(state, batch, key):
        rows = devices.shard_rows(jnp.tile(state[:, None], (1, 3)))
        jax.debug.inspect_array_sharding(rows, callback=lambda sharding: shards.append(sharding.shard_shape((8, 3))))
        return rows[:, 0] + batch.mean(), {}

    jaxgan.sharded(step)(jnp.arange(8.0), X, jax.random.key(0))
    assert shards == [(2, 3)]


def test_what_runs_once_is_the_same_to_the_bit_wherever_it_is_called(monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "")  # as users have it; the backend has started
    key = jax.random.key(0)

    def draw(key):
        return jax.random.normal(key, (33, 7)), jax.random.uniform(key, (5,))

    found = devices.run_once(draw)
    usual = {devices.LEVEL: 3}
    alone = jax.jit(draw, compiler_options=usual)(key), found(key)
    within = jax.jit(draw)(key), jax.jit(lambda key: found(key))(key)
    keys = jnp.stack([key, key])
    members = jax.jit(jax.vmap(draw), compiler_options=usual)(keys), jax.vmap(found)(keys)
    for expected, other in (alone, within, members):
        jax.tree.map(np.testing.assert_array_equal, other, expected)
    assert jax.eval_shape(found, key)[0].shape == (33, 7)
