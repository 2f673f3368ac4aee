"""Members of a population spread over devices are the single runs, whatever is inside the step."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from test_wrappers import POINTS, SGD, points_algorithm

import jaxgan
from jaxgan import Batch, Players, data, dynamics, losses, networks, penalties

KEY = jax.random.key(0)
RATES = jnp.array([0.02, 0.05, 0.1, 0.2])
BATCHES = Batch(np.stack([POINTS.real + i for i in range(3)]))


def dense(rate):
    return points_algorithm(dynamics.alternating(Players(optax.sgd(rate), optax.sgd(0.1))), lazy=True)


def images(rate):
    """Batch normalisation, dropout-free convolutions, two critic steps, a loss that couples the batch."""
    game = jaxgan.gan(
        networks.DCGANGenerator(image_size=8, width=4),
        networks.DCGANDiscriminator(width=4),
        loss=losses.relativistic_average(),
        penalties=[penalties.gradient_penalty(rate)],
        latent_size=3,
    )
    return jaxgan.algorithm(game, dynamics.alternating(SGD, discriminator_steps=2))


def three_steps(algorithm, wrapper, batch, key=KEY):
    state, step = algorithm.init(key, batch), wrapper(algorithm.step)
    for _ in range(3):
        state, info = step(state, batch, key)
    return jax.device_get((state, info))


def assert_close(got, expected):
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-6), got, jax.device_get(expected))


def member(tree, i):
    state, info = tree
    return jax.tree.map(lambda x: x[i], (state._replace(step=None), info))


@pytest.mark.slow
@pytest.mark.parametrize("vectorize", [False, True], ids=["loop", "vmap"])
@pytest.mark.parametrize("build", [dense, images])
def test_members_are_the_single_runs(build, vectorize):
    batch = POINTS if build is dense else Batch(np.tanh(np.asarray(jax.random.normal(KEY, (8, 8, 8, 1)))))
    members = jaxgan.population(build, RATES, vectorize=vectorize)
    found = three_steps(members, jaxgan.spread, batch)
    assert found[0].step == 3
    state, info = three_steps(build(RATES[2]), jaxgan.jitted, batch, jax.random.fold_in(KEY, 2))
    assert_close(member(found, 2), (state._replace(step=None), info))
    assert not np.allclose(*jax.tree.leaves(found[0].params)[-1][:2])


@pytest.mark.slow
def test_each_device_holds_and_runs_its_members_alone():
    members = jaxgan.population(dense, RATES)
    state, step = members.init(KEY, POINTS), jaxgan.spread(members.step)
    lowered = step.lower(state, POINTS, KEY).compile()
    alone = jaxgan.jitted(points_algorithm(lazy=True).step).lower(dense(0.1).init(KEY, POINTS), POINTS, KEY).compile()
    # the loop over the one member of a device costs nothing; what all-reduces and gathers are for others is not there
    assert 0.9 < lowered.cost_analysis()["flops"] / alone.cost_analysis()["flops"] < 1.2
    assert not any(name in lowered.as_text() for name in ("all-reduce", "all-gather", "collective-permute"))
    after, info = step(state, POINTS, KEY)
    for leaf in jax.tree.leaves((after.params, after.memory, info)):
        assert [shard.data.shape[0] for shard in leaf.addressable_shards] == [1] * 4
    assert after.step.sharding.is_fully_replicated


@pytest.mark.slow
@pytest.mark.parametrize(("members", "used"), [(6, 3), (5, 1), (8, 4)])
def test_as_many_devices_as_divide_the_members(members, used):
    found = jaxgan.population(dense, jnp.linspace(0.1, 0.2, members))
    _, info = jaxgan.spread(found.step)(found.init(KEY, POINTS), POINTS, KEY)
    assert len(info["loss_generator"].addressable_shards) == used
    assert info["loss_generator"].shape == (members,)


@pytest.mark.slow
def test_the_given_devices_are_used():
    members = jaxgan.population(dense, RATES)
    state, _ = jaxgan.spread(members.step, jax.devices()[2:])(members.init(KEY, POINTS), POINTS, KEY)
    assert state.params.generator["Dense_0"]["kernel"].sharding.device_set == set(jax.devices()[2:])


@pytest.mark.slow
def test_several_steps_in_a_call_and_drawn_batches():
    """Steps in a call of the members, and members of several steps in a call, on resident and on stacked batches."""
    members, ring = jaxgan.population(dense, RATES), data.load("ring")

    def drawing(algorithm):
        return algorithm._replace(step=jaxgan.repeated(data.resident(algorithm.step, batch_size=8), 3))

    first = members.init(KEY, POINTS)
    singly = jaxgan.jitted(data.resident(members.step, batch_size=8))
    expected = jax.tree.map(jnp.copy, first)
    for _ in range(3):
        expected, info = singly(expected, ring.on_device(), KEY)
    state, infos = jaxgan.spread(drawing(members).step)(jax.tree.map(jnp.copy, first), ring.on_device(), KEY)
    assert_close(jax.device_get(state), expected)
    assert infos["loss_generator"].shape == (3, 4)
    assert_close(infos["loss_generator"][-1], info["loss_generator"])
    inside = jaxgan.population(lambda rate: drawing(dense(rate)), RATES)
    state, infos = jaxgan.spread(inside.step)(first, ring.on_device(), KEY)
    assert_close(jax.device_get(state), expected)
    assert infos["loss_generator"].shape == (4, 3)
    assert int(state.step) == 3
    stacked = jaxgan.spread(jaxgan.repeated(members.step, 3))
    state, infos = stacked(members.init(KEY, POINTS), BATCHES, KEY)
    alone, _ = jaxgan.jitted(jaxgan.repeated(dense(RATES[1]).step, 3))(
        dense(RATES[1]).init(jax.random.fold_in(KEY, 1), POINTS), BATCHES, jax.random.fold_in(KEY, 1)
    )
    assert_close(jax.tree.map(lambda x: x[1], jax.device_get(state.params)), alone.params)


@pytest.mark.slow
def test_keys_of_members_can_be_given():
    members = jaxgan.population(lambda _: dense(0.1), jnp.zeros(4))
    state, _ = three_steps(members, jaxgan.spread, POINTS, jax.random.split(KEY, 2)[jnp.array([0, 0, 1, 1])])
    kernels = state.params.generator["Dense_0"]["kernel"]
    np.testing.assert_array_equal(kernels[::2], kernels[1::2])
    assert not np.allclose(kernels[0], kernels[2])


@pytest.mark.slow
@pytest.mark.parametrize("devices", [1, 2])
def test_the_first_call_alone_compiles(devices, caplog):
    members = jaxgan.population(dense, RATES)
    state, step = members.init(KEY, POINTS), jaxgan.spread(members.step, jax.devices()[:devices])
    counts = []
    for _ in range(3):
        with jax.log_compiles(), caplog.at_level("WARNING"):
            state, _ = step(state, POINTS, KEY)
        counts.append(sum("Compiling" in record.message for record in caplog.records))
        caplog.clear()
    assert counts[0] > 0
    assert counts[1:] == [0, 0]


def test_a_single_state_is_refused():
    algorithm = points_algorithm()
    with pytest.raises(TypeError, match="spread needs the state of a population, got parameters with leading axes"):
        jaxgan.spread(algorithm.step)(algorithm.init(KEY, POINTS), POINTS, KEY)


@pytest.mark.slow
@pytest.mark.parametrize("vectorize", [False, True], ids=["loop", "vmap"])
@pytest.mark.parametrize("wrapper", [jaxgan.jitted, jaxgan.spread])
def test_a_member_that_diverges_leaves_the_others_as_they_are_bit_for_bit(wrapper, vectorize):
    def run(rates):
        return three_steps(jaxgan.population(dense, rates, vectorize=vectorize), wrapper, POINTS)

    state, info = run(RATES)
    disturbed, told = run(RATES.at[1].set(jnp.inf))
    assert not np.isfinite(told["loss_generator"][1])
    others = np.array([0, 2, 3])
    jax.tree.map(
        lambda a, b: np.testing.assert_array_equal(a[others], b[others]),
        (disturbed._replace(step=None), told),
        (state._replace(step=None), info),
    )
