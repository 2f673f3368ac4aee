"""How good the samples are; `jaxgan.evaluate` computes several metrics at once."""

from jaxgan.metrics import (
    classifier,
    density_coverage,
    evaluate,
    features,
    frechet,
    inception_score,
    kernel,
    modes,
    ms_ssim,
    path_length,
    points,
    precision_recall,
    random_features,
    sliced_wasserstein,
    summary,
    two_sample,
)

__all__ = [
    "classifier",
    "density_coverage",
    "evaluate",
    "features",
    "frechet",
    "inception_score",
    "kernel",
    "modes",
    "ms_ssim",
    "path_length",
    "points",
    "precision_recall",
    "random_features",
    "sliced_wasserstein",
    "summary",
    "two_sample",
]
