"""Features of a random convolutional network, for images that have no labels to train a classifier on."""

import sys

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float

from jaxgan.checks import require
from jaxgan.metrics.cache import digest, program
from jaxgan.metrics.features import FeatureFunction, Seen

LAYOUT = ("NHWC", "HWIO", "NHWC")
FEATURES = 256
WIDEST = 256
"""Largest number of channels of a layer."""
SMALLEST = 4
"""Pixels a side at which the convolutions end."""


def random_features(shape: tuple[int, ...], *, seed: int = 0) -> FeatureFunction:
    """Features `[B, H, W, C] -> [B, 256]`. Unlike the pixels, they do not grow with the size of the images.

    Convolutions 3×3 of stride 2 with ReLU, of 32 channels and twice as many each time up to 256, until a side has at
    most 4 pixels; then a linear map. All weights are normal, with the variance 2 / inputs, which keeps the mean square
    but at borders (He et al., 2015, equation 10); those of the linear map with 1 / inputs.

    Args:
        shape: shape of the images, `(H, W, C)`.
        seed: seed of the weights; distances are comparable for one seed and one shape.

    Raises:
        ValueError: if it is no shape of images.

    Reference:
        Naeem et al., [Reliable Fidelity and Diversity Metrics for Generative Models](https://arxiv.org/abs/2002.09797),
        2020, who propose random embeddings for images unlike those of ImageNet.

    Examples:
        >>> jaxgan.metrics.random_features.random_features((16, 16, 1)).name[:6]
        'random'
    """
    require(len(shape) == 3 and min(shape) >= 1, f"shape must be (H, W, C) of images, got {shape}")
    random = np.random.default_rng(seed)
    height, width, channels = shape
    kernels: list[np.ndarray] = []
    while not kernels or max(height, width) > SMALLEST:
        wider = min(32 * 2 ** len(kernels), WIDEST)
        kernels.append(_normal(random, (3, 3, channels, wider), 2 / (9 * channels)))
        height, width, channels = -(-height // 2), -(-width // 2), wider
    last = _normal(random, (height * width * channels, FEATURES), 1 / (height * width * channels))

    @jax.jit
    def of(images: Float[Array, "batch height width channels"]) -> Seen:
        x = images
        for kernel in kernels:
            x = jax.nn.relu(lax.conv_general_dilated(x, jnp.asarray(kernel), (2, 2), "SAME", dimension_numbers=LAYOUT))
        return Seen(x.reshape(len(x), -1) @ last)

    weights = digest([*kernels, last])
    return FeatureFunction(f"random network, {weights[:12]}", of, f"{weights} {program(sys.modules[__name__])}")


def _normal(random: np.random.Generator, shape: tuple[int, ...], variance: float) -> Float[np.ndarray, "..."]:
    return (random.standard_normal(shape) * np.sqrt(variance)).astype(np.float32)
