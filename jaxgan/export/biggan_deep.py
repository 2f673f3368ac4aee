"""Weights of BigGAN-deep from `pytorch-pretrained-biggan` under the names of `networks.BigGANDeepGenerator`."""

import re
from collections.abc import Mapping

import numpy as np

from jaxgan.errors import InputError

EPSILON, THEIR_EPSILON = 1e-5, 1e-4
"""Epsilons of batch normalisation."""
COLOURS = 3
"""Their last convolution makes more channels, of which the first three are the image."""
ATTENTION = {"query": "theta", "key": "phi", "value": "g", "output": "o_conv"}
SPECTRAL, STATISTICS = "variables.network.spectral", "variables.network.batch_stats"


def is_biggan_deep(arrays: Mapping[str, np.ndarray]) -> bool:
    """Whether these are the arrays of such a generator."""
    return "generator.gen_z.weight_orig" in arrays


def from_biggan_deep(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays of their `BigGAN` (`state_dict()`), as `jaxgan export` names those of ours; all float32.

    In evaluation mode our generator makes the same images as theirs without truncation, although it lacks some of their
    parameters:

    - The blocks' convolutions have biases, which batch normalisation follows: they are subtracted from its running
      means. The biases at the ends of blocks stay in the sum of all blocks, up to the attention, which needs that sum
      whole: they are added to the bias of the first layer instead.
    - Their epsilon is larger than ours, so the running variances get the difference.
    - The spectral norm of their last convolution is that of all its channels. Ours is that of the colours, so the
      factor between both goes into the batch normalisation and the ReLU before it.

    Kernels are divided by the spectral norm that the file has. With `generator_spectral_norm` ours is estimated anew.

    Raises:
        ValueError: if an array is missing.

    Reference:
        https://github.com/huggingface/pytorch-pretrained-BigGAN, pytorch_pretrained_biggan/model.py.
    """

    def of(name: str) -> np.ndarray:
        if name not in arrays:
            raise InputError(f"the weights look like those of pytorch-pretrained-biggan, but {name} is missing")
        return np.asarray(arrays[name], np.float32)

    found: dict[str, np.ndarray] = {"params.embedding.kernel": of("embeddings.weight").T}

    def put_normalized(ours: str, theirs: str) -> None:
        matrix, u = of(f"{theirs}.weight_orig"), of(f"{theirs}.weight_u")
        norm = u @ matrix.reshape(len(matrix), -1) @ of(f"{theirs}.weight_v")
        found[f"params.{ours}.kernel"], found[f"{SPECTRAL}.{ours}.u"] = _kernel(matrix / norm), u

    def put_statistics(ours: str, theirs: str, shift: np.ndarray) -> None:
        found[f"{STATISTICS}.{ours}.mean"] = of(f"{theirs}.running_means")[-1] + shift
        found[f"{STATISTICS}.{ours}.var"] = of(f"{theirs}.running_vars")[-1] + (THEIR_EPSILON - EPSILON)

    layers = sorted({int(match[1]) for name in arrays if (match := re.match(r"generator\.layers\.(\d+)\.", name))})
    attention = [i for i in layers if f"generator.layers.{i}.gamma" in arrays]
    blocks = [i for i in layers if i not in attention]
    ends = {i: of(f"generator.layers.{i}.conv_3.bias") for i in blocks}

    widest = len(of(f"generator.layers.{blocks[0]}.bn_0.running_means")[-1])
    more = np.zeros(widest, np.float32)
    """What our sum of blocks has more than theirs."""
    for i in blocks:
        if attention and i < attention[-1]:
            more[: len(ends[i])] += ends[i]
    put_normalized("Dense_0", "generator.gen_z")
    bias = of("generator.gen_z.bias")
    found["params.Dense_0.bias"] = bias + np.tile(more, len(bias) // widest)
    for number, i in enumerate(blocks):
        ours, theirs = f"DeepUpBlock_{number}", f"generator.layers.{i}"
        for j in range(4):
            shift = more if j == 0 else -of(f"{theirs}.conv_{j - 1}.bias")
            norm = f"{ours}.ConditionalBatchNorm_{j}"
            put_statistics(f"{norm}.BatchNorm_0", f"{theirs}.bn_{j}", shift)
            put_normalized(f"{norm}.gain", f"{theirs}.bn_{j}.scale")
            put_normalized(f"{norm}.shift", f"{theirs}.bn_{j}.offset")
            put_normalized(f"{ours}.Conv_{j}", f"{theirs}.conv_{j}")
        more = more[: len(ends[i])] - ends[i]
    for number, i in enumerate(attention):
        for ours, theirs in ATTENTION.items():
            put_normalized(f"SelfAttention_{number}.{ours}", f"generator.layers.{i}.snconv1x1_{theirs}")
        found[f"params.SelfAttention_{number}.gamma"] = of(f"generator.layers.{i}.gamma").reshape(())

    put_normalized("Conv_0", "generator.conv_to_rgb")
    kernel = found["params.Conv_0.kernel"][..., :COLOURS]
    vectors, sizes, _ = np.linalg.svd(kernel.reshape(-1, COLOURS).T, full_matrices=False)
    found["params.Conv_0.kernel"], found[f"{SPECTRAL}.Conv_0.u"] = kernel / sizes[0], vectors[:, 0]
    found["params.Conv_0.bias"] = of("generator.conv_to_rgb.bias")[:COLOURS]
    put_statistics("BatchNorm_0", "generator.bn", more)
    found["params.BatchNorm_0.scale"] = of("generator.bn.weight") * sizes[0]
    found["params.BatchNorm_0.bias"] = of("generator.bn.bias") * sizes[0]
    return {name: np.asarray(array, np.float32, order="C") for name, array in found.items()}


def _kernel(weight: np.ndarray) -> np.ndarray:
    return weight.transpose(2, 3, 1, 0) if weight.ndim == 4 else weight.T
