"""A network as two pure functions, and the adapter that makes it from a Flax Linen module.

Games know networks only as `Network`, so a module of NNX, Haiku or Equinox fits once its two functions are written.
"""

import inspect
from collections.abc import Callable
from inspect import Parameter
from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key, PyTree

from jaxgan.arguments import named
from jaxgan.checks import described, require
from jaxgan.core import stream
from jaxgan.devices import AXIS, mapped_axis
from jaxgan.errors import InputTypeError
from jaxgan.networks.layers.rows import STREAM

RandomKey = Key[Array, ""] | None
Step = Int[Array, ""] | None


MODES = frozenset({"training", "is_training", "deterministic", "inference", "is_train", "use_running_average"})
"""Names that other libraries use for `train`, or for its opposite. Such an argument would be mistaken for the
condition."""


class Network(NamedTuple):
    """A network as functions of its parameters and variables."""

    init: Callable[[Key[Array, ""], PyTree, Any], tuple[PyTree, PyTree]]
    """`(key, x, condition) -> (params, variables)`; variables are batch statistics, spectral vectors and the like."""
    apply: Callable[..., tuple[PyTree, PyTree]]
    """`(params, variables, x, condition, *, train, key) -> (output, variables)`; in evaluation mode (`train=False`) the
    variables come back unchanged and the key may be None. If it names `step`, it is given the number of steps taken,
    an int32 scalar, that of the state in evaluation mode."""
    apply_with_features: Callable[..., tuple[tuple[PyTree, Float[Array, "batch size"]], PyTree]] | None = None
    """As `apply`, in training mode: `(params, variables, x, condition, *, key) -> ((output, features), variables)`; for
    feature matching, or None."""


def as_network(network: nn.Module | Network) -> Network:
    """Turn a Linen module or a `Network` into a network whose functions take a `step`; they ignore it unless they have
    such an argument.

    Raises:
        TypeError: if it is neither.
    """
    own = network if isinstance(network, Network) else linen(network)
    plain, featured = own.apply, own.apply_with_features

    def apply(
        params: PyTree, variables: PyTree, x: PyTree, condition: Any, *, train: bool, key: Any, step: Any = None
    ) -> tuple[PyTree, PyTree]:
        return plain(params, variables, x, condition, train=train, key=key)

    def apply_with_features(
        params: PyTree, variables: PyTree, x: PyTree, condition: Any, *, key: Any, step: Any = None
    ) -> tuple[tuple[PyTree, Float[Array, "batch size"]], PyTree]:
        assert featured is not None
        return featured(params, variables, x, condition, key=key)

    if not named(plain, step=None):
        own = own._replace(apply=apply)
    if featured is not None and not named(featured, step=None):
        own = own._replace(apply_with_features=apply_with_features)
    return own


def linen(module: nn.Module) -> Network:
    """Adapt a Linen module whose call is `module(x, condition, *, train) -> output`, or takes fewer of the last two.

    Every variable collection but "params" is carried as variables and moved in training mode. Random streams: "params"
    at initialisation; in training mode "dropout", different on every device, and that of `layers.Dropout` and
    `layers.draw_rows`, the same. What the module sows as "features" into Flax's collection "intermediates" are its
    features.

    If the call names `step`, it is given the number of steps taken, for what changes along the training, such as a
    temperature. If it names `key`, it is given a random key, another one in every pass and on each device, and both
    streams in evaluation mode too: for noise and dropout that samples are made with. The key is None where a caller of
    the network passes none. A `flax.linen.Sequential` is called as its first layer is.

    Raises:
        TypeError: if `module` is not an instance of `flax.linen.Module`; from the functions, before anything is
            compiled, if its call takes other arguments, or takes no condition and is to be given one.

    Examples:
        >>> network = jaxgan.networks.linen(jaxgan.networks.MLPDiscriminator(hidden=(8,)))
        >>> rows, key = jnp.zeros([2, 3]), jax.random.key(0)
        >>> params, variables = network.init(key, rows, None)
        >>> logits, variables = network.apply(params, variables, rows, None, train=True, key=key)
        >>> logits.shape
        (2,)
    """
    if not isinstance(module, nn.Module):
        raise InputTypeError(
            f"a network must be an instance of flax.linen.Module or a Network; got {described(module)}"
        )
    first = module.layers[0] if isinstance(module, nn.Sequential) else module

    def init(key: Key[Array, ""], x: PyTree, condition: Any) -> tuple[PyTree, PyTree]:
        params_key, dropout_key = jax.random.split(key)
        streams = {"params": params_key, **_dropout(dropout_key)}
        given, extra = inputs(first, x, condition, train=True, key=dropout_key, step=jnp.zeros((), jnp.int32))
        variables = dict(module.init(streams, *given, **extra))
        return variables.pop("params", {}), variables

    def apply(
        params: PyTree, variables: PyTree, x: PyTree, condition: Any, *, train: bool, key: RandomKey, step: Step = None
    ) -> tuple[PyTree, PyTree]:
        collections = {"params": params, **variables}
        given, extra = inputs(first, x, condition, train=train, key=key, step=step)
        streams = {} if key is None or not (train or "key" in extra) else _dropout(key)
        if not train:
            return module.apply(collections, *given, rngs=streams, **extra), variables
        output, moved = module.apply(collections, *given, mutable=list(variables), rngs=streams, **extra)
        return output, _moved(variables, moved)

    def apply_with_features(
        params: PyTree, variables: PyTree, x: PyTree, condition: Any, *, key: Key[Array, ""], step: Step = None
    ) -> tuple[tuple[PyTree, Float[Array, "batch size"]], PyTree]:
        collections, kept = {"params": params, **variables}, [*variables, "intermediates"]
        given, extra = inputs(first, x, condition, train=True, key=key, step=step)
        output, moved = module.apply(collections, *given, mutable=kept, rngs=_dropout(key), **extra)
        moved = dict(moved)
        sown = _sown(moved.pop("intermediates", {}))
        require(bool(sown), f'{type(module).__name__} sows no "features" into the collection "intermediates"')
        features = jnp.concatenate([leaf.reshape(leaf.shape[0], -1) for leaf in sown], axis=1)
        return (output, features), _moved(variables, moved)

    return Network(init, apply, apply_with_features)


