"""Rarity is the radius of the smallest ball of the data around a sample."""

import numpy as np
import pytest

from jaxgan.errors import InputError
from jaxgan.metrics.precision_recall import precision_recall
from jaxgan.metrics.rarity import rarity


def test_it_is_that_of_the_definition():
    random = np.random.default_rng(0)
    real, fake = random.normal(size=(60, 3)), random.normal(size=(40, 3))
    found = rarity(real, fake, neighbours=3)
    for sample, value in zip(fake, found, strict=True):
        radii = [np.sort(np.linalg.norm(real - row, axis=1))[3] for row in real]
        balls = [r for row, r in zip(real, radii, strict=True) if np.linalg.norm(sample - row) <= r]
        np.testing.assert_allclose(value, min(balls) if balls else np.nan, rtol=1e-6)


def test_samples_without_one_are_those_that_precision_does_not_count():
    random = np.random.default_rng(1)
    real, fake = random.normal(size=(80, 2)), 1.5 * random.normal(size=(80, 2))
    assert np.isfinite(rarity(real, fake)).mean() == precision_recall(real, fake).precision


def test_it_grows_with_the_distances_of_the_data():
    random = np.random.default_rng(2)
    real, fake = random.normal(size=(50, 2)), random.normal(size=(50, 2))
    np.testing.assert_allclose(rarity(7 * real, 7 * fake), 7 * rarity(real, fake), rtol=1e-6)


@pytest.mark.parametrize(("neighbours", "message"), [(0, "neighbours must be at least 1"), (5, "more rows than")])
def test_too_few_rows_are_refused(neighbours, message):
    with pytest.raises(InputError, match=message):
        rarity(np.zeros((5, 2)), np.zeros((3, 2)), neighbours=neighbours)
