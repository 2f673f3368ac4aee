"""Many runs in one program: seeds and traced hyper-parameters under vmap."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Key, PyTree

from jaxgan.checks import require, require_key
from jaxgan.core import Algorithm, Batch, GANState, Info


def population(build: Callable[[Any], Algorithm], hyperparameters: PyTree) -> Algorithm:
    """One algorithm whose state holds many runs, each with its own hyper-parameters and randomness.

    The result is an `Algorithm` like any other, for every wrapper: state, info and samples have a leading axis of
    members, except `state.step`, which all share. Member i is the run of `build` of the i-th hyper-parameters with the
    key `fold_in(key, i)`; or, where an array of keys `[members]` is passed, with the i-th of those. All members see the
    same batches, and the same latents where `sample` is given any.

    Args:
        build: from one member's hyper-parameters (traced numbers, so checks of their values are skipped) to its
            algorithm. Called while tracing; it must be pure.
        hyperparameters: a pytree of arrays with one leading axis of members.

    Raises:
        ValueError: if the leading axes differ or there is none.
    """
    hyperparameters = jax.tree.map(jnp.asarray, hyperparameters)
    sizes = {leaf.shape[:1] for leaf in jax.tree.leaves(hyperparameters)}
    require(
        len(sizes) == 1 and () not in sizes and (0,) not in sizes,
        f"hyperparameters must be arrays with one leading axis of members, got leading axes {sorted(sizes)}",
    )
    ((members,),) = sizes
    each: Any = 0
    shared: Any = None
    axes = GANState(step=shared, params=each, variables=each, average=each, memory=each)

    def keys_of(key: Key[Array, "..."]) -> Key[Array, "members"]:
        require_key(key)
        if key.ndim == 0:
            return jax.vmap(jax.random.fold_in, (None, 0))(key, jnp.arange(members))
        require(key.shape == (members,), f"key must be one key or {members} of them, got shape {key.shape}")
        return key

    def init(key: Key[Array, "..."], batch: Batch) -> GANState:
        def member(hyper: PyTree, key: Key[Array, ""]) -> GANState:
            return build(hyper).init(key, batch)

        return jax.vmap(member, out_axes=axes)(hyperparameters, keys_of(key))

    def step(state: GANState, batch: Batch, key: Key[Array, "..."]) -> tuple[GANState, Info]:
        def member(hyper: PyTree, state: GANState, key: Key[Array, ""]) -> tuple[GANState, Info]:
            return build(hyper).step(state, batch, key)

        return jax.vmap(member, in_axes=(0, axes, 0), out_axes=(axes, 0))(hyperparameters, state, keys_of(key))

    def sample(state: GANState, key: Key[Array, "..."], n: int, condition: Any = None, latent: Any = None) -> PyTree:
        given = () if latent is None else (latent,)

        def member(hyper: PyTree, state: GANState, key: Key[Array, ""]) -> PyTree:
            return build(hyper).sample(state, key, n, condition, *given)

        return jax.vmap(member, in_axes=(0, axes, 0))(hyperparameters, state, keys_of(key))

    return Algorithm(init, step, sample)
