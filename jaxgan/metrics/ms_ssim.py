"""Multi-scale structural similarity of two images, and its mean over pairs of samples: how alike they are."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxgan.checks import require
from jaxgan.data.media.images import decode

WINDOW, SIGMA = 11, 1.5
WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
"""Weights of the scales, the finest first."""
LUMINANCE, CONTRAST = 0.01**2, 0.03**2
"""C₁ and C₂ of Wang et al., of a range of 1."""
BATCH = 64


def similarity_of_pairs(images: np.ndarray, *, pairs: int = 1000, seed: int = 0) -> float:
    """The mean of `ms_ssim` over random pairs of two different images: the lower, the more varied.

    Compare it with that of as many pairs of data, within a class where there are classes.

    Args:
        images: `[N, H, W, C]`, float in [-1, 1] or uint8; N at least 2.
        pairs: at least 1.
        seed: seed of the pairs.

    Raises:
        ValueError: if there are no two images, they are smaller than 11 pixels or not finite, or `pairs` is below 1.

    Reference:
        Odena et al., [Conditional Image Synthesis with Auxiliary Classifier GANs](https://arxiv.org/abs/1610.09585),
        2017, section 4.2.

    Examples:
        >>> images = np.tile(np.random.default_rng(0).uniform(-1, 1, [1, 32, 32, 1]), [4, 1, 1, 1]).astype(np.float32)
        >>> round(jaxgan.metrics.ms_ssim.similarity_of_pairs(images), 3)  # all alike
        1.0
    """
    require(isinstance(pairs, int) and pairs >= 1, f"pairs must be at least 1, got {pairs!r}")
    require(images.ndim == 4 and len(images) >= 2, f"images must be two or more [N, H, W, C], got {images.shape}")
    require(min(images.shape[1:3]) >= WINDOW, f"images must have {WINDOW} pixels a side or more, got {images.shape}")
    bad = 0 if images.dtype == np.uint8 else len(images) - int(np.isfinite(images).all(axis=(1, 2, 3)).sum())
    require(bad == 0, f"images must be finite, got {bad} that are not")
    random = np.random.default_rng(seed)
    first = random.integers(len(images), size=pairs)
    second = (first + random.integers(1, len(images), size=pairs)) % len(images)
    found = []
    for start in range(0, pairs, BATCH):
        chosen = [np.resize(index[start : start + BATCH], BATCH) for index in (first, second)]
        similar = ms_ssim(*(jnp.asarray(decode(images[index])) for index in chosen))
        found.append(np.asarray(similar)[: pairs - start])
    return float(np.concatenate(found).mean(dtype=np.float64))


@jax.jit
def ms_ssim(
    first: Float[Array, "pairs height width channels"], second: Float[Array, "pairs height width channels"]
) -> Float[Array, "pairs"]:
    """E[l_M·cs_M]^β_M · Π E[cs_j]^β_j over the scales j < M: luminance at the coarsest scale, contrast times structure
    at all of them.

    E is the mean over the windows: at the coarsest scale of the product of both, as in the authors' program. Windows
    are Gaussian, of 11 pixels and deviation 1.5, and lie within the image. Each scale is the mean of 2×2 pixels of the
    one before; there are as many as leave 11 pixels a side, five at most, and the weights of those sum to 1. A negative
    mean counts as 0; channels are averaged.

    Args:
        first: images in [-1, 1], at least 11 pixels a side.
        second: as many.

    Raises:
        ValueError: if they are smaller.

    Reference:
        Wang et al., Multi-Scale Structural Similarity for Image Quality Assessment, 2003, equation 7.
    """
    side = min(first.shape[1:3])
    require(side >= WINDOW, f"images must have at least {WINDOW} pixels a side for MS-SSIM, got {first.shape[1:3]}")
    scales = sum(side // 2**j >= WINDOW for j in range(len(WEIGHTS)))
    weights = np.array(WEIGHTS[:scales]) / sum(WEIGHTS[:scales])
    x, y = (first + 1) / 2, (second + 1) / 2
    product = jnp.ones(())
    for j, weight in enumerate(weights):
        luminance, contrast = _compared(x, y)
        similarity = luminance * contrast if j == scales - 1 else contrast
        product *= jnp.maximum(similarity.mean(axis=(1, 2)), 0) ** weight
        x, y = _halved(x), _halved(y)
    return product.mean(axis=-1)


@jax.jit
def ssim(
    first: Float[Array, "pairs height width channels"], second: Float[Array, "pairs height width channels"]
) -> Float[Array, "pairs"]:
    """E[l·cs], the structural similarity at one scale: luminance times contrast and structure, windows as above.

    Args:
        first: images in [-1, 1], at least 11 pixels a side.
        second: as many.

    Raises:
        ValueError: if they are smaller.

    Reference:
        Wang et al., Image Quality Assessment: From Error Visibility to Structural Similarity, 2004, equation 13.

    Examples:
        >>> images = np.random.default_rng(0).uniform(-1, 1, [2, 16, 16, 1]).astype(np.float32)
        >>> print(np.round(jaxgan.metrics.ms_ssim.ssim(images, images), 3))
        [1. 1.]
    """
    side = min(first.shape[1:3])
    require(side >= WINDOW, f"images must have at least {WINDOW} pixels a side for SSIM, got {first.shape[1:3]}")
    luminance, contrast = _compared((first + 1) / 2, (second + 1) / 2)
    return (luminance * contrast).mean(axis=(1, 2, 3))


def _compared(
    x: Float[Array, "pairs height width channels"], y: Float[Array, "pairs height width channels"]
) -> tuple[Float[Array, "pairs rows columns channels"], Float[Array, "pairs rows columns channels"]]:
    """Luminance l and contrast times structure cs of each window."""
    mean = partial(_windowed, rows=_windows(x.shape[1]), columns=_windows(x.shape[2]))
    mean_x, mean_y = mean(x), mean(y)
    variances = mean(x * x) - mean_x**2 + mean(y * y) - mean_y**2
    covariance = mean(x * y) - mean_x * mean_y
    contrast = (2 * covariance + CONTRAST) / (variances + CONTRAST)
    luminance = (2 * mean_x * mean_y + LUMINANCE) / (mean_x**2 + mean_y**2 + LUMINANCE)
    return luminance, contrast


def _windows(side: int) -> np.ndarray:
    """`[windows, side]`: the weights of the pixels in each window of a line."""
    gaussian = np.exp(-(((np.arange(WINDOW) - WINDOW // 2) / SIGMA) ** 2) / 2)
    windows = np.zeros((side - WINDOW + 1, side), np.float32)
    for i, row in enumerate(windows):
        row[i : i + WINDOW] = gaussian / gaussian.sum()
    return windows


def _windowed(x: Float[Array, "pairs height width channels"], *, rows: np.ndarray, columns: np.ndarray) -> Array:
    return jnp.einsum("ih,nhwc,jw->nijc", rows, x, columns)


def _halved(x: Float[Array, "pairs height width channels"]) -> Array:
    height, width = (side // 2 * 2 for side in x.shape[1:3])
    even = x[:, :height, :width]
    return (even[:, ::2, ::2] + even[:, 1::2, ::2] + even[:, ::2, 1::2] + even[:, 1::2, 1::2]) / 4
