"""Held-out rows, to see whether the discriminator memorises the rows that it is trained on."""

from dataclasses import replace
from typing import NamedTuple

import jax
import numpy as np

from jaxgan.checks import require
from jaxgan.data.dataset import UNKNOWN, Dataset
from jaxgan.data.unpaired import Unpaired
from jaxgan.program.inputs import Data

FEWEST = 2


class HeldOut(NamedTuple):
    """A data set in two parts."""

    training: Dataset
    """Rows to train on."""
    rows: Dataset
    """Held-out rows."""


def hold_out(dataset: Data, share: float, *, batch_size: int, seed: int) -> HeldOut | None:
    """Hold out a random share of the rows; None if the share is 0.

    The order in which the others are trained on is that of a data set of so many rows.

    Raises:
        ValueError: if a share is asked for and the data have no rows to draw it from, or too few.
    """
    if share == 0:
        return None
    name = f"held_out={share}"
    rows_at_hand = isinstance(dataset, Dataset) and not isinstance(dataset.real, Unpaired) and not dataset.mapped
    require(rows_at_hand, f"{name} needs a data set of rows in memory, got {dataset.name}")
    assert isinstance(dataset, Dataset)
    size = jax.tree.leaves(dataset.real)[0].shape[0]
    count = round(share * size)
    require(FEWEST <= count < size, f"{name} must hold out at least {FEWEST} of the {size} rows, and not all")
    order = np.random.default_rng(seed).permutation(size)
    training, rows = (_only(dataset, np.sort(index)) for index in (order[count:], order[:count]))
    require(
        batch_size <= len(training),
        f"{name} leaves {len(training)} rows to train on, less than batch_size={batch_size}",
    )
    return HeldOut(training, rows)


def _only(dataset: Dataset, index: np.ndarray) -> Dataset:
    real, condition = jax.tree.map(lambda leaf: leaf[index], (dataset.real, dataset.condition))
    return replace(dataset, real=real, condition=condition, origin=UNKNOWN)
