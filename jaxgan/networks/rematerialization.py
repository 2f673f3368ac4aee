"""Less memory for more arithmetic: a network whose layers are computed again where their derivatives are taken."""

from functools import partial

import flax.linen as nn
import jax
from jaxtyping import PyTree

from jaxgan.networks.adapter import Network, RandomKey, Step, as_network


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
    n = as_network(network)

    def apply(
        params: PyTree,
        variables: PyTree,
        x: PyTree,
        condition: PyTree,
        *,
        train: bool,
        key: RandomKey,
        step: Step = None,
    ) -> tuple[PyTree, PyTree]:
        return jax.checkpoint(partial(n.apply, train=train))(params, variables, x, condition, key=key, step=step)

    return n._replace(apply=apply, apply_with_features=n.apply_with_features and jax.checkpoint(n.apply_with_features))
