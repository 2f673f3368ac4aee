"""How close images are to their targets, pair by pair."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxgan.checks import require
from jaxgan.metrics.ms_ssim import WINDOW, ssim

OF_PAIRS = ("l1", "psnr", "ssim")
BATCH = 256


def pair_measures(
    made: Float[np.ndarray, "n height width channels"], target: Float[np.ndarray, "n height width channels"]
) -> dict[str, float]:
    """Means over the pairs of images in [-1, 1].

    | measure | of a pair |
    |---|---|
    | `l1` | mean absolute difference, in [0, 2] |
    | `psnr` | 10·log₁₀(2² / mean squared difference) in decibels; images that are the same have ∞ |
    | `ssim` | structural similarity, see `jaxgan.metrics.ms_ssim.ssim`; left out below 11 pixels a side |

    Args:
        made: images.
        target: as many of the same shape.

    Raises:
        ValueError: if the shapes differ or are no images.

    Reference:
        Wang et al., Image Quality Assessment: From Error Visibility to Structural Similarity, 2004.

    Examples:
        >>> black, grey = np.full([1, 2, 2, 1], -1.0), np.full([1, 2, 2, 1], 0.0)
        >>> jaxgan.metrics.pairs.pair_measures(black, grey)["l1"]
        1.0
    """
    require(
        made.ndim == 4 and made.shape == target.shape and len(made) > 0,
        f"made and target must be images of one shape [n, H, W, C], got {made.shape} and {target.shape}",
    )
    found = {"l1": float(np.mean(np.abs(made.astype(np.float64) - target))), "psnr": float(np.mean(psnr(made, target)))}
    if min(made.shape[1:3]) >= WINDOW:
        parts = [slice(start, start + BATCH) for start in range(0, len(made), BATCH)]
        similar = [np.asarray(ssim(jnp.asarray(made[part]), jnp.asarray(target[part]))) for part in parts]
        found["ssim"] = float(np.mean(np.concatenate(similar)))
    return found


def psnr(
    made: Float[np.ndarray, "n height width channels"], target: Float[np.ndarray, "n height width channels"]
) -> Float[np.ndarray, "n"]:
    """PSNR of each pair of images in [-1, 1]: 10·log₁₀(2² / mean squared difference) decibels, ∞ if they are equal.

    Examples:
        >>> black, grey = np.full([1, 2, 2, 1], -1.0), np.full([1, 2, 2, 1], 0.0)
        >>> jaxgan.metrics.pairs.psnr(black, grey).round(2).tolist()  # 10 log10(2² / 1²)
        [6.02]
    """
    with np.errstate(divide="ignore"):
        return 10 * np.log10(4 / np.mean((made.astype(np.float64) - target) ** 2, axis=(1, 2, 3)))