def layer_sizes(module: nn.Module, x: PyTree, condition: Any) -> list[int]:
    """Number of features of `linen(module)` from each layer that sows some, in order."""

    def sown() -> list[Array]:
        key = jax.random.key(0)
        given, extra = inputs(module, x, condition, train=True, key=key, step=jnp.zeros((), jnp.int32))
        variables = module.init({"params": key, **_dropout(key)}, *given, mutable=True, **extra)
        return _sown(variables["intermediates"])

    return [leaf.size // leaf.shape[0] for leaf in jax.eval_shape(sown)]


def inputs(
    module: Callable[..., Any], x: PyTree, condition: Any, *, train: bool, key: RandomKey, step: Step
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Arguments of a module's call: its input, the condition and `train` if it takes them, and `step` or `key` if it
    names them.

    Raises:
        TypeError: if the call needs other arguments, or takes no condition and is to be given one.
    """
    signature = inspect.signature(module)
    kinds = {name: parameter.kind for name, parameter in signature.parameters.items()}
    places = [
        name for name, kind in kinds.items() if kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    ]
    for name in MODES & set(kinds):
        raise InputTypeError(f"{_call(module, signature)}: call the argument {name} train, by which it is passed")
    extra = asked_by(module, key, step)
    if "train" in kinds or Parameter.VAR_KEYWORD in kinds.values():
        extra["train"] = train
    given: tuple[Any, ...] = (x,)
    if kinds.get("condition") is Parameter.KEYWORD_ONLY:
        extra["condition"] = condition
    elif Parameter.VAR_POSITIONAL in kinds.values() or (len(places) > 1 and places[1] not in ("train", "key", "step")):
        given = (x, condition)
    elif condition is not None:
        raise InputTypeError(
            f"{_call(module, signature)} takes no condition, but the game has one: write __call__(self, x, condition)"
        )
    try:
        signature.bind(*given, **extra)
    except TypeError as error:
        raise InputTypeError(
            f"a network must take (x, condition, *, train, key, step), or x and fewer of the others; got "
            f"{_call(module, signature)}: {error}"
        ) from None
    return given, extra


def _call(module: Callable[..., Any], signature: inspect.Signature) -> str:
    names = ", ".join(str(parameter.replace(annotation=Parameter.empty)) for parameter in signature.parameters.values())
    return f"{getattr(module, '__name__', type(module).__name__)}({names})"


def asked_by(module: Callable[..., Any], key: RandomKey, step: Step) -> dict[str, Any]:
    """Further arguments of a module's call, if it names them; there may be no step."""
    return named(module, key=own_key(key)) | ({} if step is None else named(module, step=step))


def own_key(key: RandomKey) -> RandomKey:
    """A random key for this device only."""
    return key if key is None or mapped_axis() is None else jax.random.fold_in(key, jax.lax.axis_index(AXIS))


def _moved(before: PyTree, after: PyTree) -> PyTree:
    """Variables after a pass, in their old types: with x64, Flax makes batch statistics float64."""
    moved = {**before, **after}
    return {name: jax.tree.map(lambda x, y: y.astype(x.dtype), old, moved[name]) for name, old in before.items()}


def _dropout(key: Key[Array, ""]) -> dict[str, Any]:
    return {"dropout": own_key(key), STREAM: stream(key, STREAM)}  # Flax folds no names of streams into their keys


def _sown(intermediates: PyTree) -> list[Array]:
    """Features that modules sowed, at any depth."""
    leaves = jax.tree_util.tree_leaves_with_path(intermediates)
    return [leaf for path, leaf in leaves if jax.tree_util.DictKey("features") in path]
