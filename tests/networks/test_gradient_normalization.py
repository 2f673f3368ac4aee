"""Gradient normalisation: exact on linear critics, a slope of at most 1 on piecewise linear ones, finite where flat."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan import networks
from jaxgan.networks import Network, gradient_normalized

X = jnp.asarray(np.random.default_rng(0).normal(size=(200, 3)), jnp.float32)
W = jnp.array([3.0, 0.0, 4.0])


def linear(head=lambda y: y):
    """D(x) = head(w·x + b) with w, b the parameters, and a count of passes."""

    def apply(params, variables, x, condition, *, train, key):
        return head(x @ params[0] + params[1]), {"passes": variables["passes"] + train}

    return Network(lambda key, x, condition: ((W, jnp.ones(())), {"passes": 0}), apply)


def run(network, params, x=X, train=True):
    return network.apply(params, {"passes": 0}, x, None, train=train, key=None)


@pytest.mark.parametrize("train", [True, False])
def test_a_linear_critic_is_divided_by_its_slope_and_size(train):
    logits, variables = run(gradient_normalized(linear()), (W, 0.5), train=train)
    plain = np.asarray(X @ W + 0.5)
    np.testing.assert_allclose(logits, plain / (5 + np.abs(plain)), rtol=1e-5)
    assert variables == {"passes": int(train)}


@pytest.mark.slow
def test_a_piecewise_linear_critic_has_a_slope_of_at_most_one():
    critic = networks.MLPDiscriminator((16, 16))
    params, variables = networks.linen(critic).init(jax.random.key(0), X, None)
    params = jax.tree.map(lambda p: 20 * p, params)

    def slope(network):
        def total(x):
            return jnp.sum(network.apply(params, variables, x, None, train=True, key=None)[0])

        return jnp.linalg.norm(jax.jit(jax.grad(total))(X), axis=1)

    plain, bounded = slope(networks.linen(critic)), slope(gradient_normalized(critic))
    logits = networks.linen(critic).apply(params, variables, X, None, train=True, key=None)[0]
    assert plain.min() > 10
    assert bounded.max() <= 1 + 1e-5
    np.testing.assert_allclose(bounded, (plain / (plain + np.abs(logits))) ** 2, rtol=1e-3)


def test_a_critic_that_is_zero_and_flat_has_finite_derivatives():
    zero = (jnp.zeros(3), jnp.zeros(()))

    def total(params):
        return jnp.sum(run(gradient_normalized(linear()), params)[0])

    value, gradient = jax.jit(jax.value_and_grad(total))(zero)
    assert value == 0
    np.testing.assert_allclose(gradient[0], X.sum(0), rtol=1e-4)
    assert np.isfinite(gradient[1])


def test_logits_of_patches_are_refused():
    patches = linear(head=lambda y: jnp.stack([y, y], axis=1))
    with pytest.raises(ValueError, match=r"gradient_normalized needs logits of shape \[B\], got \(200, 2\)"):
        run(gradient_normalized(patches), (W, 0.0))
