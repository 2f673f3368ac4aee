"""The digits move as they are said to move."""

import numpy as np
import pytest

from jaxgan import data
from jaxgan.data.moving_digits import FASTEST, SLOWEST, drawn

SIDE, FRAMES = 16, 40


@pytest.fixture(scope="module")
def moving():
    random = np.random.default_rng(0)
    return drawn(random, random.integers(0, 256, (50, SIDE, SIDE), np.uint8), FRAMES)


def centre(images):
    """Centre of brightness, rows and columns."""
    images = images.astype(float)
    down, right = (np.arange(side) for side in images.shape[-2:])
    total = images.sum(axis=(-2, -1))
    return np.stack([images.sum(axis=-1) @ down / total, images.sum(axis=-2) @ right / total], axis=-1)


def test_the_centre_of_brightness_is_where_the_digit_is():
    """A digit pixel is half as wide as a frame pixel: its centre p lies at (p + 1/2)/2 - 1/2 in the frame."""
    random = np.random.default_rng(1)
    images = random.integers(0, 256, (20, SIDE, SIDE), np.uint8)
    moving = drawn(random, images, FRAMES)
    expected = moving.corners + ((centre(images) + 0.5) / 2 - 0.5)[:, None]
    np.testing.assert_allclose(centre(moving.clips[..., 0]), expected, atol=0.03)


def test_paths_are_straight_at_the_speed_that_is_said_and_bounce(moving):
    room = SIDE / 2
    assert (moving.corners.min(), moving.corners.max()) >= (0, room - 0.1)
    assert moving.corners.max() <= room
    speeds = np.linalg.norm(moving.velocities, axis=1) / SIDE
    assert (speeds.min() >= SLOWEST, speeds.max() <= FASTEST, speeds.std() > 0.01) == (True, True, True)
    moved = np.diff(moving.corners, axis=1)
    free = np.isclose(np.abs(moved), np.abs(moving.velocities)[:, None])
    near = np.minimum(moving.corners, room - moving.corners)
    assert np.all(free | (near[:, 1:] < FASTEST * SIDE))  # what is slower has met a border
    assert np.mean(free) > 0.6
    assert np.mean(np.sign(moved) == np.sign(moving.velocities)[:, None]) < 0.8


@pytest.mark.slow
def test_the_set_is_always_the_same_and_has_the_classes_of_the_digits():
    clips, digits = data.load("moving_digits", frames=3), data.load("digits", image_size=8)
    assert repr(clips) == "Dataset('moving_digits', 5,391 clips of shape (3, 16, 16, 1), 10 classes)"
    np.testing.assert_array_equal(clips.labels[::3], digits.labels)
    np.testing.assert_array_equal(clips.real, data.load("moving_digits", frames=3).real)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"image_size": 24}, "image_size must be one of 16, 32; got 24"),
        ({"frames": 1}, "frames must be a whole number of at least 2, got 1"),
    ],
)
def test_options_out_of_range_are_errors(options, message):
    with pytest.raises(ValueError, match=message):
        data.load("moving_digits", **options)
    with pytest.raises(ValueError, match="frames is for moving_digits"):
        data.load("digits", frames=3)
