"""Spectrograms of mel against their formula."""

import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.metrics.mel import log_mel, mel_filters, vocoder_mel

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
    with pytest.raises(ValueError, match="scale must be one of htk, slaney; got 'bark'"):
        mel_filters(RATE, 64, 4, 0.0, 4000.0, "bark")


def test_slaneys_filters_have_area_1_and_peaks_where_his_scale_says():
    """Up to 1,000 hertz 15 bands of 200/3 hertz, then 27 to a factor of 6.4 in frequency."""
    filters = mel_filters(16_000, 16_000, 15 + 27, 0.0, 1000 * 6.4 ** (28 / 27), "slaney")
    np.testing.assert_allclose(filters.sum(axis=1), 1, rtol=0.01)
    peaks = filters.argmax(axis=1)
    np.testing.assert_allclose(peaks[:15], 200 / 3 * np.arange(1, 16), atol=0.5)
    np.testing.assert_allclose(peaks[15:], 1000 * 6.4 ** (np.arange(1, 28) / 27), atol=0.6)
    np.testing.assert_allclose(filters.max(axis=1)[:14], 3 / 200, rtol=0.01)


def test_the_mel_of_vocoders_is_the_logarithm_of_what_a_sine_has_in_the_filters():
    """A Hann window of n samples gives a sine of amplitude a at frequency k of the transform a·n/4, and half of that to
    both neighbours."""
    size, k, amplitude = 256, 30, 0.5
    waves = amplitude * np.sin(2 * np.pi * k * np.arange(2048) / size)[None]
    mel = np.asarray(vocoder_mel(jnp.asarray(waves, jnp.float32), RATE, size=size, hop=64, bands=10, highest=None))
    filters = mel_filters(RATE, size, 10, 0.0, 4000.0, "slaney")
    heard = filters[:, k - 1 : k + 2] @ (amplitude * size / 4 * np.array([0.5, 1, 0.5]))
    inside = mel[0, 4:-4][:, heard > 0]
    np.testing.assert_allclose(inside, np.broadcast_to(np.log(heard[heard > 0]), inside.shape), atol=2e-3)
    assert mel.shape == (1, 32, 10)


def test_silence_is_at_the_bottom_of_the_mel_of_vocoders():
    """|X| has 10⁻⁹ added to its square, so that bands of narrow filters, whose weights sum to less than 0.32, are at
    ln 10⁻⁵."""
    mel = vocoder_mel(jnp.zeros((1, 8192)), 22050)
    filters = mel_filters(22050, 1024, 80, 0.0, 8000.0, "slaney")
    np.testing.assert_allclose(mel[0, 0], np.log(np.maximum(1e-5, 1e-9**0.5 * filters.sum(axis=1))), rtol=1e-5)
