"""A network as two pure functions, and the adapter that makes them from a Flax Linen module.

Games know networks only as `Network`, so a module of NNX, Haiku or Equinox fits once its two functions are written.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import flax.linen as nn
import jax
from jaxtyping import Array, Key, PyTree

from jaxgan.devices import AXIS, mapped_axis


class Network(NamedTuple):
    """A network as functions of its parameters and variables."""

    init: Callable[[Key[Array, ""], PyTree, Any], tuple[PyTree, PyTree]]
    """`(key, x, condition) -> (params, variables)`; variables are batch statistics, spectral vectors and the like."""
    apply: Callable[..., tuple[PyTree, PyTree]]
    """`(params, variables, x, condition, *, train, key) -> (output, variables)`; in evaluation mode (`train=False`) the
    variables come back unchanged and the key, for dropout, may be None."""


def linen(module: nn.Module) -> Network:
    """Adapt a Linen module whose call is `module(x, condition=None, *, train) -> output`.

    Every variable collection but "params" is carried as variables and moved in training mode. Random streams: "params"
    at initialisation, "dropout" in training mode, different on every device.

    Raises:
        TypeError: if `module` is not an instance of `flax.linen.Module`.
    """
    if not isinstance(module, nn.Module):
        raise TypeError(f"expected an instance of flax.linen.Module, got {module!r}")

    def init(key: Key[Array, ""], x: PyTree, condition: Any) -> tuple[PyTree, PyTree]:
        params_key, dropout_key = jax.random.split(key)
        variables = dict(module.init({"params": params_key, "dropout": dropout_key}, x, condition, train=True))
        return variables.pop("params", {}), variables

    def apply(
        params: PyTree, variables: PyTree, x: PyTree, condition: Any, *, train: bool, key: Key[Array, ""] | None
    ) -> tuple[PyTree, PyTree]:
        collections = {"params": params, **variables}
        if not train:
            return module.apply(collections, x, condition, train=False), variables
        rngs = {} if key is None else {"dropout": _of_this_device(key)}
        output, moved = module.apply(collections, x, condition, train=True, mutable=list(variables), rngs=rngs)
        return output, {**variables, **moved}

    return Network(init, apply)


def _of_this_device(key: Key[Array, ""]) -> Key[Array, ""]:
    return key if mapped_axis() is None else jax.random.fold_in(key, jax.lax.axis_index(AXIS))
