"""What a step of each rule costs in gradient evaluations, as XLA counts floating-point operations."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from tiers import mostly_slow

import jaxgan
from jaxgan import Batch, Players, dynamics, losses, networks

SGD = Players(optax.sgd(0.1), optax.sgd(0.1))
RATES = Players(0.1, 0.1)
WIDTH, ROWS = 64, 256

COSTS = {
    "extragradient": (dynamics.extragradient(SGD), 2),
    "past_extragradient": (dynamics.past_extragradient(SGD), 1),
    "optimistic": (dynamics.optimistic(SGD), 1),
    "lookahead": (dynamics.lookahead(dynamics.simultaneous(SGD)), 1),
    "consensus": (dynamics.consensus(SGD, 1.0), 2.9),
    "symplectic_adjustment": (dynamics.symplectic_adjustment(SGD), 4.1),
    "unrolled 1": (dynamics.unrolled(SGD, 1), 1.6),
    "unrolled 3": (dynamics.unrolled(SGD, 3), 3 * 1.6),
    "Heun": (dynamics.runge_kutta(RATES, order=2), 2),
    "RK4": (dynamics.runge_kutta(RATES, order=4), 4),
    "Heun, regularised": (dynamics.runge_kutta(RATES, order=2, regularization=1.0), 2.55),
    # of the iterations, which are a loop, XLA counts one
    "competitive": (dynamics.competitive(RATES), 4.4 + 2.25),
}


def flops(rule):
    """FLOPs of a step of dense networks of two and three layers, for which the batch is large."""
    game = jaxgan.gan(
        networks.MLPGenerator(output_shape=(WIDTH,), hidden=(WIDTH,), squash=False),
        networks.MLPDiscriminator(hidden=(WIDTH, WIDTH)),
        loss=losses.non_saturating(),
        latent_size=WIDTH,
    )
    algorithm, batch = jaxgan.algorithm(game, rule), Batch(jnp.zeros((ROWS, WIDTH)))
    state = algorithm.init(jax.random.key(0), batch)
    return jax.jit(algorithm.step).lower(state, batch, jax.random.key(0)).compile().cost_analysis()["flops"]


@pytest.fixture(scope="module")
def one_evaluation():
    return flops(dynamics.simultaneous(SGD))


@mostly_slow("name", COSTS, quick=["extragradient", "optimistic", "unrolled 1"])
def test_cost_in_gradient_evaluations(name, one_evaluation):
    rule, expected = COSTS[name]
    np.testing.assert_allclose(flops(rule) / one_evaluation, expected, rtol=0.05)
