"""The games and rules that strain the interface most, under every wrapper."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from games_for_tests import consensus, cycle_gan, dirac, point_batch
from tiers import mostly_slow

import jaxgan
from jaxgan import Batch, Players, dynamics, losses, networks, penalties

WRAPPERS = {
    "jitted": jaxgan.jitted,
    "pmapped 4": jaxgan.pmapped,
    "sharded 4": jaxgan.sharded,
}
SGD = Players(optax.sgd(0.05), optax.sgd(0.1))


def run(algorithm, wrapper, batch, steps=3):
    key = jax.random.key(0)
    state = algorithm.init(key, batch)
    step = wrapper(algorithm.step)
    for _ in range(steps):
        state, info = step(state, batch, key)
    return state, info


def assert_same(got, expected):
    chk = lambda g, e: np.testing.assert_allclose(g, e, rtol=2e-5, atol=2e-6)  # noqa: E731
    jax.tree.map(chk, jax.device_get(got), jax.device_get(expected))


def cycle_batch():
    a, b = jax.random.normal(jax.random.key(1), (2, 8, 3))
    return Batch(real=jnp.tanh(a), condition=jnp.tanh(b))


def ring_game(penalty):
    return jaxgan.gan(
        networks.MLPGenerator(output_shape=(2,), hidden=(16,), squash=False),
        networks.MLPDiscriminator(hidden=(16,)),
        loss=losses.non_saturating(),
        penalties=[penalty],
        latent_size=4,
    )


@pytest.mark.slow
@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_cycle_gan_runs_as_any_game(wrapper):
    algorithm = jaxgan.algorithm(cycle_gan(), dynamics.alternating(SGD, discriminator_steps=2))
    expected, _ = run(algorithm, jaxgan.jitted, cycle_batch())
    state, info = run(algorithm, WRAPPERS[wrapper], cycle_batch())
    assert_same(state, expected)
    assert info["cycle"].shape == ()
    sampled = algorithm.sample(state, jax.random.key(1), 8, cycle_batch().condition)
    assert sampled.shape == (8, 3)


@pytest.mark.slow
@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_consensus_differentiates_through_the_field(wrapper):
    batch = Batch(jax.random.normal(jax.random.key(1), (8, 2)))
    algorithm = jaxgan.algorithm(ring_game(penalties.r1(0.1)), consensus(SGD, gamma=0.5))
    expected, _ = run(algorithm, jaxgan.jitted, batch)
    plain, _ = run(jaxgan.algorithm(ring_game(penalties.r1(0.1)), consensus(SGD, gamma=0.0)), jaxgan.jitted, batch)
    state, _ = run(algorithm, WRAPPERS[wrapper], batch)
    assert_same(state, expected)
    moved = jax.tree.map(lambda a, b: float(jnp.abs(a - b).max()), state.params, plain.params)
    assert max(jax.tree.leaves(moved)) > 1e-3


def test_consensus_step_on_dirac_is_the_hand_derived_one():
    """v = (L_G', L_D') of minimax at (theta, psi); J^T v by hand from f(t) = -log(1 + exp(-t))."""
    theta, psi, gamma, size = 0.7, -0.4, 0.3, 0.1
    game = dirac(losses.minimax(), start=(theta, psi))
    algorithm = jaxgan.algorithm(game, consensus(Players(optax.sgd(size), optax.sgd(size)), gamma))
    state, _ = run(algorithm, jaxgan.jitted, point_batch(4), steps=1)
    sigmoid = 1 / (1 + np.exp(-psi * theta))
    slope = sigmoid * (1 - sigmoid)
    v = np.array([-psi * sigmoid, theta * sigmoid])
    jacobian = np.array(
        [
            [-(psi**2) * slope, -sigmoid - psi * theta * slope],
            [sigmoid + psi * theta * slope, theta**2 * slope],
        ]
    )
    expected = np.array([theta, psi]) - size * (v + gamma * jacobian.T @ v)
    np.testing.assert_allclose([float(p) for p in state.params], expected, rtol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_population_members_are_the_single_runs(wrapper):
    """Member i of a population over learning rates and R1 weights is the run with fold_in(key, i)."""
    batch = Batch(jax.random.normal(jax.random.key(1), (8, 2)))

    def build(hyper):
        optimizers = Players(optax.adam(hyper["rate"], eps=1e-3), optax.sgd(hyper["rate"]))
        game = ring_game(penalties.every(2, penalties.r1(hyper["gamma"])))
        return jaxgan.algorithm(game, dynamics.alternating(optimizers, discriminator_steps=2), ema_decay=0.5)

    hypers = {"rate": jnp.array([0.01, 0.03, 0.1]), "gamma": jnp.array([0.0, 0.3, 1.0])}
    members = jaxgan.population(build, hypers)
    state, info = run(members, WRAPPERS[wrapper], batch)
    assert info["loss_generator"].shape == (3,)
    assert state.step.shape == ()
    assert members.sample(state, jax.random.key(2), 5).shape == (3, 5, 2)
    i, key = 1, jax.random.fold_in(jax.random.key(0), 1)
    alone = build(jax.tree.map(lambda x: x[i], hypers))
    single = alone.init(key, batch)
    step = jaxgan.jitted(alone.step)
    for _ in range(3):
        single, _ = step(single, batch, key)
    assert_same(jax.tree.map(lambda x: x[i], state._replace(step=None)), single._replace(step=None))


@pytest.mark.slow
def test_lazy_penalty_stays_a_branch_in_a_population():
    """`state.step` is shared, so a population keeps the conditional instead of computing both sides."""

    def build(gamma):
        return jaxgan.algorithm(ring_game(penalties.every(4, penalties.r1(gamma))), dynamics.simultaneous(SGD))

    members = {way: jaxgan.population(build, jnp.array([0.1, 1.0]), vectorize=way) for way in (True, False)}
    batch, key = Batch(jnp.zeros((4, 2))), jax.random.key(0)
    for each in members.values():
        state = each.init(key, batch)
        assert " cond[" in str(jax.make_jaxpr(each.step)(state, batch, key))


@mostly_slow("wrapper", ["jitted", "pmapped", "sharded"], quick=["jitted"])
def test_the_public_surface_runs_as_written(wrapper):
    """The code of the README, at a small size."""
    from jaxgan import data

    digits = data.load("digits", image_size=8)
    game = jaxgan.gan(
        networks.DCGANGenerator(image_size=8, channels=1, width=8),
        networks.DCGANDiscriminator(width=8),
        loss=losses.non_saturating(),
        penalties=[penalties.r1(gamma=1.0)],
        latent_size=100,
    )
    rule = dynamics.alternating(Players(optax.adam(2e-4, b1=0.5), optax.adam(2e-4, b1=0.5)))
    algorithm = jaxgan.algorithm(game, rule, ema_decay=0.999)
    key = jax.random.key(0)
    batches = digits.batches(batch_size=64, seed=0)
    state = algorithm.init(key, next(batches))
    step = getattr(jaxgan, wrapper)(algorithm.step)
    for _ in range(3):
        state, info = step(state, next(batches), key)
    images = algorithm.sample(state, jax.random.key(1), 64)
    assert images.shape == (64, 8, 8, 1)
    assert all(np.isfinite(v) for v in info.values())
