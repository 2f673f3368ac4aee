"""Convert WAV files of any depth and rate to sounds of one rate, length and number of channels."""

import io
import struct
import warnings
from math import gcd
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from jaxtyping import Float, Int16

from jaxgan.data.media.sound import encode
from jaxgan.data.reading import Unusable

RATES = (100, 400_000)
"""Sample rates that are accepted, in hertz: a header with another rate is damaged."""
DAMAGES = (ValueError, TypeError, EOFError, OverflowError, ZeroDivisionError, UnboundLocalError, struct.error)
"""What SciPy raises for files that it cannot read."""


class Wave(NamedTuple):
    """The sound of a file."""

    rate: int
    """Samples a second."""
    samples: Float[np.ndarray, "times channels"]
    """In [−1, 1], except for floats beyond it."""

    def __str__(self) -> str:
        channels = self.samples.shape[1]
        return f"{self.rate} Hz, {channels} channel{'s' * (channels != 1)}"


def cut(
    wave: Wave, *, sample_rate: int, length: int, channels: int, part: int = 0
) -> Int16[np.ndarray, "{length} {channels}"]:
    """A part of a sound, padded with silence if it is short.

    Integers of n bits are divided by 2^(n−1), unsigned ones of 8 bits shifted to lie around 0; floats beyond [−1, 1]
    are clipped. Another rate is brought to `sample_rate` by `scipy.signal.resample_poly`, whose filter takes what lies
    above half of the lower rate.

    Args:
        wave: the sound.
        sample_rate: samples a second of what is returned.
        length: samples of what is returned.
        channels: 1 takes the mean of all channels; 2 keeps those of stereo, and takes those of mono twice.
        part: number of the part. Parts follow each other from the beginning, each of this length.

    Raises:
        Unusable: if there are more channels.
    """
    from scipy.signal import resample_poly

    rate, samples = wave
    common = gcd(rate, sample_rate)
    up, down = sample_rate // common, rate // common
    # the filter may look at a tenth of a second more on both sides; `down` samples of the file become `up`
    blocks = max(0, part * length - sample_rate // 10) // up
    begin = part * length - blocks * up
    needed = -(-(begin + length) * rate // sample_rate) + rate // 10
    samples = samples[blocks * down : blocks * down + needed]
    if channels == 1:
        samples = samples.mean(axis=1, keepdims=True)
    elif samples.shape[1] > channels:
        raise Unusable(f"{samples.shape[1]} channels, more than {channels}; channels=1 mixes them")
    else:
        samples = np.broadcast_to(samples, (len(samples), channels))
    resampled = resample_poly(samples, up, down, axis=0)[begin : begin + length]
    return encode(np.pad(resampled, ((0, length - len(resampled)), (0, 0))))


def read(file: BinaryIO) -> Wave:
    """The whole sound of a file.

    Args:
        file: opened for reading bytes.

    Raises:
        Unusable: if the file is empty, cut short, no WAV file of plain numbers or of a rate outside `RATES`, or holds
            numbers that are not finite.
        OSError: from the system.
    """
    from scipy.io import wavfile

    content = file.read()
    if not content:
        raise Unusable("empty")
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            rate, stored = wavfile.read(io.BytesIO(content))
    except DAMAGES as error:
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
        return Wave(rate, wave.astype(np.float64))
    bits = 8 * wave.dtype.itemsize
    centre = 0 if np.issubdtype(wave.dtype, np.signedinteger) else 2 ** (bits - 1)
    return Wave(rate, (wave.astype(np.float64) - centre) / 2 ** (bits - 1))


def parts(path: Path, *, sample_rate: int, length: int) -> int:
    """Number of whole parts of so many samples at this rate in a file, by its header; 1 of a shorter or damaged one."""
    from scipy.io import wavfile

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            rate, stored = wavfile.read(path, mmap=True)
            times = len(stored)
        except (*DAMAGES, OSError):
            try:
                with path.open("rb") as file:  # 24 bits cannot be mapped
                    wave = read(file)
            except (Unusable, OSError):
                return 1
            rate, times = wave.rate, len(wave.samples)
    return max(1, times * sample_rate // max(rate, 1) // length)
