"""Parameters and variables as safetensors, under names that a person can read."""

from pathlib import Path
from typing import Any

import jax
import numpy as np
from jaxtyping import PyTree

from jaxgan.errors import InputError, NotFoundError


def named_arrays(tree: PyTree) -> dict[str, np.ndarray]:
    """Every array by its path, such as `params.Dense_0.kernel`."""
    return {name: np.asarray(leaf, order="C") for name, leaf in named_leaves(tree).items()}


def named_leaves(tree: PyTree) -> dict[str, Any]:
    """Every leaf by its path, also if it is a shape alone."""
    leaves = jax.tree_util.tree_leaves_with_path(tree)
    return {jax.tree_util.keystr(path, simple=True, separator="."): leaf for path, leaf in leaves}


def as_safetensors(tree: PyTree) -> bytes:
    """Content of a safetensors file with these arrays.

    Raises:
        ValueError: if safetensors is not installed.
    """
    try:
        from safetensors.numpy import save
    except ModuleNotFoundError as error:
        raise InputError("the weights are written by safetensors: pip install 'jaxgan[export]'") from error
    return save(named_arrays(tree))


def read_safetensors(path: Path) -> dict[str, np.ndarray]:
    """Read the arrays of a file by their names.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is none, or safetensors is not installed.
    """
    if not path.is_file():
        raise NotFoundError(f"there is no file {path}")
    try:
        from safetensors.numpy import load
    except ModuleNotFoundError as error:
        raise InputError("weights are read by safetensors: pip install 'jaxgan[export]'") from error
    try:
        return load(path.read_bytes())
    except Exception as error:  # whatever a parser of bytes raises
        raise InputError(f"{path} is no safetensors file: {error}") from error
