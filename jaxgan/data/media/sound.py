"""Sound: waveforms and spectrograms in a PNG, and a WAV to listen to."""

import wave
from functools import partial
from pathlib import Path

import numpy as np

from jaxgan.checks import require
from jaxgan.data.media.medium import Medium, Rows, View, check_floats, with_suffix

FULL = 32768
SHOWN = 8
COLUMNS = 4
PAUSE = 0.25
"""Largest number of sounds in a line of a picture, and seconds of silence between two sounds of a WAV."""
FLOOR = -80.0
"""Decibels below which a spectrogram is black; 0 is a sine of full amplitude."""


def sound(rate: int) -> Medium:
    """`[N, T, C]` int16 (as samples are encoded) or float32 in [-1, 1]: T samples of C channels each.

    Args:
        rate: samples per second.

    Raises:
        ValueError: unless it is a whole number of at least 1.

    Examples:
        >>> jaxgan.data.media.sound(16000).rate
        16000
    """
    require(isinstance(rate, int) and rate >= 1, f"rate must be a whole number of at least 1, got {rate!r}")
    return Medium("sound", check, decode, encode, partial(_save, rate), rate=rate)


def check(what: str, stored: np.ndarray) -> None:
    """Raise `InputError` unless these are sounds `[N, T, C]` of int16, or of float32 in [-1, 1]."""
    shape = stored.shape
    require(stored.ndim == 3 and 0 not in shape[1:], f"{what} must be sounds [N, T, C], got shape {shape}")
    require(stored.dtype in (np.int16, np.float32), f"{what} must be int16 or float32 sounds, got {stored.dtype}")
    if stored.dtype == np.float32:
        check_floats(what, stored, bounded=True)


def decode(stored: Rows) -> Rows:
    """int16 to float32 in [-1, 1), s/32768, which is exact; floats are left as they are."""
    return stored if stored.dtype != np.int16 else stored.astype(np.float32) * np.float32(1 / FULL)


def encode(samples: np.ndarray) -> np.ndarray:
    """Sounds in [-1, 1] to int16, clipped and rounded: the inverse of `decode`."""
    return np.clip(np.round(np.asarray(samples, np.float64) * FULL), -FULL, FULL - 1).astype(np.int16)


def spectrogram(waveform: np.ndarray) -> np.ndarray:
    """Decibels `[frequencies, times]` of a waveform `[T]`, by Hann windows that overlap by three quarters.

    0 is a sine of amplitude 1. Windows have the power of two next below an eighth of T, from 16 to 512 samples;
    a shorter waveform is padded with silence.
    """
    size = int(np.clip(2 ** np.floor(np.log2(max(len(waveform) / 8, 1))), 16, 512))
    padded = np.pad(waveform, (0, max(0, size - len(waveform))))
    window = np.hanning(size + 1)[:-1]
    pieces = np.lib.stride_tricks.sliding_window_view(padded, size)[:: size // 4] * window
    amplitudes = np.abs(np.fft.rfft(pieces, axis=1)) * 2 / window.sum()
    return 20 * np.log10(np.maximum(amplitudes, 10 ** (FLOOR / 20))).T


def _save(rate: int, path: Path, samples: np.ndarray, view: View) -> Path:
    _save_wav(with_suffix(path, ".wav"), rate, samples)
    file = with_suffix(path, ".png")
    _save_picture(file, rate, samples[:SHOWN], view)
    return file


def _save_wav(file: Path, rate: int, samples: np.ndarray) -> None:
    """Write all sounds, one after another."""
    pause = np.zeros((len(samples), round(PAUSE * rate), samples.shape[2]), np.int16)
    joined = np.concatenate([encode(np.nan_to_num(samples)), pause], axis=1)
    with wave.open(str(file), "wb") as written:
        written.setnchannels(samples.shape[2])
        written.setsampwidth(2)
        written.setframerate(rate)
        written.writeframes(joined.astype("<i2").tobytes())


def _save_picture(file: Path, rate: int, samples: np.ndarray, view: View) -> None:
    from matplotlib.figure import Figure

    columns = min(COLUMNS, view.columns, len(samples))
    lines = -(-len(samples) // columns)
    figure = Figure(figsize=(3 * columns, 3 * lines), layout="constrained")
    grid = figure.subplots(2 * lines, columns, squeeze=False, sharex=True)
    seconds = samples.shape[1] / rate
    for axes in grid.flat[len(samples) :]:
        axes.set_visible(False)
    for i, sound in enumerate(np.nan_to_num(samples)):
        above, below = grid[2 * (i // columns) : 2 * (i // columns) + 2, i % columns]
        above.set_visible(True)
        below.set_visible(True)
        above.plot(np.arange(len(sound)) / rate, sound, linewidth=0.5)
        above.set(ylim=(-1.05, 1.05), xlim=(0, seconds))
        levels = below.imshow(
            spectrogram(sound.mean(axis=1)),
            aspect="auto",
            origin="lower",
            extent=(0, seconds, 0, rate / 2),
            vmin=FLOOR,
            vmax=0,
            cmap="magma",
        )
        if i % columns == 0:
            above.set_ylabel("amplitude, −1 to 1")
            below.set_ylabel("frequency, hertz")
        if i + columns >= len(samples):
            below.set_xlabel("time, seconds")
    figure.colorbar(levels, ax=grid, label="level, decibels (0: a sine of amplitude 1)", aspect=40)
    figure.suptitle(view.title)
    figure.savefig(file, dpi=100)
