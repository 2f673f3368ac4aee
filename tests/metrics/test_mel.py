"""Spectrograms of mel against their formula."""

import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.metrics.mel import log_mel, mel_filters

RATE = 8000


def test_filters_peak_at_equal_distances_of_mel_and_sum_to_1_between_the_first_and_the_last():
    filters = mel_filters(RATE, 2048, 10, 0.0, 4000.0)
    frequencies = np.arange(1025) * RATE / 2048
    mels = 2595 * np.log10(1 + frequencies[filters.argmax(axis=1)] / 700)
    np.testing.assert_allclose(np.diff(mels), 2595 * np.log10(1 + 4000 / 700) / 11, rtol=0.02)
    inside = (frequencies > frequencies[filters[0].argmax()]) & (frequencies < frequencies[filters[-1].argmax()])
    np.testing.assert_allclose(filters.sum(axis=0)[inside], 1, atol=1e-12)


def test_the_scale_has_1000_mels_at_1000_hertz():
    """The constants are chosen so: the middle of three filters from 0 to 1000·(mel at the end) lies where it must."""
    (middle,) = mel_filters(16_000, 16_000, 1, 0.0, 700 * (10 ** (2000 / 2595) - 1)).argmax(axis=1)
    assert middle == pytest.approx(1000, abs=1)


@pytest.mark.slow
def test_a_sine_of_full_amplitude_at_the_peak_of_a_band_has_about_0_decibels_there():
    filters = mel_filters(RATE, 256, 12, 0.0, 4000.0)
    band = 8
    hertz = filters[band].argmax() * RATE / 256
    waves = jnp.asarray(np.sin(2 * np.pi * hertz * np.arange(2048) / RATE)[None], jnp.float32)
    levels = np.asarray(log_mel(waves, RATE, bands=12))[0, 4:-4]
    assert (levels.argmax(axis=1) == band).all()
    assert np.abs(levels[:, band]).max() < 6  # neighbouring frequencies of the window add up to 2
    np.testing.assert_allclose(log_mel(waves / 10, RATE, bands=12)[0, 4:-4, band], levels[:, band] - 20, atol=1e-3)
    assert float(log_mel(0 * waves, RATE).max()) == -80


def test_what_has_no_place_is_refused():
    with pytest.raises(ValueError, match="200 bands are too many for windows of 64 samples"):
        mel_filters(RATE, 64, 200, 0.0, 4000.0)
    with pytest.raises(ValueError, match=r"lowest < highest ≤ 4000 must hold, got 0\.0, 5000\.0"):
        mel_filters(RATE, 64, 4, 0.0, 5000.0)
    with pytest.raises(ValueError, match=r"waves must be \[N, T\] with T above 128, got shape \(1, 100\)"):
        log_mel(jnp.zeros((1, 100)), RATE)
