"""Motion that is known is measured as it is."""

import numpy as np
import pytest

from jaxgan.metrics.motion import centres, motion

SIDE = 24
RANDOM = np.random.default_rng(0)


def spots(places, level=1.0):
    """Clips in which a spot of Gaussian shape is at these places, `[N, T, 2]`."""
    down, right = (np.arange(SIDE) - places[..., i, None] for i in (0, 1))
    spot = np.exp(-(down[..., :, None] ** 2 + right[..., None, :] ** 2) / 2)
    return (2 * level * spot - 1)[..., None]


def path(velocity, frames=12, start=(8.0, 6.0)):
    return (np.array(start) + np.arange(frames)[:, None] * np.array(velocity))[None]


def test_a_straight_line_has_its_speed_and_no_error():
    found = motion(spots(path((0.5, 1.2))))
    assert found.speed[0] == pytest.approx(1.3, abs=0.02)  # 0.5² + 1.2² = 1.3²
    assert found.error[0] == pytest.approx(0, abs=0.05)


def test_bounces_are_no_errors_but_jumps_are():
    triangle = 12 - np.abs(np.arange(12) % 8 - 4.0)
    bouncing = np.stack([triangle, np.full(12, 10.0)], axis=1)[None]
    assert motion(spots(bouncing)).error[0] == pytest.approx(0, abs=0.02)
    jumping = path((0, 0)) + np.array([[0, 0], [3, 0]] * 6)
    found = motion(spots(jumping))  # c_t - 2c_{t-1} + c_{t-2} = ±(3 + 3)
    assert (found.speed[0], found.error[0]) == pytest.approx((3, 6), abs=0.02)


def test_a_still_clip_does_not_move_and_a_dark_one_has_its_centre_in_the_middle():
    found = motion(np.concatenate([spots(path((0, 0))), np.full((1, 12, SIDE, SIDE, 1), -1.0)]))
    np.testing.assert_array_equal(found, np.zeros((2, 2)))
    np.testing.assert_array_equal(centres(np.full((1, 3, 8, 6, 1), 0.3)), np.full((1, 3, 2), [3.5, 2.5]))


def test_the_background_may_be_gray_and_noisy():
    clean = spots(path((0.5, 1.2)))
    noisy = np.clip(clean, -0.5, 1) + RANDOM.uniform(-0.05, 0.05, clean.shape)
    np.testing.assert_allclose(centres(noisy), path((0.5, 1.2)), atol=0.3)


def test_too_few_frames_are_an_error():
    with pytest.raises(
        ValueError, match=r"clips must be \[N, T, H, W, C\] of 3 frames or more, got \(1, 2, 24, 24, 1\)"
    ):
        motion(spots(path((1, 1), frames=2)))
