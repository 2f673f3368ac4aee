"""The algorithm around game and dynamics: the average of the generator, the keys, the state."""

import jax
import jax.numpy as jnp
import jaxtyping
import numpy as np
import optax
import pytest

import jaxgan
from jaxgan import Average, Batch, Dynamics, Game, Players, dynamics, losses, networks, schedules

KEY = jax.random.key(0)
BATCH = Batch(jnp.zeros((4, 2)))


def drifting_game():
    """Samples are the generator's parameters and its statistics, so that one sees whose they are."""

    def init(key, batch):
        variables = {"mean": jnp.zeros(2), "count": jnp.zeros((), jnp.int32)}
        return Players({"w": jnp.ones(2)}, {"v": jnp.ones(())}), Players(variables, {})

    def sample(params, variables, key, n, condition):
        return jnp.tile(jnp.concatenate([params["w"], variables["mean"]]), (n, 1))

    def generate(params, variables, turn):
        return jnp.tile(params["w"], (turn.rows(), 1)), variables

    def judge(params, variables, samples, turn):
        return Players(jnp.zeros(()), jnp.zeros(())), (variables, {})

    return Game(init, generate, judge, sample)


def drift():
    """A rule that moves the parameters along a fixed path, whatever the game."""

    def update(game, params, variables, memory, turn):
        g = {"w": params.generator["w"] * jnp.array([1.5, -1.1]) + 0.3}
        v = {"mean": variables.generator["mean"] - 0.7, "count": variables.generator["count"] + 3}
        info = {"draw": jax.random.uniform(turn.key), "step": turn.step.astype(float)}
        return Players(g, params.discriminator), Players(v, {}), memory, info

    return Dynamics(lambda params: {}, update)


@pytest.fixture(scope="module")
def step_of():
    """Compiled steps, by options."""
    compiled = {}

    def get(**options):
        name = tuple(options.items())
        if name not in compiled:
            algorithm = jaxgan.algorithm(drifting_game(), drift(), **options)
            compiled[name] = algorithm, jax.jit(algorithm.step)
        return compiled[name]

    return get


def test_latents_are_handed_to_a_game_that_takes_them_and_missed_by_one_that_does_not():
    def sample(params, variables, key, n, condition, latent=None):
        return latent

    state = jaxgan.algorithm(drifting_game(), drift()).init(KEY, BATCH)
    takes = jaxgan.algorithm(drifting_game()._replace(sample=sample), drift())
    np.testing.assert_array_equal(takes.sample(state, KEY, 2, latent=jnp.eye(2)), np.eye(2))
    assert takes.sample(state, KEY, 2) is None
    with pytest.raises(TypeError, match="sample"):
        jaxgan.algorithm(drifting_game(), drift()).sample(state, KEY, 2, latent=jnp.eye(2))


@pytest.mark.parametrize(("decay", "warmup"), [(0.9, 10.0), (0.6, 1.0), (0.6, 3.0), (0.0, 10.0), (0.0, 1.0)])
def test_the_average_is_its_recursion(step_of, decay, warmup):
    algorithm, step = step_of(ema_decay=decay, ema_warmup=warmup)
    state = algorithm.init(KEY, BATCH)
    w, mean = np.ones(2), np.zeros(2)
    average_w, average_mean = w, mean
    for t in range(12):
        w, mean = w * [1.5, -1.1] + 0.3, mean - 0.7
        d = min(decay, (1 + t) / (warmup + t))
        average_w, average_mean = d * average_w + (1 - d) * w, d * average_mean + (1 - d) * mean
        state, _ = step(state, BATCH, KEY)
        np.testing.assert_allclose(state.params.generator["w"], w, rtol=1e-5)
        np.testing.assert_allclose(state.average.params["w"], average_w, rtol=1e-5)
        np.testing.assert_allclose(state.average.variables["mean"], average_mean, rtol=1e-5)
        assert state.average.variables["count"] == state.variables.generator["count"] == 3 * (t + 1)
    assert state.average.variables["count"].dtype == jnp.int32


def test_the_uniform_average_is_the_mean_of_all_steps(step_of):
    algorithm, step = step_of(ema_decay="uniform")
    state = algorithm.init(KEY, BATCH)
    weights, means = [], []
    for _ in range(6):
        state, _ = step(state, BATCH, KEY)
        weights.append(state.params.generator["w"])
        means.append(state.variables.generator["mean"])
        np.testing.assert_allclose(state.average.params["w"], np.mean(weights, axis=0), rtol=1e-5)
        np.testing.assert_allclose(state.average.variables["mean"], np.mean(means, axis=0), rtol=1e-5)


def test_a_decay_may_be_a_schedule_of_the_step(step_of):
    algorithm, step = step_of(ema_decay=lambda t: 0.2 * t, ema_warmup=1.0)
    state = algorithm.init(KEY, BATCH)
    expected = np.ones(2)
    for t in range(4):
        state, _ = step(state, BATCH, KEY)
        expected = 0.2 * t * expected + (1 - 0.2 * t) * np.asarray(state.params.generator["w"])
        np.testing.assert_allclose(state.average.params["w"], expected, rtol=1e-5)


