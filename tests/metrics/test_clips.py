"""Measures of clips: distances that are known, floors, and data that are not measured."""

import numpy as np
import pytest

from jaxgan import data
from jaxgan.data.moving_digits import drawn
from jaxgan.metrics.clips import OF_CLIPS, ClipMeasures, measurable

DIGITS = data.load("digits", image_size=16).real[:256, ..., 0]


def dataset(seed=0):
    return data.Dataset("clips", drawn(np.random.default_rng(seed), DIGITS, frames=8).clips)


@pytest.mark.slow
def test_other_data_are_as_near_as_the_floor_and_shuffled_and_still_clips_are_far():
    measures = ClipMeasures(dataset(), 2500, 0)
    assert (measures.count, measures.reference) == (64, "clips")
    other = dataset(seed=9)
    clips = other.decode(other.take(np.arange(64))).real
    found = measures(clips)
    assert tuple(found) == OF_CLIPS
    floor = found["motion_error"].floor
    assert (found["motion_error"].value, found["motion_error"].perfect) == pytest.approx((floor, floor), rel=0.5)
    assert found["clip_distance"].value < 1.5 * found["clip_distance"].floor
    assert found["speed_distance"].value < 3 * found["speed_distance"].floor
    random = np.random.default_rng(0)
    shuffled = measures(np.stack([random.permutation(clip) for clip in clips]))
    assert shuffled["motion_error"].value > 10 * floor
    assert shuffled["clip_distance"].value > found["clip_distance"].value
    still = measures(np.repeat(clips[:, :1], 8, axis=1))
    assert still["motion_error"].value == 0
    assert still["speed_distance"].value == pytest.approx(float(np.mean(measures.real.motion.speed)))


def test_too_few_samples_are_refused():
    measures = ClipMeasures(dataset(), 40, 0)
    with pytest.raises(ValueError, match="samples must be at least 40, got 3"):
        measures(np.zeros((3, 8, 16, 16, 1), np.float32))
    with pytest.raises(ValueError, match="clips are measured by 32 samples at least, got 8"):
        ClipMeasures(dataset(), 8, 0)


def test_short_or_few_clips_are_not_measured():
    assert measurable(data.Dataset("x", np.zeros((128, 3, 8, 8, 3), np.uint8)))
    for shape in ((127, 3, 8, 8, 3), (128, 2, 8, 8, 3)):
        few = data.Dataset("x", np.zeros(shape, np.uint8))
        assert not measurable(few)
        with pytest.raises(ValueError, match="at least 128 clips of at least 3 frames"):
            ClipMeasures(few, 64, 0)
    assert not measurable(data.load("ring"))
