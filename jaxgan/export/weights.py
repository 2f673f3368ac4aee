"""Parameters and variables as safetensors, under names that a person can read."""

import jax
import numpy as np
from jaxtyping import PyTree

from jaxgan.errors import InputError


def named_arrays(tree: PyTree) -> dict[str, np.ndarray]:
    """Every array by its path, such as `params.Dense_0.kernel`."""
    leaves = jax.tree_util.tree_leaves_with_path(tree)
    return {jax.tree_util.keystr(path, simple=True, separator="."): np.ascontiguousarray(leaf) for path, leaf in leaves}


def as_safetensors(tree: PyTree) -> bytes:
    """The file that holds them.

    Raises:
        ValueError: if safetensors is not installed.
    """
    try:
        from safetensors.numpy import save
    except ModuleNotFoundError as error:
        raise InputError("the weights are written by safetensors: pip install 'jaxgan[export]'") from error
    return save(named_arrays(tree))
