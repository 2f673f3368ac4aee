"""Synthetic sounds: plucked strings, chirps and drums of known pitch."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from jaxgan.checks import require
from jaxgan.data.dataset import Dataset
from jaxgan.data.media.sound import encode, sound

RATE = 4000
"""Samples a second."""
LENGTH = 1024
ROWS = 4800
KINDS = ("string", "chirp", "drum")
LOWEST, HIGHEST = 110.0, 440.0
"""Lowest and highest pitch of strings and chirps in hertz: two octaves, from A2 to A4."""
LOUDEST = 0.9
"""Largest amplitude of each sound."""


class Tones(NamedTuple):
    """Sounds with their kinds and pitches."""

    waves: Float[np.ndarray, "rows times"]
    """In [-0.9, 0.9]."""
    kinds: Int[np.ndarray, "rows"]
    """Places in `KINDS`."""
    pitches: Float[np.ndarray, "rows"]
    """Fundamental frequency in hertz: constant for strings; halfway through the sound for chirps and drums."""


def tones(length: int = LENGTH) -> Dataset:
    """4,800 plucked strings, chirps and drums in turn, of int16 and one channel, with their kinds as labels.

    They are drawn once and for all, at 4,000 samples a second.

    Args:
        length: samples of each, at least 64.

    Raises:
        ValueError: for fewer.
    """
    made = drawn(np.random.default_rng(0), ROWS, length)
    return Dataset(
        "tones", encode(made.waves[..., None]), made.kinds, len(KINDS), class_names=KINDS, medium=sound(RATE)
    )


def drawn(random: np.random.Generator, rows: int, length: int = LENGTH, rate: int = RATE) -> Tones:
    """Sounds of equal loudness, their pitches uniform on the logarithmic scale.

    | kind | what |
    |---|---|
    | string | noise that goes round a loop as long as a period, which takes its high frequencies first |
    | chirp | a sine that rises or falls by up to a fifth (a factor 1.5), faded in and out |
    | drum | a sine that falls from twice its last pitch to it, and a click of noise, both dying away |

    Reference:
        Karplus & Strong, Digital Synthesis of Plucked-String and Drum Timbres, 1983; Jaffe & Smith, Extensions of the
        Karplus-Strong Plucked-String Algorithm, 1983 (the all-pass filter by which any pitch can be had).
    """
    require(rows >= 1, f"rows must be at least 1, got {rows}")
    require(length >= 64, f"length must be at least 64 samples, got {length}")
    kinds = (np.arange(rows) % len(KINDS)).astype(np.int32)
    pitches = np.exp(random.uniform(np.log(LOWEST), np.log(HIGHEST), rows))
    make = (_string, _chirp, _drum)
    waves = np.stack([make[kind](random, pitch, length, rate) for kind, pitch in zip(kinds, pitches, strict=True)])
    pitches = np.where(kinds == KINDS.index("drum"), _drum_pitch(pitches, length / rate / 2), pitches)
    return Tones(LOUDEST * waves / np.abs(waves).max(axis=1, keepdims=True), kinds, pitches)


def _string(random: np.random.Generator, pitch: float, length: int, rate: int) -> Float[np.ndarray, "times"]:
    """Two-point averages delay by half a sample, an all-pass filter by `rest`, which is from 0.1 to 1.1."""
    from scipy.signal import lfilter

    period = rate / pitch
    delay = int(period - 0.6)
    rest = period - 0.5 - delay
    allpass = (1 - rest) / (1 + rest)
    ahead = np.array([1.0, allpass])
    loop = 0.5 * np.convolve([1, 1], ahead[::-1])
    loss = 10 ** (-3 * period / rate / 1.0)  # 60 decibels a second beside what the averages take
    feedback = np.concatenate([ahead, np.zeros(delay + 1)])
    feedback[delay : delay + 3] -= loss * loop
    noise = random.uniform(-1, 1, delay)
    plucked = np.concatenate([noise - noise.mean(), np.zeros(length)])[:length]
    return np.asarray(lfilter(ahead, feedback, plucked))


def _chirp(random: np.random.Generator, pitch: float, length: int, rate: int) -> Float[np.ndarray, "times"]:
    t = np.arange(length) / rate
    duration = length / rate
    octaves = random.uniform(-np.log2(1.5), np.log2(1.5))
    phase = 2 * np.pi * np.cumsum(pitch * 2 ** (octaves * (t / duration - 0.5))) / rate
    return np.sin(phase + random.uniform(0, 2 * np.pi)) * np.hanning(length)


def _drum(random: np.random.Generator, pitch: float, length: int, rate: int) -> Float[np.ndarray, "times"]:
    t = np.arange(length) / rate
    phase = 2 * np.pi * np.cumsum(_drum_pitch(pitch, t)) / rate
    click = random.normal(0, 0.3, length) * np.exp(-t / 0.01)
    return np.sin(phase) * np.exp(-t / 0.06) + click


def _drum_pitch(last: float | Float[np.ndarray, "..."], t: float | Float[np.ndarray, "..."]) -> np.ndarray:
    return np.asarray(last) / 2 * (1 + np.exp(-np.asarray(t) / 0.03))
