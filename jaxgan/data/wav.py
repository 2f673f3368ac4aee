"""Convert WAV files of any depth and rate to sounds of one rate, length and number of channels."""

import io
import struct
import warnings
from math import gcd
from typing import BinaryIO

import numpy as np
from jaxtyping import Float, Int16

from jaxgan.data.media.sound import encode
from jaxgan.data.reading import Unusable

RATES = (100, 400_000)
"""Sample rates that are accepted, in hertz: a header with another rate is damaged."""


def read(
    file: BinaryIO, *, sample_rate: int, length: int, channels: int
) -> tuple[Int16[np.ndarray, "{length} {channels}"], str]:
    """The beginning of a sound, padded with silence if it is short; and a description of the sound in the file.

    Integers of n bits are divided by 2^(n−1), unsigned ones of 8 bits shifted to lie around 0; floats beyond [−1, 1]
    are clipped. Another rate is brought to `sample_rate` by `scipy.signal.resample_poly`, whose filter takes what lies
    above half of the lower rate.

    Args:
        file: opened for reading bytes.
        sample_rate: samples a second of what is returned.
        length: samples of what is returned.
        channels: 1 takes the mean of all channels; 2 keeps those of stereo, and takes those of mono twice.

    Raises:
        Unusable: if the file is empty, cut short, no WAV file of plain numbers, of another number of channels or of a
            rate outside `RATES`, or holds numbers that are not finite.
        OSError: from the system.
    """
    from scipy.signal import resample_poly

    rate, wave = _decoded(file)
    stored = f"{rate} Hz, {wave.shape[1]} channel{'s' * (wave.shape[1] != 1)}"
    if channels == 1:
        wave = wave.mean(axis=1, keepdims=True)
    elif wave.shape[1] > channels:
        raise Unusable(f"{wave.shape[1]} channels, more than {channels}; channels=1 mixes them")
    else:
        wave = np.broadcast_to(wave, (len(wave), channels))
    common = gcd(rate, sample_rate)
    needed = -(-length * rate // sample_rate) + rate // 10  # a tenth of a second more, which the filter may look at
    wave = resample_poly(wave[:needed], sample_rate // common, rate // common, axis=0)[:length]
    return encode(np.pad(wave, ((0, length - len(wave)), (0, 0)))), stored


def _decoded(file: BinaryIO) -> tuple[int, Float[np.ndarray, "times channels"]]:
    """Rate and samples. Samples are in [−1, 1], except for floats beyond it."""
    from scipy.io import wavfile

    content = file.read()
    if not content:
        raise Unusable("empty")
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            rate, stored = wavfile.read(io.BytesIO(content))
    except (
        ValueError,
        TypeError,
        EOFError,
        OverflowError,
        ZeroDivisionError,
        UnboundLocalError,
        struct.error,
    ) as error:
        raise Unusable(f"no WAV file that can be read: {' '.join(str(error).split())}") from error
    if any("EOF" in str(warning.message) for warning in caught):
        raise Unusable("cut short")
    low, high = RATES
    if not low <= rate <= high:
        raise Unusable(f"{rate} samples a second; from {low:,} to {high:,} are read")
    if stored.size == 0:
        raise Unusable("no samples")
    wave = stored.reshape(len(stored), -1)
    if np.issubdtype(wave.dtype, np.floating):
        if not np.isfinite(wave).all():
            raise Unusable("numbers that are not finite")
        return rate, wave.astype(np.float64)
    bits = 8 * wave.dtype.itemsize
    centre = 0 if np.issubdtype(wave.dtype, np.signedinteger) else 2 ** (bits - 1)
    return rate, (wave.astype(np.float64) - centre) / 2 ** (bits - 1)
