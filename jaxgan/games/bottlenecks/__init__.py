"""Bottlenecks of an autoencoder: what makes the codes that the decoder is given of what the encoder makes.

A bottleneck of your own is a `Bottleneck` of three functions; copy one of these.
"""

from jaxgan.games.bottlenecks.codebook import codebook
from jaxgan.games.bottlenecks.contract import Bottleneck
from jaxgan.games.bottlenecks.gaussian import gaussian

__all__ = ["Bottleneck", "codebook", "gaussian"]
