"""Weights of torch-mimicry, which no network of ours can use."""

from collections.abc import Mapping
from typing import NoReturn

import numpy as np

from jaxgan.errors import InputError


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
