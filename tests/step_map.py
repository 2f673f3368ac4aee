"""A training step as a map from parameters and memory to themselves, and its eigenvalues."""

import jax
import numpy as np
from jax.flatten_util import ravel_pytree


def eigenvalues(algorithm_of, values, batch):
    """Eigenvalues `[values, n]` of a step's Jacobian where the game starts, for each hyper-parameter in `values`."""
    key = jax.random.key(0)

    def jacobian(value):
        algorithm = algorithm_of(value)
        state = algorithm.init(key, batch)
        flat, unravel = ravel_pytree((state.params, state.memory))

        def step(flat):
            params, memory = unravel(flat)
            state_after, _ = algorithm.step(state._replace(params=params, memory=memory), batch, key)
            return ravel_pytree((state_after.params, state_after.memory))[0]

        return jax.jacfwd(step)(flat)

    return np.linalg.eigvals(jax.jit(jax.vmap(jacobian))(jax.numpy.asarray(values)))
