"""Optimizers that want the loss are given that of their player; those that search along a line are refused by name."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from games_for_tests import dirac, point_batch

import jaxgan
from jaxgan import Players, dynamics, losses

KEY = jax.random.key(0)
RULES = {
    "simultaneous": dynamics.simultaneous,
    "alternating": dynamics.alternating,
    "extragradient": dynamics.extragradient,
    "optimistic": dynamics.optimistic,
    "consensus": lambda optimizers: dynamics.consensus(optimizers, 0.1),
    "symplectic_adjustment": dynamics.symplectic_adjustment,
    "unrolled": lambda optimizers: dynamics.unrolled(optimizers, 1),
}


def remembering():
    """Stands still, and keeps the loss that it was given."""

    def update(updates, state, params=None, *, value):
        return jax.tree.map(jnp.zeros_like, updates), value

    return optax.GradientTransformationExtraArgs(lambda params: jnp.zeros(()), update)


@pytest.mark.parametrize("rule", RULES)
def test_each_player_s_optimizer_is_given_its_loss(rule):
    """Dirac-GAN at θ = 1, ψ = −1 with the Wasserstein loss has L_G = −ψθ = 1 and L_D = ψθ = −1."""
    algorithm = jaxgan.algorithm(dirac(losses.wasserstein()), RULES[rule](Players(remembering(), remembering())))
    state, _ = jaxgan.jitted(algorithm.step)(algorithm.init(KEY, point_batch()), point_batch(), KEY)
    values = [leaf for leaf in jax.tree.leaves(state.memory) if leaf != 0]
    np.testing.assert_allclose(values, [1, -1], rtol=1e-6)


@pytest.mark.parametrize("player", Players._fields)
def test_line_searches_are_refused_by_name(player):
    optimizers = Players(optax.sgd(0.1), optax.sgd(0.1))._replace(**{player: optax.lbfgs()})
    algorithm = jaxgan.algorithm(dirac(losses.wasserstein()), dynamics.simultaneous(optimizers))
    with pytest.raises(ValueError, match=rf"optimizers\.{player} searches along a line, as optax.lbfgs does"):
        algorithm.init(KEY, point_batch())
