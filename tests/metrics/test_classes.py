"""Scores of probabilities and predictions against values known in advance."""

import numpy as np
import pytest

from jaxgan.metrics.classes import class_coverage, obeyed, stacked
from jaxgan.metrics.inception_score import inception_score


def test_inception_score_from_nothing_to_all_classes():
    np.testing.assert_allclose(inception_score(np.tile(np.eye(5), (20, 1))), (5, 0))
    np.testing.assert_allclose(inception_score(np.tile(np.eye(5)[:1], (20, 1))), (1, 0))
    np.testing.assert_allclose(inception_score(np.full((20, 5), 0.2)), (1, 0))


def test_inception_score_by_hand_and_by_split():
    """p(y) = (1/2, 1/2): KL of (p, 1 − p) is log 2 − H(p)."""
    entropy = -(0.9 * np.log(0.9) + 0.1 * np.log(0.1))
    unsure = np.tile([[0.9, 0.1], [0.1, 0.9]], (4, 1))
    np.testing.assert_allclose(inception_score(unsure, splits=2), (2 * np.exp(-entropy), 0))
    halves = np.concatenate([unsure, np.tile(np.eye(2), (4, 1))])  # one score a half: their mean, half their difference
    both = np.array([2 * np.exp(-entropy), 2])
    np.testing.assert_allclose(inception_score(halves, splits=2), (both.mean(), both.std()))


def test_coverage_of_classes():
    assert class_coverage(np.arange(12) % 4, 4) == (4, 0, 4)
    found = class_coverage(np.array([0, 0, 0, 2]), 4)
    assert found.classes == 2
    np.testing.assert_allclose(found.reverse_kl, 0.75 * np.log(3) + 0.25 * np.log(1))
    expected = np.array([0.75, 0.1, 0.1, 0.05])
    found = class_coverage(np.array([0, 0, 0, 2]), 4, expected=expected)
    np.testing.assert_allclose(found.reverse_kl, 0.25 * np.log(2.5))


def test_a_class_that_is_not_expected_is_infinitely_far():
    expected = np.array([0.5, 0.5, 0.0])
    assert class_coverage(np.array([0, 1, 2]), 3, expected=expected) == (3, np.inf, 3)
    np.testing.assert_allclose(class_coverage(np.array([0, 1]), 3, expected=expected), (2, 0, 2), atol=1e-12)


def test_a_perfect_sampler_of_a_thousand_modes():
    predictions = np.random.default_rng(0).integers(1000, size=25_600)
    found = class_coverage(predictions, 1000)
    assert found.classes == 1000
    np.testing.assert_allclose(found.reverse_kl, 999 / 51_200, rtol=0.15)


def test_stacked_digits_are_numbers():
    np.testing.assert_array_equal(stacked(np.array([[0, 0, 0], [1, 2, 3], [9, 9, 9]])), [0, 123, 999])


def test_share_that_obeys():
    assert obeyed(np.array([1, 2, 3, 3]), np.array([1, 2, 3, 4])) == 0.75


def test_what_does_not_fit_is_named():
    with pytest.raises(ValueError, match=r"probabilities must be \[N, classes\]"):
        inception_score(np.zeros(3))
    with pytest.raises(ValueError, match="sum to 1 in each row"):
        inception_score(np.ones((20, 5)))
    with pytest.raises(ValueError, match="splits must be from 1 to 2, two of 5 rows each; got 10"):
        inception_score(np.eye(5))
    with pytest.raises(ValueError, match=r"predictions must be in \[0, 3\), got values from 0 to 3"):
        class_coverage(np.array([0, 3]), 3)
    with pytest.raises(ValueError, match="predictions must be whole numbers"):
        class_coverage(np.array([0.5]), 3)
    with pytest.raises(ValueError, match="expected must be 3 shares"):
        class_coverage(np.array([0]), 3, expected=np.array([0.5, 0.75, -0.25]))
    with pytest.raises(ValueError, match=r"digits must be \[N, 3\]"):
        stacked(np.zeros((2, 2), int))
    with pytest.raises(ValueError, match="as many labels"):
        obeyed(np.zeros(2, int), np.zeros(3, int))


def test_a_class_counts_from_a_tenth_of_its_share_on():
    """1,000 samples: 900 and 91 of two classes, and 9 of the third, which should have a third of them."""
    predictions = np.repeat([0, 1, 2], [900, 91, 9])
    found = class_coverage(predictions, 3)
    assert found.classes == 3
    assert found.represented == 2
    assert class_coverage(predictions, 3, expected=np.array([0.9, 0.05, 0.05])).represented == 3
