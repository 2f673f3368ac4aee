"""What a population refuses; that its members are the single runs stands in test_interface.py."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from test_wrappers import POINTS, points_algorithm

import jaxgan


@pytest.mark.parametrize(
    "hypers", [{"a": jnp.zeros(2), "b": jnp.zeros(3)}, {"a": jnp.zeros(())}, {}, {"a": jnp.zeros((0, 2))}]
)
def test_hyperparameters_need_one_leading_axis(hypers):
    with pytest.raises(ValueError, match="hyperparameters must be arrays with one leading axis of members"):
        jaxgan.population(lambda hyper: points_algorithm(), hypers)


@pytest.mark.slow
def test_keys_of_members_can_be_given():
    members = jaxgan.population(lambda hyper: points_algorithm(), jnp.zeros(2))
    same = jnp.stack([jax.random.key(5)] * 2)
    kernels = members.init(same, POINTS).params.generator["Dense_0"]["kernel"]
    np.testing.assert_array_equal(kernels[0], kernels[1])
    drawn = members.init(jax.random.key(5), POINTS).params.generator["Dense_0"]["kernel"]
    assert not np.array_equal(drawn[0], drawn[1])
    with pytest.raises(ValueError, match=r"key must be one key or 2 of them, got shape \(3,\)"):
        members.init(jax.random.split(jax.random.key(0), 3), POINTS)


def test_members_sample_from_the_same_given_latents():
    members = jaxgan.population(lambda hyper: points_algorithm(), jnp.zeros(2))
    state = members.init(jax.random.key(5), POINTS)
    latent = jax.random.normal(jax.random.key(1), (4, 3))
    samples = members.sample(state, jax.random.key(6), 4, latent=latent)
    for i in range(2):
        alone = state._replace(average=jax.tree.map(lambda x, i=i: x[i], state.average))
        expected = points_algorithm().sample(alone, jax.random.key(7), 4, latent=latent)
        np.testing.assert_allclose(samples[i], expected, rtol=1e-5, atol=1e-6)
    assert not np.allclose(samples[0], samples[1])


@pytest.mark.slow
def test_a_member_that_diverges_does_not_disturb_the_others():
    def build(scale):
        algorithm = points_algorithm()

        def step(state, batch, key):
            state, info = algorithm.step(state, batch, key)
            return state._replace(params=jax.tree.map(lambda x: x * scale, state.params)), info

        return algorithm._replace(step=step)

    key = jax.random.key(0)
    members = jaxgan.population(build, jnp.array([1.0, jnp.inf]))
    state, _ = jaxgan.jitted(members.step)(members.init(key, POINTS), POINTS, key)
    finite = [bool(jnp.isfinite(leaf[0]).all()) for leaf in jax.tree.leaves(state.params)]
    assert all(finite)
    assert not bool(jnp.isfinite(state.params.generator["Dense_0"]["kernel"][1]).all())
