"""Two domains without pairs, as one datum."""

import zlib
from typing import NamedTuple

from jaxtyping import PyTree


class Unpaired(NamedTuple):
    """Rows of two domains. As the rows of a data set the domains may differ in length, and each is drawn in an order
    of its own; in a batch they are equally many."""

    a: PyTree
    b: PyTree


SEEDS = Unpaired(0, zlib.crc32(b"b"))
"""Numbers that are combined with the seed of an order; domain a has the order that it would have alone."""


def domains(real: PyTree) -> tuple[tuple[PyTree, int], ...]:
    """Parts of a data set's rows that have their own order, each with the number that is combined with its seed."""
    return tuple(zip(real, SEEDS, strict=True)) if isinstance(real, Unpaired) else ((real, 0),)
