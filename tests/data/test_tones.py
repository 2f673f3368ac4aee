"""The made sounds have the pitch that they are said to have."""

import numpy as np
import pytest

from jaxgan import data
from jaxgan.data.tones import HIGHEST, KINDS, LOWEST, drawn

RATE, LENGTH = 4000, 4096


def strongest(wave, low, high):
    """The frequency of most power in a band, between places of the transform by a parabola."""
    size = 2**16
    power = np.log(np.abs(np.fft.rfft(wave * np.hanning(len(wave)), size)) + 1e-12)
    first, last = (int(f * size / RATE) for f in (low, high))
    i = first + power[first:last].argmax()
    a, b, c = power[i - 1 : i + 2]
    return (i + (a - c) / (2 * (a - 2 * b + c))) * RATE / size


def of_kind(kind, rows=30):
    made = drawn(np.random.default_rng(1), rows, LENGTH, RATE)
    chosen = made.kinds == KINDS.index(kind)
    return made.waves[chosen], made.pitches[chosen]


def test_strings_have_their_pitch():
    """The strongest frequency within half a semitone of it; the loss of the loop moves it a little."""
    for wave, pitch in zip(*of_kind("string"), strict=True):
        assert strongest(wave, pitch / 1.03, pitch * 1.03) == pytest.approx(pitch, rel=2e-3)


def test_chirps_pass_their_pitch_halfway():
    for wave, pitch in zip(*of_kind("chirp"), strict=True):
        middle = wave[LENGTH // 2 - 200 : LENGTH // 2 + 200]
        assert strongest(middle, LOWEST / 2, 2 * HIGHEST) == pytest.approx(pitch, rel=1e-2)


def test_drums_fall_by_an_octave():
    wave = drawn(np.random.default_rng(0), 3, 2048, RATE).waves[2]
    begins, ends = (strongest(part, 30, 1000) for part in (wave[40:120], wave[800:1600]))
    assert 1.2 < begins / ends < 2


def test_the_set_is_in_turn_loud_and_always_the_same():
    first, again = data.load("tones", length=128), data.load("tones", length=128)
    np.testing.assert_array_equal(first.real, again.real)
    assert (first.shape, len(first), first.class_names) == ((128, 1), 4800, KINDS)
    np.testing.assert_array_equal(first.labels[:4], [0, 1, 2, 0])
    np.testing.assert_allclose(np.abs(first.medium.decode(first.real)).max(axis=(1, 2)), 0.9, atol=1e-4)
    with pytest.raises(ValueError, match="length must be at least 64 samples, got 8"):
        data.load("tones", length=8)
