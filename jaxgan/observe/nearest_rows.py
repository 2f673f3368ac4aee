"""A picture of samples beside the rows of the data that are nearest to them, which shows whether they are copies."""

from pathlib import Path

import numpy as np

from jaxgan.core import GANState
from jaxgan.data.dataset import Dataset
from jaxgan.data.media.images import save_grid
from jaxgan.experiment import Experiment
from jaxgan.metrics.features import FeatureFunction, extract
from jaxgan.metrics.neighbours import nearest, whole
from jaxgan.metrics.reference import reference_features
from jaxgan.observe.requests import asked_at_random, stored_samples

FILE = "nearest.png"
COLUMNS = 6
"""A sample and its nearest rows."""


def save_nearest_rows(
    folder: Path,
    experiment: Experiment,
    state: GANState,
    data: Dataset,
    features: FeatureFunction,
    *,
    count: int,
    seed: int,
    cache_dir: str | Path | None = None,
) -> Path | None:
    """Write `nearest.png`: each row has a sample, then the five rows of the data that are nearest to it in features.

    Args:
        folder: where the picture goes.
        experiment: whose samples.
        state: on one device.
        data: the images that it was trained on.
        features: distances are those between features.
        count: samples, with random conditions of the data.
        seed: seed of their latents and conditions.
        cache_dir: see `jaxgan.data.store.cache_folder`; the features of the data are kept there.

    Returns:
        The path of the picture; None if samples are not finite.
    """
    asked = asked_at_random(experiment, data, count, seed)
    samples = stored_samples(experiment, state, asked, count, seed, data.medium)
    if samples is None:
        return None
    real, fake = reference_features(data, features, cache_dir=cache_dir), extract(features, samples)
    rows = nearest(*whole(np.asarray(fake.features), np.asarray(real.features)), min(COLUMNS - 1, len(data)))
    beside = np.asarray(data.decode(data.take(rows.ravel())).real)
    shown = data.medium.decode(samples)
    table = np.concatenate([shown[:, None], beside.reshape(*rows.shape, *shown.shape[1:])], axis=1)
    folder.mkdir(parents=True, exist_ok=True)
    save_grid(folder / FILE, table.reshape(-1, *shown.shape[1:]), columns=table.shape[1])
    return folder / FILE
