"""Weights of the programs of others: who wrote a file, and its weights under our names."""

from collections.abc import Mapping
from typing import NoReturn

import numpy as np

from jaxgan.errors import InputError
from jaxgan.export.biggan_deep import from_biggan_deep, is_biggan_deep
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


def is_mimicry(arrays: Mapping[str, np.ndarray]) -> bool:
    """Whether these are the arrays of a residual network of torch-mimicry."""
    return any(name.startswith("block2.c1.") for name in arrays)


def refuse_mimicry() -> NoReturn:
    """Raise `ValueError` that says how its networks differ from `networks.SNResNetGenerator`.

    Reference:
        https://github.com/kwotsin/mimicry, torch_mimicry/modules/resblocks.py (GBlock), nets/sngan/sngan_32.py.
    """
    raise InputError(
        "the weights are those of torch-mimicry, whose generators are not ours: its blocks upsample bilinearly, and "
        "those of sn_resnet repeat each pixel, as in the programs of the papers' authors. Its discriminators at 32 "
        "pixels have a bias in the last layer, and ours have none. The same weights would make other images"
    )
