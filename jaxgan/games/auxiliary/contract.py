"""What an auxiliary is, and the discriminator that carries its heads."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
from jaxtyping import Array, Float, Key, PyTree

from jaxgan.checks import require
from jaxgan.core import Info, Players, Turn
from jaxgan.networks.adapter import Network

Features = Float[Array, "batch size"]
Classes = Float[Array, "batch classes"]
"""One-hot; rows of zeros have no label, and weigh nothing."""


class Auxiliary(NamedTuple):
    """Heads on the discriminator's features, and what they add to the losses."""

    init: Callable[[Key[Array, ""], int, int], PyTree]
    """`(key, features, classes) -> heads`, their parameters, from the numbers of features and of classes."""
    losses: Callable[[PyTree, Features, Features, Classes, Turn], tuple[Players, Info]]
    """`(heads, features of real rows, of samples, classes, turn) -> (scalars to be added to each loss, info)`."""


class Headed(NamedTuple):
    """Parameters of a discriminator with heads."""

    network: PyTree
    heads: PyTree


def headed(network: Network, auxiliary: Auxiliary) -> Network:
    """The discriminator, told no condition but how many classes there are, with the heads' parameters beside its own.

    Raises:
        ValueError: if the network has no features.
    """
    require(
        network.apply_with_features is not None,
        "auxiliary needs a discriminator with features, see Network.apply_with_features",
    )
    with_features: Any = network.apply_with_features

    def init(key: Key[Array, ""], x: PyTree, condition: Classes) -> tuple[Headed, PyTree]:
        key_network, key_heads = jax.random.split(key)
        params, variables = network.init(key_network, x, None)
        (_, features), _ = jax.eval_shape(partial(with_features, key=key), params, variables, x, None)
        return Headed(params, auxiliary.init(key_heads, features.shape[-1], condition.shape[-1])), variables

    def apply(
        params: Headed, variables: PyTree, x: PyTree, condition: Any, *, train: bool, key: Key[Array, ""] | None
    ) -> tuple[PyTree, PyTree]:
        return network.apply(params.network, variables, x, None, train=train, key=key)

    def apply_with_features(
        params: Headed, variables: PyTree, x: PyTree, condition: Any, *, key: Key[Array, ""]
    ) -> tuple[tuple[PyTree, Features], PyTree]:
        return with_features(params.network, variables, x, None, key=key)

    return Network(init, apply, apply_with_features)
