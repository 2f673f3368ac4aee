"""The adapter that makes a `Network` from an Equinox module; it needs `pip install 'jaxgan[equinox]'`."""

from collections.abc import Callable
from typing import Any

import jax
from jaxtyping import Array, Key, PyTree

from jaxgan.checks import require_call
from jaxgan.networks.adapter import Network, RandomKey, Step, inputs

Leaves = dict[str, Array]
"""Arrays by their path in the module, such as ".layers[0].weight"."""


def equinox(build: Callable[[Key[Array, ""]], Any]) -> Network:
    """Adapt an Equinox module whose call is `module(x [B, ...], condition, *, train, key) -> output [B, ...]`,
    or takes fewer of the last three.

    Its floating-point arrays are the parameters; there are no variables, so `equinox.nn.BatchNorm` does not fit. The
    key is another one in every pass and on each device, in evaluation mode too, where `train` is False; None where a
    caller of the network passes none. If the call names `step`, it is given the number of steps taken.

    Example:
        ```python
        class Generator(eqx.Module):
            layers: eqx.nn.MLP

            def __init__(self, key):
                self.layers = eqx.nn.MLP(8, 2, 64, 2, key=key)

            def __call__(self, z, condition, *, train, key):
                return jax.vmap(self.layers)(z)

        game = jaxgan.gan(networks.equinox(Generator), networks.MLPDiscriminator(), loss=losses.hinge(), latent_size=8)
        ```

    Args:
        build: `(key) -> module`, such as the module's class.

    Raises:
        TypeError: if `build` takes no key.
        ModuleNotFoundError: if Equinox is not installed.
    """
    import equinox as eqx

    require_call("build", build, "key", "a class of equinox.Module")
    shapes, rest = eqx.partition(eqx.filter_eval_shape(build, jax.random.key(0)), _is_parameter)

    def init(key: Key[Array, ""], x: PyTree, condition: Any) -> tuple[Leaves, dict[str, Array]]:
        params, _ = eqx.partition(build(key), _is_parameter)
        return {jax.tree_util.keystr(path): leaf for path, leaf in jax.tree_util.tree_leaves_with_path(params)}, {}

    def apply(
        params: Leaves, variables: PyTree, x: PyTree, condition: Any, *, train: bool, key: RandomKey, step: Step = None
    ) -> tuple[PyTree, PyTree]:
        arrays = jax.tree_util.tree_map_with_path(lambda path, _: params[jax.tree_util.keystr(path)], shapes)
        module = eqx.combine(arrays, rest)
        given, extra = inputs(module, x, condition, train=train, key=key, step=step)
        return module(*given, **extra), variables

    return Network(init, apply)


def _is_parameter(leaf: Any) -> bool:
    return hasattr(leaf, "dtype") and jax.numpy.issubdtype(leaf.dtype, jax.numpy.inexact)
