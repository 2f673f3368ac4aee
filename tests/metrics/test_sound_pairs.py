"""Distances of mel spectrograms, pair by pair."""

import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.errors import InputError
from jaxgan.metrics.mel import vocoder_mel
from jaxgan.metrics.sound_pairs import mel_l1, window

NOISE = 0.1 * np.random.default_rng(0).normal(size=(300, 1024, 1)).astype(np.float32)


def test_a_louder_sound_is_apart_by_the_logarithm_of_the_factor_and_an_equal_one_by_nothing():
    assert mel_l1(NOISE, NOISE, 4000) == 0
    assert mel_l1(NOISE, 3 * NOISE, 4000) == pytest.approx(np.log(3), rel=1e-3)
    assert mel_l1(NOISE, -NOISE, 4000) == pytest.approx(0, abs=1e-6)  # phases are not heard


def test_windows_and_bands_are_those_of_the_authors_at_their_rate_and_in_proportion_at_others():
    assert [window(rate) for rate in (22050, 16000, 4000, 44100, 100)] == [1024, 1024, 256, 2048, 32]
    made, target = (0.1 * np.random.default_rng(seed).normal(size=(2, 4096, 1)) for seed in (1, 2))
    mels = [vocoder_mel(jnp.asarray(x[..., 0], jnp.float32), 22050, highest=None) for x in (made, target)]
    apart = float(jnp.abs(mels[0] - mels[1]).mean())
    assert mel_l1(made.astype(np.float32), target.astype(np.float32), 22050) == pytest.approx(apart, rel=1e-5)


def test_channels_are_mixed():
    stereo = np.concatenate([NOISE, -NOISE], axis=2)
    assert mel_l1(stereo, np.zeros_like(stereo), 4000) == pytest.approx(0, abs=1e-6)


def test_what_does_not_fit_is_refused():
    for made, target in [(NOISE, NOISE[:2]), (NOISE[:0], NOISE[:0]), (NOISE[:, :200], NOISE[:, :200])]:
        with pytest.raises(InputError, match=r"sounds of one shape \[n, T, C\] with T of at least 256"):
            mel_l1(made, target, 4000)
