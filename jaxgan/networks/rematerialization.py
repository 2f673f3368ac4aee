"""Less memory for more arithmetic: networks whose layers are computed again for the derivatives."""

from collections.abc import Callable
from functools import partial
from typing import Any

import flax.linen as nn
import jax
from jaxtyping import PyTree

from jaxgan.networks.adapter import Network, RandomKey, Step, as_network


def rematerialized(network: nn.Module | Network) -> Network:
    """The same network, whose backward pass repeats the forward pass instead of storing what lies between the layers.

    A Linen module made of blocks (submodules whose class has a name that ends in Block) repeats one block at a time:
    kept are the inputs of the blocks and what other layers need. Of any other network the input alone is kept; that
    saves memory only if the compiler puts off the repetition until it is needed. Each backward pass costs one forward
    pass more, of the blocks or of the network.

    Args:
        network: a Linen module or a `Network`.

    Reference:
        Chen et al., [Training Deep Nets with Sublinear Memory Cost](https://arxiv.org/abs/1604.06174), 2016.

    Examples:
        >>> shape(jaxgan.networks.rematerialized(jaxgan.networks.MLPDiscriminator(hidden=(8,))), jnp.zeros([2, 3]))
        (2,)
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
        return _again(partial(n.apply, train=train), params, variables, x, condition, key=key, step=step)

    featured = n.apply_with_features
    return n._replace(apply=apply, apply_with_features=featured and partial(_again, featured))


def _again(apply: Callable[..., Any], *args: PyTree, **named: PyTree) -> Any:
    blocks: list[nn.Module] = []

    def by_block(method: Callable[..., Any], args: Any, named: Any, context: nn.module.InterceptorContext) -> Any:
        block, plain = context.module, type(context.module).__call__
        if context.method_name != "__call__" or not type(block).__name__.endswith("Block"):
            return method(*args, **named)
        blocks.append(block)
        call = getattr(plain, "__wrapped__", plain)  # flax's wrapper would ask this function again
        return nn.remat(lambda block, *args: call(block, *args, **named))(block, *args)

    with nn.intercept_methods(by_block):
        result = apply(*args, **named)
    return result if blocks else jax.checkpoint(apply)(*args, **named)
