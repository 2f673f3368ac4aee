"""The adapter that makes a `Network` from a Flax NNX module."""

import zlib
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx as flax_nnx
from jaxtyping import Array, Key, PyTree

from jaxgan.checks import require_call
from jaxgan.devices import couple_rows, mapped_axis
from jaxgan.networks.adapter import Network, RandomKey, Step, inputs, own_key

Leaves = dict[str, Array]
"""Arrays by their path in the module, such as "layers/0/kernel"."""


def nnx(build: Callable[[flax_nnx.Rngs], flax_nnx.Module]) -> Network:
    """Adapt a module of Flax NNX whose call is `module(x, condition) -> output`, or `module(x)`.

    Its `nnx.Param`s are the parameters; all other state but random streams is carried as variables and moved in
    training mode. `module.train()` and `module.eval()` switch dropout and batch normalisation, and `nnx.BatchNorm`
    takes its statistics over all devices. Random streams have a fresh key in every training pass, another one on each
    device. If the call names `step`, it is given the number of steps taken. If it names `key`, it is given a random
    key, and its streams have fresh keys in evaluation mode too.

    Example:
        ```python
        class Generator(nnx.Module):
            def __init__(self, rngs):
                self.hidden = nnx.Linear(8, 64, rngs=rngs)
                self.out = nnx.Linear(64, 2, rngs=rngs)

            def __call__(self, z, condition):
                return self.out(nnx.relu(self.hidden(z)))

        game = jaxgan.gan(networks.nnx(Generator), networks.MLPDiscriminator(), loss=losses.hinge(), latent_size=8)
        ```

    Args:
        build: `(rngs) -> module`, such as the module's class.

    Raises:
        TypeError: if `build` takes no `rngs`.

    Examples:
        >>> from flax import nnx
        >>> class Generator(nnx.Module):
        ...     def __init__(self, rngs):
        ...         self.layer = nnx.Linear(8, 2, rngs=rngs)
        ...     def __call__(self, latents):
        ...         return self.layer(latents)
        >>> shape(jaxgan.networks.nnx(lambda rngs: Generator(rngs)), latents)
        (2, 2)
    """
    require_call("build", build, "rngs", "a class of flax.nnx.Module")
    module = flax_nnx.eval_shape(lambda: build(flax_nnx.Rngs(jax.random.key(0))))
    first = module.layers[0] if isinstance(module, flax_nnx.Sequential) else module
    graph, abstract_params, streams, abstract_variables = _split(module)

    def init(key: Key[Array, ""], x: PyTree, condition: Any) -> tuple[Leaves, Leaves]:
        _, params, _, variables = _split(build(flax_nnx.Rngs(key)))
        return _leaves(params), _leaves(variables)

    def apply(
        params: Leaves, variables: Leaves, x: PyTree, condition: Any, *, train: bool, key: RandomKey, step: Step = None
    ) -> tuple[PyTree, Leaves]:
        given, extra = inputs(first, x, condition, train=train, key=key, step=step)
        seed = key if train or "key" in extra else None
        states = _state(abstract_params, params), _seeded(streams, seed), _state(abstract_variables, variables)
        whole = flax_nnx.merge(graph, *states)
        if not train:
            whole.eval()
            return whole(*given, **extra), variables
        whole.train()
        for _, part in flax_nnx.iter_modules(whole):
            if isinstance(part, flax_nnx.BatchNorm):
                couple_rows("batch normalisation")
                part.axis_name = mapped_axis()
        output = whole(*given, **extra)
        moved = _leaves(_split(whole)[3])
        return output, {name: moved[name].astype(leaf.dtype) for name, leaf in variables.items()}

    return Network(init, apply)


def _split(module: Any) -> tuple[Any, Any, Any, Any]:
    """The graph of a module, its parameters, its random streams, and its variables."""
    parts: Any = flax_nnx.split(module, flax_nnx.Param, flax_nnx.RngState, ...)
    return parts


def _leaves(state: Any) -> Leaves:
    return {"/".join(map(str, path)): leaf.get_value() for path, leaf in flax_nnx.to_flat_state(state)}


def _state(abstract: Any, leaves: Leaves) -> Any:
    flat = flax_nnx.to_flat_state(abstract)
    return flax_nnx.from_flat_state([(path, leaf.replace(leaves["/".join(map(str, path))])) for path, leaf in flat])


def _seeded(streams: Any, key: RandomKey) -> Any:
    """The random streams of a pass: a key for each by its path, and counts from 0."""
    own: Any = own_key(jax.random.key(0) if key is None else key)

    def fresh(path: tuple[Any, ...], leaf: Any) -> Any:
        if isinstance(leaf, flax_nnx.RngCount):
            return leaf.replace(jnp.zeros((), jnp.uint32))
        return leaf.replace(jax.random.fold_in(own, zlib.crc32("/".join(map(str, path)).encode()) & 0x7FFFFFFF))

    return flax_nnx.from_flat_state([(path, fresh(path, leaf)) for path, leaf in flax_nnx.to_flat_state(streams)])