def test_a_schedule_of_the_decay_has_no_warm_up_beside_it(step_of):
    algorithm, step = step_of(ema_decay=schedules.half_life(100))
    state = algorithm.init(KEY, BATCH)
    after, _ = step(state, BATCH, KEY)
    left = 0.5 ** (1 / 100)
    right = left * np.ones(2) + (1 - left) * np.asarray(after.params.generator["w"])
    np.testing.assert_allclose(after.average.params["w"], right, rtol=1e-5)


def test_no_decay_follows_the_generator_exactly(step_of):
    algorithm, step = step_of(ema_decay=0.0)
    state, _ = step(algorithm.init(KEY, BATCH), BATCH, KEY)
    current = Average(state.params.generator, state.variables.generator)
    jax.tree.map(np.testing.assert_array_equal, state.average, current)


def test_the_average_starts_at_the_generator_and_samples_come_from_it(step_of):
    algorithm, step = step_of(ema_decay=0.9)
    state = algorithm.init(KEY, BATCH)
    np.testing.assert_array_equal(algorithm.sample(state, KEY, 3), [[1, 1, 0, 0]] * 3)
    state, _ = step(state, BATCH, KEY)
    expected = np.concatenate([state.average.params["w"], state.average.variables["mean"]])
    np.testing.assert_array_equal(algorithm.sample(state, KEY, 3), [expected] * 3)
    assert np.abs(state.average.params["w"] - state.params.generator["w"]).min() > 0.01


def test_a_decay_may_be_traced(step_of):
    algorithm, step = step_of(ema_decay=0.05)
    state = algorithm.init(KEY, BATCH)

    @jax.jit
    def traced(decay):
        return jaxgan.algorithm(drifting_game(), drift(), ema_decay=decay).step(state, BATCH, KEY)[0].average

    jax.tree.map(np.testing.assert_array_equal, traced(0.05), step(state, BATCH, KEY)[0].average)


def test_a_step_derives_its_key_from_the_one_given_and_its_number(step_of):
    algorithm, step = step_of(ema_decay=0.9)
    state = algorithm.init(KEY, BATCH)
    assert (state.step.dtype, state.step) == (jnp.int32, 0)
    for t in range(3):
        state, info = step(state, BATCH, KEY)
        assert info["draw"] == jax.random.uniform(jax.random.fold_in(KEY, t))
        assert info["step"] == t
    assert state.step == 3


@pytest.mark.parametrize("raw", [jax.random.key_data(KEY), np.zeros(2, np.uint32)])
def test_a_raw_key_is_an_error_everywhere(raw, monkeypatch):
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)  # as outside the tests
    algorithm = jaxgan.algorithm(drifting_game(), drift())
    state = algorithm.init(KEY, BATCH)
    message = "key must be a typed random key, .*; got an array of uint32"
    with pytest.raises(TypeError, match=message):
        algorithm.init(raw, BATCH)
    with pytest.raises(TypeError, match=message):
        algorithm.step(state, BATCH, raw)
    with pytest.raises(TypeError, match=message):
        algorithm.sample(state, raw, 4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ema_decay": 1.0}, "ema_decay must be less than 1, got 1.0"),
        ({"ema_decay": -0.1}, "ema_decay must be at least 0, got -0.1"),
        ({"ema_decay": "none"}, "ema_decay must be one of uniform; got 'none'"),
        ({"ema_warmup": 0.5}, "ema_warmup must be at least 1, got 0.5"),
    ],
)
@pytest.mark.usefixtures("without_shape_checks")
def test_options_out_of_range_are_errors(options, message):
    with pytest.raises(ValueError, match=message):
        jaxgan.algorithm(drifting_game(), drift(), **options)


@pytest.mark.slow
def test_no_two_arrays_of_a_fresh_state_share_a_buffer_so_that_it_can_be_donated():
    game = jaxgan.gan(
        networks.MLPGenerator((2,), (4,)),
        networks.MLPDiscriminator((4,), spectral_norm=True),
        loss=losses.hinge(),
        latent_size=3,
    )
    algorithm = jaxgan.algorithm(game, dynamics.simultaneous(Players(optax.adam(1e-3), optax.adam(1e-3))))
    state = algorithm.init(KEY, BATCH)
    buffers = [leaf.unsafe_buffer_pointer() for leaf in jax.tree.leaves(state)]
    assert len(set(buffers)) == len(buffers)
    jax.tree.map(np.testing.assert_array_equal, state.average.params, state.params.generator)
    before = state.params.generator["Dense_0"]["kernel"]
    state, _ = jaxgan.jitted(algorithm.step)(state, BATCH, KEY)
    assert before.is_deleted()
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(state))
