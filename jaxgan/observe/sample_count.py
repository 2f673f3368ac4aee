"""Largest number of samples that may be drawn at once."""

import math

from jaxtyping import PyTree

from jaxgan.checks import require
from jaxgan.memory import memory

MOST = 1_000_000
"""Twenty times the samples of published distances."""


def check_count(n: int, shape: PyTree, *, item: int, name: str = "n", most: int = MOST) -> None:
    """Raise `ValueError` if so many samples are too many, or need more memory than the machine has.

    Args:
        n: samples.
        shape: shape of one sample, or a tree of shapes.
        item: bytes of a number.
        name: name of `n` in the message.
        most: largest number, whatever the memory.
    """
    numbers = _numbers(shape)
    most = min(most, memory() // (numbers * item))
    require(n <= most, f"{name} must be at most {most:,} for samples of {numbers:,} numbers on this machine, got {n:,}")


def _numbers(shape: PyTree) -> int:
    if all(isinstance(side, int) for side in shape):
        return math.prod(shape)
    return sum(map(_numbers, shape))
