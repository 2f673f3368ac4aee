"""Perceptual path length: how fast the features of a sample change as its latent moves."""

import math
from collections.abc import Callable
from typing import Literal

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxgan.checks import require, require_choice, require_number
from jaxgan.games.latents import slerp
from jaxgan.metrics.features import BATCH, FeatureFunction

Way = Callable[[Float[Array, "batch size"], Float[Array, "batch size"], Float[Array, "batch"]], Float[Array, "..."]]


def path_length(
    sample: Callable[[Float[Array, "batch size"]], Array],
    features: FeatureFunction,
    start: np.ndarray,
    end: np.ndarray,
    *,
    epsilon: float = 1e-4,
    way: Way = slerp,
    sampling: Literal["full", "end"] = "full",
    trim: float = 0.0,
    seed: int = 0,
    batch_size: int = BATCH,
) -> float:
    """E |f(G(way(z, z'; t))) − f(G(way(z, z'; t + ε)))|² / ε², f the features; t is uniform on [0, 1 − ε], or 0.

    `ppl2_wend` of StyleGAN2's programs has f of LPIPS, `sample` from mapped latents w on with fresh noise, `start` and
    `end` 50,000 mapped latents each, `way=lerp`, `sampling="end"` and `trim=0.01`.

    Args:
        sample: `latents [B, Z] -> images [B, ...]` in [-1, 1], deterministic, compiled; condition and noise held fixed.
        features: whose squared Euclidean distance is taken.
        start: latents z `[N, Z]`.
        end: latents z' `[N, Z]`.
        epsilon: ε, above 0 and below 1; much below 1e-4 the difference drowns in the rounding of float32.
        way: `games.latents.slerp` for normal latents, `games.latents.lerp` for uniform ones or a mapped latent space.
        sampling: "full": t along the whole way; "end": t = 0, where latents are drawn and not mixed of two.
        trim: share of the lengths, below 0.5, that is left out at either end, as `numpy.percentile` counts with
            "lower" and "higher"; 0 as in the paper.
        seed: seed of t.
        batch_size: latents of a call.

    Raises:
        ValueError: if the latents do not fit each other, or an argument is out of its bounds.

    Reference:
        Karras et al., [A Style-Based Generator Architecture for Generative Adversarial
        Networks](https://arxiv.org/abs/1812.04948), 2019, equations 2 (latents, slerp) and 3 (mapped latents, lerp).
    """
    require(
        start.ndim == 2 and start.shape == end.shape and len(start) >= 1,
        f"start and end must be latents [N, Z] of one shape, got {start.shape} and {end.shape}",
    )
    require_number("epsilon", epsilon, below=1)
    require(epsilon > 0, f"epsilon must be above 0, got {epsilon}")
    require(isinstance(batch_size, int) and batch_size >= 1, f"batch_size must be at least 1, got {batch_size!r}")
    require_choice("sampling", sampling, ("full", "end"))
    require_number("trim", trim, at_least=0, below=0.5)
    count = len(start)
    along = np.random.default_rng(seed).uniform(0, 1 - epsilon, count).astype(np.float32)
    if sampling == "end":
        along = np.zeros_like(along)
    lengths = []
    for first in range(0, count, batch_size):
        rows = np.arange(first, first + batch_size) % count
        near, far = (
            features.of(sample(way(jnp.asarray(start[rows]), jnp.asarray(end[rows]), jnp.asarray(t)))).features
            for t in (along[rows], along[rows] + np.float32(epsilon))
        )
        apart = np.asarray(near, np.float64) - np.asarray(far, np.float64)
        lengths.append(np.sum(apart**2, axis=1)[: count - first] / epsilon**2)
    found = np.sort(np.concatenate(lengths))
    require(
        bool(np.isfinite(found).all()), f"features of samples must be finite, got {(~np.isfinite(found)).sum()} not"
    )
    lowest, highest = math.floor(trim * (count - 1)), math.ceil((1 - trim) * (count - 1))
    return float(found[lowest : highest + 1].mean())
