"""Layers for networks of your own: they keep one device and many the same run, and are quick on the CPU.

Batch normalisation takes its statistics over all devices, dropout masks belong to the rows of the global batch, and
convolutions use the fastest form for the platform. They are Flax Linen modules, or functions, of arrays `[B, ...]` with
channels last.
"""

from jaxgan.networks.layers.adain import AdaptiveInstanceNorm as AdaptiveInstanceNorm
from jaxgan.networks.layers.adain import adain as adain
from jaxgan.networks.layers.attention import SelfAttention as SelfAttention
from jaxgan.networks.layers.batch_norm import batch_norm as batch_norm
from jaxgan.networks.layers.conditional_norm import ConditionalBatchNorm as ConditionalBatchNorm
from jaxgan.networks.layers.dropout import Dropout as Dropout
from jaxgan.networks.layers.fourier import fourier_features as fourier_features
from jaxgan.networks.layers.instance_norm import InstanceNorm as InstanceNorm
from jaxgan.networks.layers.instance_norm import instance_norm as instance_norm
from jaxgan.networks.layers.linear import Conv as Conv
from jaxgan.networks.layers.linear import ConvTranspose as ConvTranspose
from jaxgan.networks.layers.linear import Dense as Dense
from jaxgan.networks.layers.minibatch_stddev import minibatch_stddev as minibatch_stddev
from jaxgan.networks.layers.pixel_norm import pixel_norm as pixel_norm
from jaxgan.networks.layers.projection import ProjectionHead as ProjectionHead
from jaxgan.networks.layers.rows import draw_rows as draw_rows
from jaxgan.networks.layers.spade import SpatiallyAdaptiveNorm as SpatiallyAdaptiveNorm
