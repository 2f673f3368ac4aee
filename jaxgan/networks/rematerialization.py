"""Less memory for more arithmetic: a network whose layers are computed again where their derivatives are taken."""

from functools import partial

import flax.linen as nn
import jax
from jaxtyping import Array, Key, PyTree

from jaxgan.networks.adapter import Network, linen


def rematerialized(network: nn.Module | Network) -> Network:
    """The same network, of which a backward pass keeps the input alone and repeats the forward pass.

    A step then need not hold what lies between the layers for the generator's pass, the one over real rows and the one
    over samples together, if the compiler puts off the repetition until it is needed. Each backward pass costs one
    forward pass more.

    Args:
        network: a Linen module or a `Network`.

    Reference:
        Chen et al., Training Deep Nets with Sublinear Memory Cost, 2016.
    """
    n = network if isinstance(network, Network) else linen(network)

    def apply(
        params: PyTree, variables: PyTree, x: PyTree, condition: PyTree, *, train: bool, key: Key[Array, ""] | None
    ) -> tuple[PyTree, PyTree]:
        return jax.checkpoint(partial(n.apply, train=train))(params, variables, x, condition, key=key)

    return n._replace(apply=apply, apply_with_features=n.apply_with_features and jax.checkpoint(n.apply_with_features))
