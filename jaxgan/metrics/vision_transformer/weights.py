"""The published weights of DINOv2 and CLIP from safetensors files with the names of Hugging Face."""

import json
import struct
from functools import partial
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from jaxgan.checks import require
from jaxgan.errors import InputError, NotFoundError
from jaxgan.metrics.inception.safetensors import read_safetensors
from jaxgan.metrics.vision_transformer.network import HEAD, KINDS, PARTS, Parameters, features

SIDE = 224
"""Pixels a side to which images are resized for DINOv2; CLIP takes the size that it was trained with."""
OFFSET = 0.1
"""What DINOv2's program adds to the new number of patches a side, before it resizes the positions by the ratio."""
WHERE = (
    "The published weights are model.safetensors of facebook/dinov2-small, -base and -large, and of "
    "openai/clip-vit-base-patch32, -base-patch16 and -large-patch14, with the tensors' names of Hugging Face"
)


def kind_of(path: Path) -> str:
    """Whether a file holds DINOv2 or CLIP: a key of `KINDS`. Only its list of tensors is read.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it holds neither.
    """
    if not path.is_file():
        raise NotFoundError(f"weights of DINOv2 or CLIP: there is no file {path}. {WHERE}")
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            require(length <= path.stat().st_size, "its header is longer than the file")
            names = set(json.loads(file.read(length)))
    except (struct.error, ValueError, TypeError) as error:
        raise InputError(f"{path} is not a safetensors file: {error}") from error
    found = [name for name, kind in KINDS.items() if kind.tensors["class"] in names]
    require(bool(found), f"{path} holds neither DINOv2 nor CLIP. {WHERE}")
    return found[0]


def load_weights(path: Path, name: str) -> tuple[Parameters, int]:
    """Parameters, those of all blocks one above the other, and the pixels a side of the images that they take.

    Raises:
        ValueError: if the file cannot be read, or a tensor is missing or of a shape that does not fit.
    """
    try:
        return _loaded(path, name)
    except InputError:
        raise
    except (TypeError, ValueError) as error:
        raise InputError(f"{path}: the shapes of its tensors do not fit together. {WHERE}") from error


def _loaded(path: Path, name: str) -> tuple[Parameters, int]:
    kind, tensors = KINDS[name], read_safetensors(path)

    def tensor(of: str) -> np.ndarray:
        require(of in tensors, f"{path}: there is no tensor {of}. {WHERE}")
        return tensors[of]

    start = tensor(kind.tensors["class"]).reshape(-1)
    kernel = tensor(f"{kind.tensors['patches']}.weight")
    size, patch = len(start), kernel.shape[-1]
    require(size % HEAD == 0, f"{path}: {size} features cannot be split into heads of {HEAD}")
    require(kernel.shape == (size, 3, patch, patch), f"{path}: {kind.tensors['patches']} has shape {kernel.shape}")
    positions = tensor(kind.tensors["positions"]).reshape(-1, size)
    grid = round((len(positions) - 1) ** 0.5)
    require(grid**2 + 1 == len(positions), f"{path}: {len(positions) - 1} positions are not those of a square")
    side = SIDE if name == "dinov2" else grid * patch
    params = {
        "class": start,
        "patches": kernel.transpose(2, 3, 1, 0).reshape(-1, size),
        "positions": np.concatenate([positions[:1], _positions(positions[1:], grid, side // patch)]),
    }
    bias = f"{kind.tensors['patches']}.bias"
    params["patches_bias"] = tensors.get(bias, np.zeros(size, np.float32))
    for part in ("first", "last"):
        if part in kind.tensors:
            params[part] = np.stack([tensor(f"{kind.tensors[part]}.{one}") for one in ("weight", "bias")])
    if "projection" in kind.tensors:
        params["projection"] = tensor(f"{kind.tensors['projection']}.weight").T
    depth = 0
    while f"{kind.layers}{depth}.{kind.parts[0]}.weight" in tensors:
        depth += 1
    require(depth > 0, f"{path}: there is no tensor {kind.layers}0.{kind.parts[0]}.weight. {WHERE}")

    def stacked(of: str) -> np.ndarray:
        blocks = [tensor(f"{kind.layers}{i}.{of}") for i in range(depth)]
        require(len({one.shape for one in blocks}) == 1, f"{path}: {of} has another shape in each block")
        return np.stack(blocks)

    for ours, theirs in zip(PARTS, kind.parts, strict=True):
        weight = stacked(f"{theirs}.weight")
        params[f"{ours}_weight"] = weight.swapaxes(1, 2) if weight.ndim == 3 else weight
        params[f"{ours}_bias"] = stacked(f"{theirs}.bias")
    if name == "dinov2":
        params |= {f"scale{i}": stacked(f"layer_scale{i}.lambda1") for i in (1, 2)}
    image = jax.ShapeDtypeStruct((1, side, side, 3), np.float32)
    jax.eval_shape(partial(features, name=name), params, image)
    return {key: jnp.asarray(value) for key, value in params.items()}, side


def _positions(table: np.ndarray, old: int, new: int) -> np.ndarray:
    """Positions `[old², D]` for another number of patches a side, `[new², D]`, as PyTorch's bicubic interpolation."""
    if new == old:
        return table
    centres = (np.arange(new) + 0.5) * old / (new + OFFSET) - 0.5
    below = np.floor(centres).astype(int)
    weights = np.zeros((new, old))
    for tap in range(-1, 3):
        x = np.abs(centres - below - tap)
        near = (1.25 * x - 2.25) * x * x + 1
        far = ((-0.75 * x + 3.75) * x - 6) * x + 3
        np.add.at(weights, (np.arange(new), np.clip(below + tap, 0, old - 1)), np.where(x <= 1, near, far))
    square = table.reshape(old, old, -1)
    return np.einsum("ih,jw,hwd->ijd", weights, weights, square).reshape(new**2, -1).astype(np.float32)
