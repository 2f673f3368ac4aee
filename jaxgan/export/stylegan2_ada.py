"""Weights of the authors' StyleGAN2-ADA under the names of `networks.StyleGAN2Generator` and its discriminator."""

import re
from collections.abc import Mapping

import numpy as np

from jaxgan.checks import require
from jaxgan.errors import InputError
from jaxgan.networks.layers.fir import BILINEAR

GENERATOR, DISCRIMINATOR = "G_ema.", "D."
"""Before the names of each network in the file of the converter script; a file of `G_ema` alone may have none."""
CONST = "synthesis.b4.const"


def is_stylegan2_ada(arrays: Mapping[str, np.ndarray]) -> bool:
    """Whether these are the arrays of such a generator."""
    return CONST in arrays or f"{GENERATOR}{CONST}" in arrays


def from_stylegan2_ada(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays of the program's `Generator` (`state_dict()`), as `jaxgan export` names those of ours; all float32.

    Kernels `[out, in, rows, columns]` become `[rows, columns, in, out]`. Those after upsampling are mirrored, because
    the program convolves there and correlates elsewhere. The constant noise of the program's evaluation is left out:
    ours has its own.

    Raises:
        ValueError: if an array is missing, or the network has another architecture or filter than ours.

    Reference:
        https://github.com/NVlabs/stylegan2-ada-pytorch, training/networks.py.
    """
    of, sides = (
        _Arrays(arrays, GENERATOR),
        _sides(arrays, rf"(?:{re.escape(GENERATOR)})?synthesis\.b(\d+)\.conv1\.weight"),
    )
    names = {name.removeprefix(GENERATOR) for name in arrays}
    require(
        all(f"synthesis.b{side}.torgb.weight" in names for side in sides),
        "the weights are those of a StyleGAN2 without skip connections to the colours, and ours has them",
    )
    of.check_filter(f"synthesis.b{sides[-1]}.resample_filter")
    found = _mapping("params.mapping", "mapping", of, names)
    found["params.synthesis.start"] = of(CONST).transpose(1, 2, 0)
    layers = [(side, part) for side in sides for part in ("conv0", "conv1") if (side, part) != (4, "conv0")]
    for i, (side, part) in enumerate(layers):
        ours, theirs = f"params.synthesis.StyledConv_{i}", f"synthesis.b{side}.{part}"
        kernel = of(f"{theirs}.weight")
        found |= _affine(ours, theirs, of)
        found[f"{ours}.kernel"] = _kernel(kernel[:, :, ::-1, ::-1] if part == "conv0" else kernel)
        found[f"{ours}.noise"] = of(f"{theirs}.noise_strength").reshape(())
    for i, side in enumerate(sides):
        ours, theirs = f"params.synthesis.Colours_{i}", f"synthesis.b{side}.torgb"
        found |= _affine(ours, theirs, of)
        found[f"{ours}.kernel"] = _kernel(of(f"{theirs}.weight"))
    found["variables.network.averages.mean_style"] = of("mapping.w_avg")
    return {name: np.asarray(array, order="C") for name, array in found.items()}


def discriminator_of_stylegan2_ada(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays of the program's `Discriminator` in the same file; none if it has none.

    Raises:
        ValueError: if one is missing, or the network has another architecture than ours.
    """
    names = {name.removeprefix(DISCRIMINATOR) for name in arrays if name.startswith(DISCRIMINATOR)}
    if not names:
        return {}
    of = _Arrays(arrays, DISCRIMINATOR)
    sides = _sides(arrays, rf"{re.escape(DISCRIMINATOR)}b(\d+)\.conv0\.weight")[::-1]
    layers = [f"b{sides[0]}.fromrgb"]
    for side in sides:
        residual = ["skip"] if f"b{side}.skip.weight" in names else []
        layers += [f"b{side}.{part}" for part in ("conv0", "conv1", *residual)]
    require(
        not any(f"b{side}.fromrgb.weight" in names for side in sides[1:]),
        "the weights are those of a discriminator that reads the colours at every size, and ours reads them once",
    )
    found = {}
    for i, name in enumerate([*layers, "b4.conv"]):
        found[f"params.EqualizedConv_{i}.kernel"] = _kernel(of(f"{name}.weight"))
        if f"{name}.bias" in names:
            found[f"params.EqualizedConv_{i}.bias"] = of(f"{name}.bias")
    dense = of("b4.fc.weight")
    places = dense.reshape(len(dense), -1, 4, 4).transpose(2, 3, 1, 0)
    found["params.EqualizedDense_0.kernel"] = places.reshape(-1, len(dense))
    found["params.EqualizedDense_1.kernel"] = of("b4.out.weight").T
    for i, name in enumerate(("b4.fc", "b4.out")):
        found[f"params.EqualizedDense_{i}.bias"] = of(f"{name}.bias")
    if "mapping.fc0.weight" in names:
        found |= _mapping("params.Mapping_0", "mapping", of, names)
    return {name: np.asarray(array, order="C") for name, array in found.items()}


class _Arrays:
    """The arrays of one network, by their names in the program."""

    def __init__(self, arrays: Mapping[str, np.ndarray], prefix: str) -> None:
        self.arrays = {name.removeprefix(prefix): array for name, array in arrays.items()}

    def __call__(self, name: str) -> np.ndarray:
        if name not in self.arrays:
            raise InputError(f"the weights look like those of StyleGAN2-ADA, but {name} is missing")
        return np.asarray(self.arrays[name], np.float32)

    def check_filter(self, name: str) -> None:
        ours = np.outer(BILINEAR, BILINEAR) / np.sum(BILINEAR) ** 2
        theirs = self(name)
        require(
            theirs.shape == ours.shape and np.allclose(theirs, ours, atol=1e-6),
            f"the weights are those of a StyleGAN2 with another filter for resampling than {list(BILINEAR)}",
        )


def _sides(arrays: Mapping[str, np.ndarray], pattern: str) -> list[int]:
    return sorted(int(match[1]) for match in (re.fullmatch(pattern, name) for name in arrays) if match)


def _mapping(ours: str, theirs: str, of: _Arrays, names: set[str]) -> dict[str, np.ndarray]:
    depth = sum(re.fullmatch(rf"{theirs}\.fc\d+\.weight", name) is not None for name in names)
    parts = [(f"EqualizedDense_{i}", f"fc{i}") for i in range(depth)]
    parts += [("embedding", "embed")] if f"{theirs}.embed.weight" in names else []
    found = {}
    for mine, yours in parts:
        found[f"{ours}.{mine}.kernel"] = of(f"{theirs}.{yours}.weight").T
        found[f"{ours}.{mine}.bias"] = of(f"{theirs}.{yours}.bias")
    return found


def _affine(ours: str, theirs: str, of: _Arrays) -> dict[str, np.ndarray]:
    return {
        f"{ours}.affine.kernel": of(f"{theirs}.affine.weight").T,
        f"{ours}.affine.bias": of(f"{theirs}.affine.bias"),
        f"{ours}.bias": of(f"{theirs}.bias"),
    }


def _kernel(weight: np.ndarray) -> np.ndarray:
    return weight.transpose(2, 3, 1, 0)
