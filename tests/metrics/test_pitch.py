"""Pitches of sounds whose pitch is known."""

import numpy as np
import pytest

from jaxgan.data.tones import KINDS, drawn
from jaxgan.metrics.pitch import pitches

RATE = 8000
TIME = np.arange(2048) / RATE


def semitones(a, b):
    return np.abs(12 * np.log2(a / b))


def test_sines_have_their_frequency():
    hertz = np.array([55.0, 110.3, 261.63, 440.0, 987.7])
    found = pitches(0.3 * np.sin(2 * np.pi * hertz[:, None] * TIME + 0.7), RATE)
    assert semitones(found.hertz, hertz).max() < 0.02
    assert found.clarity.min() > 0.99


def test_a_pitch_is_that_of_the_period_and_not_of_the_loudest_partial():
    """Partials 2 to 5 of 120 hertz, the fourth loudest: the fundamental is not there."""
    partials = sum(a * np.sin(2 * np.pi * 120 * n * TIME) for n, a in ((2, 0.1), (3, 0.1), (4, 0.4), (5, 0.1)))
    assert semitones(pitches(partials[None], RATE).hertz, 120) < 0.05


@pytest.mark.parametrize(("kind", "worst"), [("string", 0.3), ("chirp", 0.2)])
def test_made_sounds_have_the_pitch_that_they_were_made_with(kind, worst):
    made = drawn(np.random.default_rng(5), 90)
    chosen = made.kinds == KINDS.index(kind)
    found = pitches(made.waves[chosen], 4000, highest=4000 / 7)
    clear = found.clarity > 0.8
    assert clear.mean() > 0.9
    assert semitones(found.hertz, made.pitches[chosen])[clear].max() < worst


def test_noise_has_no_clear_pitch_and_silence_none():
    found = pitches(np.random.default_rng(0).normal(0, 0.3, (50, 2048)), RATE)
    assert found.clarity.max() < 0.3
    silent = pitches(np.zeros((1, 2048)), RATE)
    assert np.isnan(silent.hertz).all()
    assert silent.clarity == 0


def test_a_silent_end_does_not_change_the_pitch_of_what_is_heard():
    wave = np.sin(2 * np.pi * 200 * TIME) * (TIME < 0.1)
    found = pitches(wave[None], RATE)
    assert semitones(found.hertz, 200) < 0.1
    assert found.clarity > 0.9


@pytest.mark.parametrize(
    ("shape", "options", "message"),
    [
        ((2048,), {}, r"waves must be \[N, T\], got shape \(2048,\)"),
        ((1, 100), {}, "waves must have at least 322 samples, got 100"),
        ((1, 2048), {"highest": 1200}, "highest must be at most a seventh of rate=8000, got 1200"),
        ((1, 2048), {"lowest": 500, "highest": 400}, "lowest must be above 0 and below highest=400, got 500"),
    ],
)
@pytest.mark.usefixtures("without_shape_checks")
def test_what_cannot_be_measured_is_refused(shape, options, message):
    with pytest.raises(ValueError, match=message):
        pitches(np.zeros(shape), RATE, **options)
