"""Measures of sounds: distances that are known, floors, and data that are not measured."""

import numpy as np
import pytest

from jaxgan import data
from jaxgan.data import media
from jaxgan.metrics.pitch import Pitches
from jaxgan.metrics.sounds import OF_SOUNDS, SoundMeasures, measurable, pitch_distance

RATE, TIMES = 4000, 512


def sines(hertz, seed=0):
    phase = np.random.default_rng(seed).uniform(0, 2 * np.pi, (len(hertz), 1))
    return 0.5 * np.sin(2 * np.pi * np.asarray(hertz)[:, None] * np.arange(TIMES) / RATE + phase)


def dataset(rows=256, seed=0):
    hertz = 110 * 2 ** np.random.default_rng(seed).uniform(0, 2, rows)
    return data.Dataset("sines", sines(hertz)[..., None].astype(np.float32), medium=media.sound(RATE))


def of(measures, waves):
    return measures(waves[..., None].astype(np.float32))


def test_a_transposed_copy_is_as_far_as_the_interval():
    low = Pitches(np.array([100.0, 200.0, 300.0, np.nan]), np.array([1.0, 0.9, 0.5, 0.0]))
    high = Pitches(np.array([400.0, 200.0]), np.array([1.0, 1.0]))
    assert pitch_distance(low, high) == pytest.approx(12)  # 100 and 200 against 200 and 400
    assert pitch_distance(low, Pitches(high.hertz, np.zeros(2))) == pytest.approx(12 * np.log2(1000 / 50))


@pytest.mark.slow
def test_other_data_are_as_near_as_the_floor_and_noise_is_far():
    measures = SoundMeasures(dataset(), 2500, 0)
    assert measures.count == 64
    other = np.asarray(dataset(64, seed=9).real)[..., 0]
    found = of(measures, other)
    assert tuple(found) == OF_SOUNDS
    assert found["mel_distance"].value < 3 * found["mel_distance"].floor
    assert found["pitch_distance"].value < 4 * found["pitch_distance"].floor + 1
    assert (found["clear_pitch"].value, found["clear_pitch"].perfect, found["clear_pitch"].floor) == (1, 1, 1)
    noise = of(measures, np.random.default_rng(0).normal(0, 0.3, (64, TIMES)))
    assert noise["clear_pitch"].value == 0
    assert noise["mel_distance"].value > 10 * found["mel_distance"].floor
    octave = of(measures, sines(110 * 2 ** np.random.default_rng(3).uniform(1, 3, 64)))
    assert octave["pitch_distance"].value > 5


def test_stereo_is_mixed_and_too_few_samples_are_refused():
    mono = dataset()
    measures = SoundMeasures(mono, 64, 0)
    doubled = np.concatenate([mono.real[:64], mono.real[:64]], axis=2)
    assert measures(doubled) == measures(np.asarray(mono.real[:64]))
    with pytest.raises(ValueError, match="samples must be at least 64, got 3"):
        measures(doubled[:3])
    with pytest.raises(ValueError, match="sounds are measured by 32 samples at least, got 8"):
        SoundMeasures(mono, 8, 0)


def test_short_slow_or_few_sounds_are_not_measured():
    rows = np.zeros((200, 600, 1), np.float32)
    assert measurable(data.Dataset("x", rows, medium=media.sound(4000)))
    for shape, rate in (((200, 600, 1), 8000), ((200, 600, 1), 100), ((200, 500, 1), 4000), ((100, 600, 1), 4000)):
        few = data.Dataset("x", np.zeros(shape, np.float32), medium=media.sound(rate))
        assert not measurable(few)
        with pytest.raises(ValueError, match="at least 128 sounds of at least 512 samples and an eighth of a second"):
            SoundMeasures(few, 64, 0)
    assert not measurable(data.load("ring"))
