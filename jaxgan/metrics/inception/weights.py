"""The published weights of the FID literature's Inception-v3, from a local file."""

from functools import cache
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from flax.traverse_util import flatten_dict, unflatten_dict
from jaxtyping import Array, PyTree

from jaxgan.checks import require
from jaxgan.errors import NotFoundError
from jaxgan.metrics.inception.network import SIDE, InceptionV3
from jaxgan.metrics.inception.pth import read_pth
from jaxgan.metrics.inception.safetensors import read_safetensors

PUBLISHED = "https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/pt_inception-2015-12-05-6726825d.pth"
WHERE = (
    f"The published weights are the file {PUBLISHED.rsplit('/', 1)[1]}, 91 MiB, of the release fid_weights of the "
    f"project pytorch-fid: {PUBLISHED}"
)
NAMES = {"kernel": "weight", "scale": "weight", "bias": "bias", "mean": "running_mean", "var": "running_var"}
UNUSED = ("fc.bias", "num_batches_tracked")
"""Endings of names that a file may hold but that are not read."""


def load_weights(path: Path) -> PyTree:
    """Read the variables of `InceptionV3` from a state dict of pytorch-fid or torch-fidelity.

    Args:
        path: path of a file by `torch.save`, or of the same tensors under the same names as `.safetensors`.

    Returns:
        `{"params": ..., "batch_stats": ...}`, float32.

    Raises:
        FileNotFoundError: if there is no such file; the message says where the published one is.
        ValueError: if it cannot be read, or a tensor is missing, not known, or of another shape or type.
    """
    path = Path(path)
    if not path.is_file():
        raise NotFoundError(f"weights of the Inception network: there is no file {path}. {WHERE}")
    tensors = read_safetensors(path) if path.suffix == ".safetensors" else read_pth(path)
    wanted = _wanted()
    _check_names(path, set(tensors), set(wanted))
    for name, (_, shape) in wanted.items():
        came = tensors[name]
        right = came.shape == shape and came.dtype == np.float32
        require(right, f"{path}: {name} must be float32 {shape}, got {came.dtype} {came.shape}. {WHERE}")
    return unflatten_dict({leaf: _channels_last(tensors[name]) for name, (leaf, _) in wanted.items()})


@cache
def _wanted() -> dict[str, tuple[tuple[str, ...], tuple[int, ...]]]:
    """A dict from each tensor's published name to the path of its leaf in the variables and its shape."""
    image = jax.ShapeDtypeStruct((1, SIDE, SIDE, 3), jnp.float32)
    variables = jax.eval_shape(InceptionV3().init, jax.random.key(0), image)
    leaves = {leaf: array.shape for leaf, array in flatten_dict(variables).items()}
    return {".".join((*leaf[1:-1], NAMES[leaf[-1]])): (leaf, _channels_first(shape)) for leaf, shape in leaves.items()}


def _check_names(path: Path, came: set[str], wanted: set[str]) -> None:
    missing = sorted(wanted - came)
    unknown = sorted(name for name in came - wanted if not name.endswith(UNUSED))
    said = [
        f"{len(names)} {what} ({', '.join(names[:3])}{', ...' * (len(names) > 3)})"
        for what, names in (("missing", missing), ("unknown", unknown))
        if names
    ]
    require(not said, f"{path}: tensors that are {' and '.join(said)}. {WHERE}")


def _channels_last(kernel: np.ndarray) -> Array:
    """`[outputs, inputs, ...]` to `[..., inputs, outputs]`; vectors as they are."""
    return jnp.asarray(np.moveaxis(kernel.swapaxes(0, 1), (0, 1), (-2, -1)) if kernel.ndim > 1 else kernel)


def _channels_first(shape: tuple[int, ...]) -> tuple[int, ...]:
    return (shape[-1], shape[-2], *shape[:-2]) if len(shape) > 1 else shape
