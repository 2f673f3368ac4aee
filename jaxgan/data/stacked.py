"""Images of ten classes stacked in three channels: a thousand equally likely modes that a classifier can distinguish.

Metz et al., Unrolled Generative Adversarial Networks, 2017, section 3.3.1; Lin et al., PacGAN, 2018, section 4.2.
"""

import numpy as np

from jaxgan.checks import require
from jaxgan.data.dataset import Dataset
from jaxgan.errors import InputError

ROWS = 128_000
"""Number of rows, as in PacGAN."""
CHANNELS = 3


def stacked(name: str, source: Dataset, rows: int = ROWS) -> Dataset:
    """Images `[rows, H, W, 3]` whose channels are images of `source` in three independent orders.

    Each order is one random permutation of the source after another, always the same ones: every image is used equally
    often in every channel, and two sets of the same source are equal.

    Args:
        name: name of the data set.
        source: `[N, H, W, 1]` images with labels in [0, K); rows without one are left out.
        rows: number of rows of the data set.

    Returns:
        Labels are K²a + Kb + c for the labels a, b, c of the channels; there are K³ classes.

    Raises:
        ValueError: if the images of the source have no labels or more than one channel, or there are no rows.
    """
    require(rows >= 1, f"{name}: rows must be at least 1, got {rows}")
    source = source.labelled()
    if source.labels is None or source.num_classes is None or source.shape[2:] != (1,):
        there = "no labels" if source.labels is None else "labels"
        raise InputError(f"{name} needs images [H, W, 1] with labels; {source.name} has {source.shape} with {there}")
    random = np.random.default_rng(0)
    images = np.empty((rows, *source.shape[:2], CHANNELS), source.real.dtype)
    labels = np.zeros(rows, np.int32)
    for channel in range(CHANNELS):
        index = _order(random, len(source.real), rows)
        images[..., channel] = source.real[index, :, :, 0]
        labels = labels * source.num_classes + source.labels[index]
    return Dataset(name, images, labels, source.num_classes**CHANNELS)


def _order(random: np.random.Generator, size: int, rows: int) -> np.ndarray:
    return np.concatenate([random.permutation(size) for _ in range(-(-rows // size))])[:rows]
