"""Metrics of samples that were asked for by class: closed forms, a classifier of samples, and what is refused."""

import numpy as np
import pytest

from jaxgan import data
from jaxgan.metrics.by_class import classification_accuracy, intra_frechet

RANDOM = np.random.default_rng(0)
LABELS = np.arange(60, dtype=np.int32) % 3
ROWS = RANDOM.normal(size=(60, 2)) + 10 * LABELS[:, None]


def test_intra_frechet_is_the_mean_over_classes_of_what_each_was_moved_by():
    moves = np.array([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]])
    found = intra_frechet(ROWS, LABELS, ROWS + moves[LABELS], LABELS)
    np.testing.assert_allclose(found, [(0 + 25 + 1) / 3, 25], atol=1e-5)


def test_intra_frechet_sees_classes_in_each_other_s_place():
    assert intra_frechet(ROWS, LABELS, ROWS, LABELS).mean == pytest.approx(0, abs=1e-5)
    assert intra_frechet(ROWS, LABELS, ROWS, (LABELS + 1) % 3).mean > 100


def test_classes_that_were_not_asked_for_do_not_count():
    asked = np.where(LABELS == 2, -1, LABELS)
    found = intra_frechet(ROWS, LABELS, ROWS + np.where(LABELS == 2, 100.0, 0.0)[:, None], asked)
    assert found.worst == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (np.full(60, -1), "needs samples that were asked for by class"),
        (np.where(np.arange(60) == 0, 2, 0), "of class 2 there are 20 in the data and 1 among the samples"),
    ],
)
def test_too_few_rows_of_a_class_are_named(asked, message):
    with pytest.raises(ValueError, match=message):
        intra_frechet(ROWS, LABELS, ROWS, asked)


def bars(labels, random):
    """8x8 images whose class is the place of a bright bar, with noise."""
    images = random.integers(0, 60, (len(labels), 8, 8, 1))
    images[np.arange(len(labels)), 2 * labels] += 150
    return images.astype(np.uint8)


@pytest.mark.slow
def test_a_classifier_of_good_samples_knows_the_data_and_one_of_wrong_samples_does_not(tmp_path):
    labels = np.arange(60, dtype=np.int32) % 3
    real, quick = data.Dataset("bars", bars(labels, RANDOM), labels, 3), {"steps": 40, "cache_dir": tmp_path}
    good = classification_accuracy(real, bars(labels, RANDOM), labels, **quick)
    assert good.value > 0.9
    assert good.perfect > 0.8
    assert good.floor == pytest.approx(1 / 3)
    wrong = classification_accuracy(real, bars((labels + 1) % 3, RANDOM), labels, **quick)
    assert wrong.value < 0.1
