"""The Inception-v3 of the FID literature as a feature function."""

import hashlib
from functools import partial
from pathlib import Path
from typing import cast

import jax
from jaxtyping import Array, Float, PyTree

from jaxgan.checks import require_choice
from jaxgan.metrics.cache import program
from jaxgan.metrics.features import FeatureFunction, Seen
from jaxgan.metrics.inception import network, resizing
from jaxgan.metrics.inception.network import InceptionV3
from jaxgan.metrics.inception.resizing import RESIZERS, resized
from jaxgan.metrics.inception.weights import load_weights


def inception(weights: str | Path, *, resize: str = "tensorflow") -> FeatureFunction:
    """Features of the last pooling, `[B, 2048]`, and class probabilities `[B, 1008]`, of images.

    Images are `[B, H, W, C]` in [-1, 1] with 1 or 3 channels, rounded to 8 bits as if they came from files. The
    network computes in float32, also where the device would rather take less.

    Args:
        weights: path of the published file; see `load_weights`. The name of the feature function carries the first
            eight digits of its SHA-256: 6726825d for the published one.
        resize: "tensorflow" as the Fréchet distance was defined, "pytorch" to compare with figures of pytorch-fid, or
            "clean" with those of clean-fid; see `resizing.py`.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the file does not hold these weights, or `resize` is unknown.

    Reference:
        Heusel et al., [GANs Trained by a Two Time-Scale Update Rule](https://arxiv.org/abs/1706.08500), 2017, section
        4; Salimans et al., [Improved Techniques for Training GANs](https://arxiv.org/abs/1606.03498), 2016, section 4,
        for what the probabilities serve.
    """
    require_choice("resize", resize, tuple(RESIZERS))
    variables = load_weights(Path(weights))
    with Path(weights).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    identity = f"{digest} {resize} {program(network, resizing)}"
    return FeatureFunction(f"inception-{digest[:8]}-{resize}", partial(_see, variables, resize=resize), identity)


@partial(jax.jit, static_argnames="resize")
def _see(variables: PyTree, images: Float[Array, "batch height width channels"], resize: str) -> Seen:
    with jax.default_matmul_precision("highest"):
        features, logits = cast(tuple[Array, Array], InceptionV3().apply(variables, resized(images, RESIZERS[resize])))
    return Seen(features, jax.nn.softmax(logits))
