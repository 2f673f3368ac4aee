"""Carry over from one state to another what fits: for another number of classes, another optimizer, a larger
network."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import PyTree


class CarriedOver(NamedTuple):
    """A state with the arrays that fitted, and the names of those that did not."""

    state: PyTree
    """State with the structure of `like`."""
    taken: list[str]
    """Paths of the arrays that came over, such as ".params.generator['Dense_0']['kernel']"."""
    kept: list[str]
    """Paths of the arrays of `like` that did not change, because `state` has none with that path and shape."""
    left: list[str]
    """Paths of the arrays of `state` that were not used."""


def carry_over(state: PyTree, like: PyTree) -> CarriedOver:
    """Put every array of `state` into `like` that has the same path, shape and type there.

    Example:
        ```python
        carried = jaxgan.carry_over(trained.state, like=algorithm.init(key, batch))
        print(carried.kept)  # the new heads
        state = carried.state._replace(step=jnp.zeros((), int))
        ```

    Args:
        state: a state, or a part of one, such as its parameters.
        like: what to begin with where nothing fits, of the same kind: usually `algorithm.init(key, batch)`.

    Examples:
        >>> old, new = {"body": jnp.ones(3), "head": jnp.ones(10)}, {"body": jnp.zeros(3), "head": jnp.zeros(4)}
        >>> carried = jaxgan.carry_over(old, like=new)
        >>> carried.taken, carried.kept
        (["['body']"], ["['head']"])
    """
    offered = {jax.tree_util.keystr(path): leaf for path, leaf in jax.tree_util.tree_leaves_with_path(state)}
    taken: list[str] = []
    kept: list[str] = []

    def choose(path: tuple, leaf: PyTree) -> PyTree:
        name = jax.tree_util.keystr(path)
        if name in offered and jax.typeof(offered[name]) == jax.typeof(leaf):
            taken.append(name)
            return jnp.copy(offered[name])
        kept.append(name)
        return leaf

    carried = jax.tree_util.tree_map_with_path(choose, like)
    return CarriedOver(carried, taken, kept, sorted(offered.keys() - set(taken)))
