"""Several networks as one, each with its own input and output, for players with more than one network."""

from collections.abc import Sequence
from typing import Any

import flax.linen as nn
import jax
from jaxtyping import Array, Key, PyTree

from jaxgan.checks import require
from jaxgan.networks.adapter import Network, RandomKey, Step, as_network


def parallel(*networks: nn.Module | Network) -> Network:
    """One network whose inputs, outputs, parameters and variables are tuples, one entry for each network.

        both = networks.parallel(to_b, to_a)                               # the two translators of CycleGAN
        (fake_b, fake_a), variables = both.apply(params, variables, (a, b), None, train=True, key=key)

    A condition that is not None is a tuple too. Each network has random keys of its own.

    Args:
        networks: Linen modules or `Network`s, at least one.

    Raises:
        ValueError: if there is none; from its functions, if there are not as many inputs as networks.

    Examples:
        >>> both = jaxgan.networks.parallel(*[jaxgan.networks.MLPDiscriminator(hidden=(4,))] * 2)
        >>> shape(both, (jnp.zeros([2, 3]), jnp.zeros([2, 5])))
        ((2,), (2,))
    """
    require(bool(networks), "parallel needs at least one network")
    each = [as_network(network) for network in networks]

    def conditions(x: Sequence[PyTree], condition: Any) -> Sequence[Any]:
        given = (None,) * len(each) if condition is None else condition
        require(
            len(x) == len(given) == len(each),
            f"{len(each)} networks in parallel need as many inputs and conditions, got {len(x)} and {len(given)}",
        )
        return given

    def init(key: Key[Array, ""], x: Sequence[PyTree], condition: Any) -> tuple[PyTree, PyTree]:
        inputs = zip(each, jax.random.split(key, len(each)), x, conditions(x, condition), strict=True)
        params, variables = zip(*(network.init(*rest) for network, *rest in inputs), strict=True)
        return params, variables

    def apply(
        params: PyTree,
        variables: PyTree,
        x: Sequence[PyTree],
        condition: Any,
        *,
        train: bool,
        key: RandomKey,
        step: Step = None,
    ) -> tuple[PyTree, PyTree]:
        keys = [None] * len(each) if key is None else list(jax.random.split(key, len(each)))
        parts = zip(each, params, variables, x, conditions(x, condition), keys, strict=True)
        outputs, moved = zip(
            *(network.apply(*rest, train=train, key=own, step=step) for network, *rest, own in parts), strict=True
        )
        return outputs, moved

    return Network(init, apply)
