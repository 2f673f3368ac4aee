"""Compare samples that were requested by class with the data of the same class."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from jaxgan.checks import require
from jaxgan.data.dataset import Dataset
from jaxgan.errors import InputError
from jaxgan.metrics.classifier import train_classifier
from jaxgan.metrics.frechet import frechet_distance, moments

FEWEST = 2
"""Rows of a class on either side."""


class IntraFrechet(NamedTuple):
    """Fréchet distances within the classes."""

    mean: float
    """Mean over the classes."""
    worst: float
    """Largest of them."""


class ClassificationAccuracy(NamedTuple):
    """Accuracy, on the data, of a classifier that was trained on samples."""

    value: float
    """Share of the data that it classifies as their labels say."""
    perfect: float
    """The same of a classifier that was trained on nine tenths of the data, on the tenth that it has not seen."""
    floor: float
    """Share of the most frequent class, which a classifier that always names it has."""


def intra_frechet(
    real: Float[np.ndarray, "rows size"],
    labels: Int[np.ndarray, "rows"],
    fake: Float[np.ndarray, "samples size"],
    asked: Int[np.ndarray, "samples"],
) -> IntraFrechet:
    """The Fréchet distance of each class by itself, over the classes that samples were asked for.

    Unlike the distance of all classes together it sees samples of the wrong class, and classes without variety. Few
    rows of a class make it larger: compare it for equal numbers alone.

    Args:
        real: features of the data.
        labels: classes of these rows.
        fake: features of the samples.
        asked: classes that the samples were asked for; -1, no class, is left out.

    Raises:
        ValueError: if a class that was asked for has fewer than two rows on a side.

    Reference:
        Miyato & Koyama, [cGANs with Projection Discriminator](https://arxiv.org/abs/1802.05637), 2018, section 4.1
        (intra FID).
    """
    classes = [label for label in np.unique(asked) if label >= 0]
    require(len(classes) > 0, "intra_frechet needs samples that were asked for by class")
    distances = []
    for label in classes:
        sides = real[labels == label], fake[asked == label]
        counts = tuple(map(len, sides))
        require(
            min(counts) >= FEWEST,
            f"intra_frechet needs {FEWEST} rows of each class at least; of class {label} there are {counts[0]} in the "
            f"data and {counts[1]} among the samples",
        )
        distances.append(frechet_distance(*map(moments, sides)))
    return IntraFrechet(float(np.mean(distances)), float(np.max(distances)))


def classification_accuracy(
    dataset: Dataset,
    samples: np.ndarray,
    asked: Int[np.ndarray, "samples"],
    *,
    seed: int = 0,
    steps: int = 1200,
    cache_dir: str | Path | None = None,
) -> ClassificationAccuracy:
    """Train a classifier on samples and test it on the data: classification accuracy score, or GAN-train.

    It falls where samples are of the wrong class, look wrong, or lack what the data vary in. The reverse, a classifier
    of the data on samples, is the metric `labels_obeyed`.

    Args:
        dataset: labelled images.
        samples: `[n, H, W, C]` as the medium of the data stores them.
        asked: classes that the samples were asked for; those of -1, no class, are left out.
        seed: of both classifiers.
        steps: of their training, see `train_classifier`.
        cache_dir: see `jaxgan.data.store.cache_folder`.

    Raises:
        ValueError: if the data are no images or have no labels.

    Reference:
        Ravuri & Vinyals, [Classification Accuracy Score for Conditional Generative
        Models](https://arxiv.org/abs/1905.10887), 2019; Shmelkov et al., [How good is my
        GAN?](https://arxiv.org/abs/1807.09499), 2018 (GAN-train).
    """
    if dataset.labels is None:
        raise InputError(f"classification_accuracy needs data with labels, and {dataset.name} has none")
    made = Dataset("samples", samples, np.asarray(asked, np.int32), dataset.num_classes)
    trained = train_classifier(made, held_out=dataset, seed=seed, steps=steps, cache_dir=cache_dir)
    ceiling = train_classifier(dataset, seed=seed, steps=steps, cache_dir=cache_dir)
    labels = dataset.labels[dataset.labels >= 0]
    return ClassificationAccuracy(trained.accuracy, ceiling.accuracy, float(np.bincount(labels).max() / len(labels)))
