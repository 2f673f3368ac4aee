"""Weights of the authors' R3GAN generators under the names and in the layout of `networks.R3GANGenerator`."""

import re
from collections.abc import Mapping

import numpy as np

from jaxgan.errors import InputError

PREFIX = "Model."
"""Before all names in the program's snapshots."""


def is_r3gan(arrays: Mapping[str, np.ndarray]) -> bool:
    """Whether these are the arrays of a generator of the authors' program."""
    return any(name.removeprefix(PREFIX) == "MainLayers.0.Layers.0.Basis" for name in arrays)


def from_r3gan(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays of the program's `Generator` (`state_dict()`), as `jaxgan export` names those of ours.

    Kernels of convolutions `[out, in, rows, columns]` become `[rows, columns, in, out]`, those of dense layers `[out,
    in]` become `[in, out]`, all float32. The filters of the resampling are constants, and left out.

    Raises:
        ValueError: if one is missing.

    Reference:
        https://github.com/brownvc/R3GAN, R3GAN/Networks.py.
    """
    plain = {name.removeprefix(PREFIX): np.asarray(array, np.float32) for name, array in arrays.items()}

    def of(name: str) -> np.ndarray:
        if name not in plain:
            raise InputError(f"the weights look like those of R3GAN, but {name} is missing")
        return plain[name]

    found = {"params.basis": of("MainLayers.0.Layers.0.Basis").transpose(1, 2, 0)}
    found["params.modulation.kernel"] = of("MainLayers.0.Layers.0.LinearLayer.weight").T
    if "EmbeddingLayer.weight" in plain:
        found["params.embedding.kernel"] = plain["EmbeddingLayer.weight"].T
    changes = _sorted(plain, r"MainLayers\.(\d+)\.Layers\.(0)\.LinearLayer\.Layer\.weight")
    for i, name in enumerate([*changes, "AggregationLayer.Layer.weight"]):
        found[f"params.Conv_{i}.kernel"] = _kernel(of(name))
    for i, name in enumerate(_sorted(plain, r"MainLayers\.(\d+)\.Layers\.(\d+)\.LinearLayer1\.Layer\.weight")):
        block, ours = name.removesuffix("LinearLayer1.Layer.weight"), f"params.ResidualBlock_{i}"
        for layer in range(3):
            found[f"{ours}.Conv_{layer}.kernel"] = _kernel(of(f"{block}LinearLayer{layer + 1}.Layer.weight"))
        for layer in range(2):
            found[f"{ours}.Conv_{layer}.bias"] = of(f"{block}NonLinearity{layer + 1}.Bias")
    return {name: np.ascontiguousarray(array) for name, array in found.items()}


def _sorted(names: Mapping[str, np.ndarray], pattern: str) -> list[str]:
    """Names that match, in the order of their stage and of the layer in it."""
    found = [match for match in (re.fullmatch(pattern, name) for name in names) if match]
    return [match[0] for match in sorted(found, key=lambda match: (int(match[1]), int(match[2])))]


def _kernel(weight: np.ndarray) -> np.ndarray:
    return weight.transpose(2, 3, 1, 0)
