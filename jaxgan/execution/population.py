"""Many runs in one program: seeds and traced hyper-parameters, side by side or one after another."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Key, PyTree

from jaxgan.checks import require, require_key
from jaxgan.core import Algorithm, Batch, GANState, Info
from jaxgan.devices import local_members, platform


def population(
    build: Callable[[Any], Algorithm], hyperparameters: PyTree, *, vectorize: bool | None = None
) -> Algorithm:
    """One algorithm whose state holds many runs, each with its own hyper-parameters and randomness.

    The result is an `Algorithm` like any other, for every wrapper, `spread` above all: state, info and samples have a
    leading axis of members, except `state.step`, which all share. Member i is the run of `build` of the i-th
    hyper-parameters with the key `fold_in(key, i)`; or, where an array of keys `[members]` is passed, with the i-th of
    those. All members see the same batches, and the same latents where `sample` is given any. One that diverges leaves
    the others as they are.

    Args:
        build: from one member's hyper-parameters (traced numbers, so checks of their values are skipped) to its
            algorithm. Called while tracing; it must be pure.
        hyperparameters: a pytree of arrays with one leading axis of members.
        vectorize: run the members of a device side by side, by vmap, or in a loop, one after another. None: one after
            another on the CPU alone, where their data then fit its cache, and where the convolutions of vmapped
            networks, which become grouped ones, are many times slower.

    Raises:
        ValueError: if the leading axes differ or there is none.

    Examples:
        >>> def build(rate):
        ...     optimizers = jaxgan.Players(optax.sgd(rate), optax.sgd(rate))
        ...     return jaxgan.algorithm(game, jaxgan.dynamics.simultaneous(optimizers))
        >>> members = jaxgan.population(build, jnp.array([0.1, 0.01, 0.001]))
        >>> state = members.init(key, batch)
        >>> jax.tree.leaves(state.params)[0].shape[0]  # three runs in one state
        3
    """
    hyperparameters = jax.tree.map(jnp.asarray, hyperparameters)
    sizes = {leaf.shape[:1] for leaf in jax.tree.leaves(hyperparameters)}
    require(
        len(sizes) == 1 and () not in sizes and (0,) not in sizes,
        f"hyperparameters must be arrays with one leading axis of members, got leading axes {sorted(sizes)}",
    )
    ((members,),) = sizes

    def given(key: Key[Array, "..."]) -> tuple[PyTree, Key[Array, "local"]]:
        """The hyper-parameters and keys of the members of this device."""
        require_key(key)
        if key.ndim == 0:
            key = jax.vmap(jax.random.fold_in, (None, 0))(key, jnp.arange(members))
        require(key.shape == (members,), f"key must be one key or {members} of them, got shape {key.shape}")
        return local_members((hyperparameters, key))

    def of_each(member: Callable[..., Any], key: Key[Array, "..."], state: GANState) -> Any:
        """`member(hyperparameters, key, state)` of each, stacked."""
        number, *own = state

        def one(hyper: PyTree, key: Key[Array, ""], own: list[PyTree]) -> Any:
            return member(hyper, key, GANState(number, *own))

        return _mapped(one, vectorize)(*given(key), own)

    def init(key: Key[Array, "..."], batch: Batch) -> GANState:
        state = jax.vmap(lambda hyper, key: build(hyper).init(key, batch))(*given(key))
        return state._replace(step=state.step[0])

    def step(state: GANState, batch: Batch, key: Key[Array, "..."]) -> tuple[GANState, Info]:
        state, info = of_each(lambda hyper, key, state: build(hyper).step(state, batch, key), key, state)
        return state._replace(step=state.step[0]), info

    @partial(jax.jit, static_argnames="n")
    def sample(state: GANState, key: Key[Array, "..."], n: int, condition: Any = None, latent: Any = None) -> PyTree:
        latents = () if latent is None else (latent,)
        return of_each(lambda hyper, key, state: build(hyper).sample(state, key, n, condition, *latents), key, state)

    return Algorithm(init, step, sample)


def _mapped(function: Callable[..., Any], vectorize: bool | None) -> Callable[..., Any]:
    if platform() != "cpu" if vectorize is None else vectorize:
        return jax.vmap(function)
    return lambda *arguments: lax.map(lambda each: function(*each), arguments)
