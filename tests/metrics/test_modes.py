"""Mode coverage against values known in advance."""

import numpy as np
import pytest

from jaxgan.data.mixtures import MIXTURES
from jaxgan.metrics.modes import mode_coverage


@pytest.mark.parametrize("name", MIXTURES)
def test_a_perfect_sampler(name):
    centres, sigma, weights = MIXTURES[name]
    random = np.random.default_rng(1)
    count = 200_000
    points = centres[random.choice(len(centres), p=weights, size=count)] + sigma * random.standard_normal((count, 2))
    found = mode_coverage(points, MIXTURES[name])
    assert found.modes == len(centres)
    np.testing.assert_allclose(found.high_quality, 1 - np.exp(-4.5), atol=1e-3)
    np.testing.assert_allclose(found.reverse_kl, (len(centres) - 1) / (2 * count), atol=1e-4)


def test_one_mode_alone_and_two_of_unequal_weight():
    ring = MIXTURES["ring"]
    one = mode_coverage(np.repeat(ring.centres[:1], 10, axis=0), ring)
    assert (one.modes, one.high_quality) == (1, 1.0)
    np.testing.assert_allclose(one.reverse_kl, np.log(8))
    two = mode_coverage(np.repeat(ring.centres[:2], [3, 1], axis=0), ring)
    assert two.modes == 2
    np.testing.assert_allclose(two.reverse_kl, 0.75 * np.log(0.75 * 8) + 0.25 * np.log(0.25 * 8))


def test_three_sigma_is_the_border_and_poor_samples_capture_nothing():
    ring = MIXTURES["ring"]
    inside, outside = (ring.centres[:1] + np.array([r * ring.sigma, 0]) for r in (2.99, 3.01))
    assert mode_coverage(inside, ring)[:2] == (1, 1.0)
    assert mode_coverage(outside, ring)[:2] == (0, 0.0)


def test_points_that_are_not_finite_are_of_no_mode():
    ring = MIXTURES["ring"]
    points = np.concatenate([ring.centres, np.full((8, 2), np.nan)])
    found = mode_coverage(points, ring)
    assert found[:2] == (8, 0.5)
    assert np.isnan(found.reverse_kl)
    nothing = mode_coverage(points[8:], ring)
    assert nothing[:2] == (0, 0)
    assert np.isnan(nothing.reverse_kl)


@pytest.mark.parametrize("points", [np.zeros((0, 2)), np.zeros((5, 3)), np.zeros(2)])
def test_points_of_another_shape_are_refused(points):
    with pytest.raises(ValueError, match=r"points must be \[N, 2\], at least one, got shape"):
        mode_coverage(points, MIXTURES["ring"])
