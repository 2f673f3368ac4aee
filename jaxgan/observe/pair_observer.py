"""Measures of a run on pairs of images or of sounds, which compare its samples with their targets."""

import numpy as np

from jaxgan.core import GANState
from jaxgan.data.dataset import Dataset
from jaxgan.experiment import Experiment
from jaxgan.metrics.ms_ssim import WINDOW
from jaxgan.metrics.pairs import OF_PAIRS, pair_measures
from jaxgan.metrics.sound_pairs import OF_SOUND_PAIRS, mel_l1, window
from jaxgan.observe.requests import generated, request, rows_at


def of_pairs(experiment: Experiment) -> tuple[str, ...]:
    """Measures of the run; none unless it makes images from images, or sounds from their spectrograms, and the targets
    are known, which may be the images themselves."""
    data = experiment.data
    if not isinstance(data, Dataset) or experiment.conditional != "rows" or experiment.compared is not None:
        return ()
    if experiment.reconstructs and data.medium.rate is not None:
        return OF_SOUND_PAIRS if data.shape[0] >= window(data.medium.rate) else ()
    paired = data.condition_medium is not None or experiment.reconstructs
    images = paired and "random" in data.medium.features
    if not images or not isinstance(data.real, np.ndarray):
        return ()
    return OF_PAIRS if min(data.shape[:2]) >= WINDOW else OF_PAIRS[:-1]


def measured_pairs(
    experiment: Experiment, reference: Dataset, state: GANState, *, n: int, seed: int
) -> tuple[dict[str, float], int]:
    """Measures of the averaged generator's samples for rows of the reference, and the number of these rows.

    Args:
        experiment: one with `of_pairs`.
        reference: pairs.
        state: on one device.
        n: rows at most, drawn without any twice.
        seed: seed of the rows, and of what the generator draws.

    Returns:
        No measures where samples are not finite.
    """
    index = np.sort(np.random.default_rng(seed).permutation(len(reference))[:n])
    rows = rows_at(reference, index)
    asked = request(experiment, rows, None)
    made = np.concatenate(list(generated(experiment.algorithm, state, len(index), condition=asked, seed=seed)))
    if not np.isfinite(made).all():
        return {}, len(index)
    real, rate = np.asarray(rows.real), reference.medium.rate
    return pair_measures(made, real) if rate is None else {"mel_l1": mel_l1(made, real, rate)}, len(index)
