"""The Inception-v3 of the FID literature."""

from jaxgan.metrics.inception.feature_function import inception

__all__ = ["inception"]
