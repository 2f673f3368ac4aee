"""Fréchet distance against scipy's matrix root and closed forms; moments streamed, merged and all at once."""

from functools import reduce

import numpy as np
import pytest
from scipy.linalg import sqrtm

from jaxgan.metrics.frechet import Moments, frechet_distance, moments

RANDOM = np.random.default_rng(0)


def gaussian(mean, covariance, count=100):
    return Moments(count, np.asarray(mean, float), np.asarray(covariance, float) * (count - 1))


def features(count, size=6, shift=0.0):
    return (RANDOM.normal(size=(count, size)) @ RANDOM.normal(size=(size, size)) + shift).astype(np.float32)


def test_against_the_matrix_root_of_scipy():
    real, fake = moments(features(50)), moments(features(40, shift=1.0))
    root = np.trace(sqrtm(real.covariance @ fake.covariance).real)
    traces = np.trace(real.covariance) + np.trace(fake.covariance)
    expected = np.sum((real.mean - fake.mean) ** 2) + traces - 2 * root
    np.testing.assert_allclose(frechet_distance(real, fake), expected, rtol=1e-8)


def test_closed_forms_of_gaussians():
    """Covariances that commute: |μ − μ'|² + Σ (√λ − √λ')²."""
    turn = np.linalg.qr(RANDOM.normal(size=(3, 3)))[0]
    one, two = (turn @ np.diag(values) @ turn.T for values in ([1.0, 4.0, 9.0], [4.0, 4.0, 0.25]))
    found = frechet_distance(gaussian([0, 0, 0], one), gaussian([1, 2, 2], two))
    np.testing.assert_allclose(found, 9 + 1 + 0 + 2.5**2, rtol=1e-12)


def test_singular_covariances():
    """On a line each, at right angles: nothing is shared, the distance is the sum of the traces."""
    along, across = np.diag([1.0, 0.0]), np.diag([0.0, 4.0])
    np.testing.assert_allclose(frechet_distance(gaussian([0, 0], along), gaussian([0, 0], across)), 5)
    np.testing.assert_allclose(frechet_distance(gaussian([0, 0], along), gaussian([0, 0], 9 * along)), 4)


def test_of_a_set_with_itself_it_is_zero_and_with_its_other_half_small():
    rows = features(4000, size=16)
    few = moments(rows[:10])  # of lower rank than the size
    assert abs(frechet_distance(few, few)) < 1e-10 * np.trace(few.covariance)
    whole = moments(rows)
    assert abs(frechet_distance(whole, whole)) < 1e-10 * np.trace(whole.covariance)
    halves = frechet_distance(moments(rows[:2000]), moments(rows[2000:]))
    assert 0 < halves < 0.02 * np.trace(whole.covariance)


def test_streaming_and_merging_equal_all_at_once():
    rows = features(100, shift=1e3)
    streamed = reduce(Moments.update, (rows[7:50], rows[50:]), moments(rows[:7]))
    merged = moments(rows[:64]).merge(moments(rows[64:]))
    for found in (streamed, merged, moments(rows)):
        assert found.count == 100
        np.testing.assert_allclose(found.mean, rows.mean(axis=0, dtype=np.float64), rtol=1e-12)
        np.testing.assert_allclose(found.covariance, np.cov(rows.astype(np.float64), rowvar=False), rtol=1e-8)


def test_what_does_not_fit_is_named():
    with pytest.raises(ValueError, match=r"features must be \[N, size\], got shape \(3,\)"):
        moments(np.zeros(3))
    with pytest.raises(ValueError, match="features must be finite"):
        moments(np.array([[0.0, np.nan]]))
    with pytest.raises(ValueError, match="fake must have at least 2 rows for a covariance, got 1"):
        frechet_distance(moments(features(5)), moments(features(1)))
    with pytest.raises(ValueError, match="features of one size, got 6 and 2"):
        frechet_distance(moments(features(5)), moments(features(5, size=2)))
    with pytest.raises(ValueError, match="features of size 6 do not go with size 2"):
        moments(features(5)).update(features(5, size=2))
