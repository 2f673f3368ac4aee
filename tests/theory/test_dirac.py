"""Dirac-GAN under our rules gives the published closed-form distances, in float64, through the public API."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from games_for_tests import dirac, point_batch

import jaxgan
from jaxgan import Players, dynamics, losses, penalties

STEPS, SIZE = 500, 0.2

RULES = {
    "simultaneous": lambda o: dynamics.simultaneous(o),
    "alternating 1": lambda o: dynamics.alternating(o, first="generator"),
    "alternating 5": lambda o: dynamics.alternating(o, first="generator", discriminator_steps=5),
    "discriminator first 1": lambda o: dynamics.alternating(o),
    "discriminator first 5": lambda o: dynamics.alternating(o, discriminator_steps=5),
}

TABLE = [
    ("minimax", None, {"simultaneous": 3.097, "alternating 1": 1.421, "alternating 5": 1.845}),
    ("minimax", None, {"discriminator first 1": 1.413, "discriminator first 5": 1.710}),
    ("non_saturating", None, {"simultaneous": 0.6402, "alternating 1": 0.2839, "alternating 5": 0.1389}),
    ("wasserstein", None, {"simultaneous": 1.002, "alternating 1": 1.024, "alternating 5": 0.9169}),
    ("minimax", 0.3, {"simultaneous": 2.643e-06, "alternating 1": 2.301e-07, "alternating 5": 9.25e-34}),
    ("minimax", 0.3, {"discriminator first 1": 2.383e-07, "discriminator first 5": 9.117e-34}),
    ("minimax", 1.0, {"simultaneous": 9.53e-22, "alternating 1": 7.48e-17, "alternating 5": 5.14e-12}),
]


def clipped(optimizer):
    """The discriminator's weight held in [-1, 1] after every step: an optax projection."""

    def update(gradient, memory, params):
        updates, memory = optimizer.update(gradient, memory, params)
        return jax.tree.map(lambda u, p: jnp.clip(p + u, -1, 1) - p, updates, params), memory

    return optax.GradientTransformation(optimizer.init, update)


@pytest.fixture(autouse=True)
def float64():
    with jax.enable_x64(True):
        yield


@pytest.mark.parametrize(
    ("loss", "gamma", "rule", "distance"),
    [(loss, gamma, rule, value) for loss, gamma, row in TABLE for rule, value in row.items()],
)
def test_distance_after_500_steps(loss, gamma, rule, distance):
    sgd = optax.sgd(SIZE)
    optimizers = Players(sgd, clipped(sgd) if loss == "wasserstein" else sgd)
    game = dirac(getattr(losses, loss)(), None if gamma is None else penalties.r1(gamma))
    algorithm = jaxgan.algorithm(game, RULES[rule](optimizers))
    # all rows of the batch are the same point, so each of five discriminator steps sees the whole data set
    batch = point_batch(5)
    key = jax.random.key(0)
    state = algorithm.init(key, batch)
    loop = jax.jit(lambda state: jax.lax.scan(lambda s, _: algorithm.step(s, batch, key), state, length=STEPS)[0])
    theta, psi = loop(state).params
    np.testing.assert_allclose(np.hypot(float(theta), float(psi)), distance, rtol=5e-3 if distance < 1e-3 else 1e-3)


def test_modulus_of_alternating_steps_is_one_near_the_equilibrium():
    """Alternating minimax steps rotate: the distance neither grows nor shrinks, as the eigenvalues' modulus 1 says."""
    game = dirac(losses.minimax(), start=(1e-4, -1e-4))
    algorithm = jaxgan.algorithm(game, dynamics.alternating(Players(optax.sgd(SIZE), optax.sgd(SIZE))))
    key, batch = jax.random.key(0), point_batch()
    state = algorithm.init(key, batch)
    period = round(2 * np.pi / np.arccos(1 - (SIZE / 2) ** 2 / 2))
    step = jaxgan.jitted(algorithm.step)
    for _ in range(10 * period):
        state, _ = step(state, batch, key)
    np.testing.assert_allclose(np.hypot(*map(float, state.params)), np.hypot(1e-4, 1e-4), rtol=2e-2)
