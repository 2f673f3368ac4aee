"""Weights of the programs of others: who wrote a file, and its weights under our names."""

from collections.abc import Mapping

import numpy as np

from jaxgan.export.biggan_deep import from_biggan_deep, is_biggan_deep
from jaxgan.export.mimicry import is_mimicry, refuse_mimicry
from jaxgan.export.r3gan import from_r3gan, is_r3gan
from jaxgan.export.stylegan2_ada import discriminator_of_stylegan2_ada, from_stylegan2_ada, is_stylegan2_ada

Weights = dict[str, np.ndarray]


def under_our_names(weights: Mapping[str, np.ndarray]) -> tuple[Weights, Weights]:
    """Weights of a generator and of a discriminator, which may be none, as `jaxgan export` names them.

    Arrays of an unknown program stay as they are: they are those of a generator of ours.

    Raises:
        ValueError: if an array is missing, or the networks of the other program differ from ours.
    """
    if is_r3gan(weights):
        return from_r3gan(weights), {}
    if is_biggan_deep(weights):
        return from_biggan_deep(weights), {}
    if is_stylegan2_ada(weights):
        return from_stylegan2_ada(weights), discriminator_of_stylegan2_ada(weights)
    if is_mimicry(weights):
        refuse_mimicry()
    return dict(weights), {}
