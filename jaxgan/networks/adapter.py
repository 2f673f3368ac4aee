"""A network as two pure functions, and the adapter that makes them from a Flax Linen module.

Games know networks only as `Network`, so a module of NNX, Haiku or Equinox fits once its two functions are written.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key, PyTree

from jaxgan.checks import require
from jaxgan.core import stream
from jaxgan.devices import AXIS, mapped_axis
from jaxgan.errors import InputTypeError
from jaxgan.networks.layers.rows import STREAM


class Network(NamedTuple):
    """A network as functions of its parameters and variables."""

    init: Callable[[Key[Array, ""], PyTree, Any], tuple[PyTree, PyTree]]
    """`(key, x, condition) -> (params, variables)`; variables are batch statistics, spectral vectors and the like."""
    apply: Callable[..., tuple[PyTree, PyTree]]
    """`(params, variables, x, condition, *, train, key) -> (output, variables)`; in evaluation mode (`train=False`) the
    variables come back unchanged and the key, for dropout, may be None."""
    apply_with_features: Callable[..., tuple[tuple[PyTree, Float[Array, "batch size"]], PyTree]] | None = None
    """As `apply`, in training mode: `(params, variables, x, condition, *, key) -> ((output, features), variables)`; for
    feature matching, or None."""


def linen(module: nn.Module) -> Network:
    """Adapt a Linen module whose call is `module(x, condition=None, *, train) -> output`.

    Every variable collection but "params" is carried as variables and moved in training mode. Random streams: "params"
    at initialisation; in training mode "dropout", different on every device, and that of `layers.dropout`, the same.
    What the module sows as "features" into Flax's collection "intermediates" are its features.

    Raises:
        TypeError: if `module` is not an instance of `flax.linen.Module`.
    """
    if not isinstance(module, nn.Module):
        raise InputTypeError(f"expected an instance of flax.linen.Module, got {module!r}")

    def init(key: Key[Array, ""], x: PyTree, condition: Any) -> tuple[PyTree, PyTree]:
        params_key, dropout_key = jax.random.split(key)
        streams = {"params": params_key, **_dropout(dropout_key)}
        variables = dict(module.init(streams, x, condition, train=True))
        return variables.pop("params", {}), variables

    def apply(
        params: PyTree, variables: PyTree, x: PyTree, condition: Any, *, train: bool, key: Key[Array, ""] | None
    ) -> tuple[PyTree, PyTree]:
        collections = {"params": params, **variables}
        if not train:
            return module.apply(collections, x, condition, train=False), variables
        streams = {} if key is None else _dropout(key)
        output, moved = module.apply(collections, x, condition, train=True, mutable=list(variables), rngs=streams)
        return output, _moved(variables, moved)

    def apply_with_features(
        params: PyTree, variables: PyTree, x: PyTree, condition: Any, *, key: Key[Array, ""]
    ) -> tuple[tuple[PyTree, Float[Array, "batch size"]], PyTree]:
        collections, kept = {"params": params, **variables}, [*variables, "intermediates"]
        output, moved = module.apply(collections, x, condition, train=True, mutable=kept, rngs=_dropout(key))
        moved = dict(moved)
        sown = _sown(moved.pop("intermediates", {}))
        require(bool(sown), f'{type(module).__name__} sows no "features" into the collection "intermediates"')
        features = jnp.concatenate([leaf.reshape(leaf.shape[0], -1) for leaf in sown], axis=1)
        return (output, features), _moved(variables, moved)

    return Network(init, apply, apply_with_features)


def _moved(before: PyTree, after: PyTree) -> PyTree:
    """The variables after a pass, in the types that they had: with x64, Flax makes batch statistics float64."""
    moved = {**before, **after}
    return {name: jax.tree.map(lambda x, y: y.astype(x.dtype), old, moved[name]) for name, old in before.items()}


def _dropout(key: Key[Array, ""]) -> dict[str, Key[Array, ""]]:
    own = key if mapped_axis() is None else jax.random.fold_in(key, jax.lax.axis_index(AXIS))
    return {"dropout": own, STREAM: stream(key, STREAM)}  # Flax folds no names of streams into their keys


def _sown(intermediates: PyTree) -> list[Array]:
    """What modules sowed as "features", at any depth."""
    leaves = jax.tree_util.tree_leaves_with_path(intermediates)
    return [leaf for path, leaf in leaves if jax.tree_util.DictKey("features") in path]
