"""The vision transformers DINOv2 and CLIP as feature functions."""

from jaxgan.metrics.vision_transformer.feature_function import vision_transformer
from jaxgan.metrics.vision_transformer.weights import kind_of

__all__ = ["kind_of", "vision_transformer"]
