"""Dirac-GAN under our rules gives the published closed-form distances, in float64, through the public API."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from games_for_tests import dirac, point_batch
from step_map import eigenvalues
from tiers import mostly_slow

import jaxgan
from jaxgan import Batch, Players, dynamics, losses, penalties

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


@mostly_slow(
    ("loss", "gamma", "rule", "distance"),
    [(loss, gamma, rule, value) for loss, gamma, row in TABLE for rule, value in row.items()],
    quick=8,
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


def test_wasserstein_with_a_gradient_penalty_does_not_converge():
    game = dirac(losses.wasserstein(), penalties.gradient_penalty(1.0))
    algorithm = jaxgan.algorithm(game, dynamics.alternating(Players(optax.sgd(SIZE), optax.sgd(SIZE))))
    key, batch = jax.random.key(0), point_batch()
    state = algorithm.init(key, batch)
    loop = jax.jit(lambda s: jax.lax.scan(lambda s, _: (algorithm.step(s, batch, key)[0], s.params), s, length=STEPS))
    _, path = loop(state)
    assert np.hypot(path.generator, path.discriminator)[-100:].min() > 0.3


F1, F2 = 1 / 2, -1 / 4
"""f'(0) and f''(0) of f(t) = -log(1 + exp(-t))."""


def sgd(size=SIZE):
    return Players(optax.sgd(size), optax.sgd(size))


def at_equilibrium(values, rule_of, loss="minimax", penalty_of=None, batch=None):
    """Eigenvalues λ of the negative field, from those of one step of size h, 1 + hλ; sorted."""

    def algorithm_of(value):
        penalty = None if penalty_of is None else penalty_of(value)
        return jaxgan.algorithm(dirac(getattr(losses, loss)(), penalty, start=(0.0, 0.0)), rule_of(value))

    return np.sort_complex((eigenvalues(algorithm_of, values, batch or point_batch()) - 1) / SIZE)


def pair(middle, square):
    """middle ± √square, sorted."""
    root = np.sqrt(complex(square))
    return np.sort_complex([middle - root, middle + root])


@pytest.mark.parametrize(("loss", "turning"), [("minimax", F1), ("non_saturating", F1), ("wasserstein", 1.0)])
def test_eigenvalues_without_a_penalty_are_imaginary(loss, turning):
    found = at_equilibrium([0.0], lambda _: dynamics.simultaneous(sgd()), loss)
    np.testing.assert_allclose(found[0], pair(0, -(turning**2)), atol=1e-12)


@pytest.mark.parametrize("penalty", [penalties.r1, penalties.r2])
def test_eigenvalues_with_a_gradient_penalty_on_data_or_samples(penalty):
    gammas = [0.3, 0.9, 1.0, 1.7]
    found = at_equilibrium(gammas, lambda _: dynamics.simultaneous(sgd()), penalty_of=penalty)
    # at the critical γ = 1 both coincide, and rounding enters under the root
    expected = [pair(-gamma / 2, gamma**2 / 4 - F1**2) for gamma in gammas]
    np.testing.assert_allclose(found, expected, atol=1e-7)


def test_eigenvalues_of_consensus():
    gammas = [0.0, 0.5, 2.0]
    found = at_equilibrium(gammas, lambda gamma: dynamics.consensus(sgd(), gamma))
    np.testing.assert_allclose(found, [pair(-gamma * F1**2, -(F1**2)) for gamma in gammas], atol=1e-12)


@pytest.mark.parametrize("sigma", [0.5, 1.0, 2.0])
def test_eigenvalues_with_instance_noise(sigma):
    """Noise of ±σ, which has the variance σ², on the datum and on the sample."""
    noise = np.array([[sigma], [-sigma]])
    found = at_equilibrium([0.0], lambda _: dynamics.simultaneous(sgd()), batch=Batch(noise, latent=noise))
    np.testing.assert_allclose(found[0], pair(F2 * sigma**2, F2**2 * sigma**4 - F1**2), atol=1e-12)


@pytest.mark.parametrize("steps", [1, 5])
def test_eigenvalues_of_alternating_steps(steps):
    sizes = np.array([0.2, 1.0, 3.9 / steps**0.5, 4.1 / steps**0.5])
    found = SIZE * at_equilibrium(
        sizes,
        lambda size: dynamics.alternating(sgd(size), first="generator", discriminator_steps=steps),
        batch=point_batch(5),
    )
    alpha = sizes * F1 * steps**0.5
    middle = 1 - alpha**2 / 2
    np.testing.assert_allclose(found + 1, [pair(m, m**2 - 1) for m in middle], atol=1e-12)
    np.testing.assert_allclose(np.abs(found + 1)[:3], 1, atol=1e-12)
    assert np.abs(found + 1)[3].max() > 1
