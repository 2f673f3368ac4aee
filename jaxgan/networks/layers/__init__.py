"""Layers for your own networks. They give the same run on one device and on many, and are fast on the CPU.

Batch normalisation takes its statistics over all devices, dropout masks belong to the rows of the global batch, and
convolutions use the fastest form for the platform. They are Flax Linen modules, or functions, of arrays `[B, ...]` with
channels last.
"""

from jaxgan.networks.layers.adain import AdaptiveInstanceNorm, adain
from jaxgan.networks.layers.attention import SelfAttention
from jaxgan.networks.layers.batch_norm import batch_norm
from jaxgan.networks.layers.clips import Conv3D, ConvTranspose3D
from jaxgan.networks.layers.conditional_norm import ConditionalBatchNorm
from jaxgan.networks.layers.dropout import Dropout
from jaxgan.networks.layers.fourier import fourier_features
from jaxgan.networks.layers.instance_norm import InstanceNorm, instance_norm
from jaxgan.networks.layers.linear import Conv, ConvTranspose, Dense
from jaxgan.networks.layers.minibatch_stddev import minibatch_stddev
from jaxgan.networks.layers.pixel_norm import pixel_norm
from jaxgan.networks.layers.projection import ProjectionHead
from jaxgan.networks.layers.rows import draw_rows
from jaxgan.networks.layers.spade import SpatiallyAdaptiveNorm
from jaxgan.networks.layers.waveform import Conv1D, ConvTranspose1D

__all__ = [
    "AdaptiveInstanceNorm",
    "ConditionalBatchNorm",
    "Conv",
    "Conv1D",
    "Conv3D",
    "ConvTranspose",
    "ConvTranspose1D",
    "ConvTranspose3D",
    "Dense",
    "Dropout",
    "InstanceNorm",
    "ProjectionHead",
    "SelfAttention",
    "SpatiallyAdaptiveNorm",
    "adain",
    "batch_norm",
    "draw_rows",
    "fourier_features",
    "instance_norm",
    "minibatch_stddev",
    "pixel_norm",
]
