"""Networks that get a part of their game's condition, or none of it."""

from collections.abc import Callable
from typing import Any

import flax.linen as nn
from jaxtyping import Array, Key, PyTree

from jaxgan.networks.adapter import Network, RandomKey, Step, as_network


def unconditional(network: nn.Module | Network) -> Network:
    """The network with None as its condition.

        game = jaxgan.gan(translator, networks.unconditional(discriminator), condition=conditions.like(shape), ...)

    The translator of this game sees a source image, and the discriminator judges what comes of it alone: translation
    without pairs.

    Examples:
        >>> discriminator = jaxgan.networks.unconditional(jaxgan.networks.MLPDiscriminator(hidden=(8,)))
        >>> shape(discriminator, jnp.zeros([2, 3]), labels)  # the labels are not passed on
        (2,)
    """
    return told(network, lambda condition: None)


def told(network: nn.Module | Network, part: Callable[[Any], Any]) -> Network:
    """The network with a part of the condition: `told(discriminator, lambda condition: condition.to)`.

    Examples:
        >>> discriminator = jaxgan.networks.told(jaxgan.networks.MLPDiscriminator(hidden=(8,)), lambda both: both[0])
        >>> shape(discriminator, jnp.zeros([2, 3]), (labels, images))  # it sees the labels alone
        (2,)
    """
    plain = as_network(network)
    featured = plain.apply_with_features

    def init(key: Key[Array, ""], x: PyTree, condition: Any) -> tuple[PyTree, PyTree]:
        return plain.init(key, x, part(condition))

    def apply(
        params: PyTree, variables: PyTree, x: PyTree, condition: Any, *, train: bool, key: RandomKey, step: Step = None
    ) -> tuple[PyTree, PyTree]:
        return plain.apply(params, variables, x, part(condition), train=train, key=key, step=step)

    def apply_with_features(
        params: PyTree, variables: PyTree, x: PyTree, condition: Any, *, key: Key[Array, ""], step: Step = None
    ) -> tuple[tuple[PyTree, Array], PyTree]:
        assert featured is not None
        return featured(params, variables, x, part(condition), key=key, step=step)

    return Network(init, apply, apply_with_features if featured else None)
