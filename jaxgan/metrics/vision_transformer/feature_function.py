"""DINOv2 and CLIP as feature functions."""

import hashlib
from functools import partial
from pathlib import Path

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.metrics.cache import program
from jaxgan.metrics.features import FeatureFunction, Seen
from jaxgan.metrics.inception import resizing
from jaxgan.metrics.inception.resizing import clean_weights, resized_to
from jaxgan.metrics.vision_transformer import network
from jaxgan.metrics.vision_transformer.network import KINDS, Parameters, features
from jaxgan.metrics.vision_transformer.weights import kind_of, load_weights


def vision_transformer(weights: str | Path) -> FeatureFunction:
    """Features of images in DINOv2 or CLIP, whichever the file holds.

    Images are `[B, H, W, C]` in [-1, 1] with 1 or 3 channels, rounded to 8 bits as if they came from files, and resized
    as clean-fid does (bicubic, widened against aliasing). DINOv2's features are the class token after the last
    normalisation, `[B, D]`, as Stein et al. compare them; CLIP's are its embedding of the image, as clean-fid compares
    them. The network computes in float32.

    Args:
        weights: path of a `.safetensors` file with the published tensors. The name of the feature function carries the
            first eight digits of its SHA-256.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the file does not hold such weights.

    Reference:
        Oquab et al., [DINOv2: Learning Robust Visual Features without Supervision](https://arxiv.org/abs/2304.07193),
        2023; Radford et al., [Learning Transferable Visual Models From Natural Language
        Supervision](https://arxiv.org/abs/2103.00020), 2021; their use for distances: Stein et al., [Exposing flaws of
        generative model evaluation metrics and their unfair treatment of diffusion
        models](https://arxiv.org/abs/2306.04675), 2023.
    """
    path = Path(weights)
    name = kind_of(path)
    params, side = load_weights(path, name)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    see = partial(_see, params, name=name, side=side)
    return FeatureFunction(f"{name}-{digest[:8]}", see, f"{digest} {program(network, resizing)}")


@partial(jax.jit, static_argnames=("name", "side"))
def _see(params: Parameters, images: Float[Array, "batch height width channels"], name: str, side: int) -> Seen:
    kind = KINDS[name]
    weights = [clean_weights(pixels, side) for pixels in images.shape[1:3]]
    with jax.default_matmul_precision("highest"):
        x = resized_to(images, *weights) / 255
        x = (x - jnp.array(kind.mean)) / jnp.array(kind.deviation)
        return Seen(features(params, x, name))
