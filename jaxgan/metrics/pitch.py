"""The pitch of sounds, and how clear it is."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from jaxgan.checks import require

LOWEST, HIGHEST = 50.0, 1000.0
"""Lowest and highest pitch to look for, in hertz."""
PERIODS = 3
"""Periods of the lowest pitch in a frame."""
NEAR = 0.9
"""The pitch is that of the first peak that is at least this fraction of the highest peak."""
SAMPLES = 7
"""Samples in a period, at least: between two samples a peak of n is then cos(π/7) = 0.9 high."""
SILENCE = 1e-4
"""Root mean square below which a sound counts as silence, for amplitudes up to 1."""


class Pitches(NamedTuple):
    """Pitch and clarity of each sound."""

    hertz: Float[np.ndarray, "rows"]
    """NaN where no frame has a peak."""
    clarity: Float[np.ndarray, "rows"]
    """1 if the sound repeats itself after each period; below 0.3 for white noise, 0 for silence."""


def pitches(
    waves: Float[np.ndarray, "rows times"], rate: int, *, lowest: float = LOWEST, highest: float = HIGHEST
) -> Pitches:
    """The pitch of each sound by the normalised square difference function, in frames that overlap by half.

    Of a frame x of W samples n(τ) = 2·Σ x_j·x_{j+τ} / Σ (x_j² + x_{j+τ}²), in [−1, 1]; the pitch is rate/τ at the first
    peak, found between samples by a parabola, and the height of that peak is the frame's clarity. Frames hold three
    periods of the lowest pitch. A sound has their median pitch and mean clarity, weighted by their energies, so that
    a pitch may move.

    Args:
        waves: in [-1, 1], of one channel.
        rate: samples a second, at least seven times the highest pitch, lest the first peak be missed.
        lowest: hertz.
        highest: hertz, above the lowest.

    Raises:
        ValueError: if these are no waves, they are shorter than two periods of the lowest pitch, or the pitches are out
            of range.

    Reference:
        McLeod & Wyvill, A Smarter Way to Find Pitch, 2005.

    Examples:
        >>> wave = np.sin(2 * np.pi * 440 * np.arange(4096) / 16000)[None]
        >>> found = jaxgan.metrics.pitch.pitches(wave, rate=16000)
        >>> round(float(found.hertz[0]))
        440
    """
    require(waves.ndim == 2, f"waves must be [N, T], got shape {waves.shape}")
    shortest, longest = int(rate / highest), int(np.ceil(rate / lowest)) + 1
    require(0 < lowest < highest, f"lowest must be above 0 and below highest={highest:g}, got {lowest:g}")
    require(highest <= rate / SAMPLES, f"highest must be at most a seventh of rate={rate}, got {highest:g}")
    times = waves.shape[1]
    require(times >= 2 * longest, f"waves must have at least {2 * longest} samples, got {times}")
    size = min(PERIODS * longest, times)
    frames = np.lib.stride_tricks.sliding_window_view(waves, size, axis=1)[:, :: max(size // 2, 1)]
    alike = _alike(frames.astype(np.float64), longest + 1)
    hertz, clarity = _peaks(alike, shortest, rate)
    energy = np.sum(np.square(frames, dtype=np.float64), axis=-1)
    weights = energy / np.maximum(energy.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    loud = np.sqrt(np.mean(np.square(waves, dtype=np.float64), axis=1)) > SILENCE
    return Pitches(
        np.where(loud, _weighted_median(hertz, weights), np.nan), np.where(loud, np.sum(weights * clarity, axis=1), 0.0)
    )


def _alike(frames: Float[np.ndarray, "rows frames size"], lags: int) -> Float[np.ndarray, "rows frames lags"]:
    """n(τ) for τ from 0 on."""
    size = frames.shape[-1]
    spectrum = np.fft.rfft(frames, 2 * size, axis=-1)
    products = np.fft.irfft(np.abs(spectrum) ** 2, axis=-1)[..., :lags]
    before = np.concatenate([np.zeros((*frames.shape[:-1], 1)), np.cumsum(frames**2, axis=-1)], axis=-1)
    places = np.arange(lags)
    squares = before[..., size - places] + before[..., -1:] - before[..., places]
    return 2 * products / np.maximum(squares, 1e-12)


def _peaks(
    alike: Float[np.ndarray, "rows frames lags"], shortest: int, rate: int
) -> tuple[Float[np.ndarray, "rows frames"], Float[np.ndarray, "rows frames"]]:
    """Hertz and height of the first high peak of each frame; NaN and 0 where there is none."""
    left, middle, right = alike[..., shortest - 1 : -2], alike[..., shortest:-1], alike[..., shortest + 1 :]
    peaks = np.where((middle > left) & (middle >= right) & (middle > 0), middle, 0.0)
    high = peaks >= NEAR * peaks.max(axis=-1, keepdims=True)
    first = np.argmax(high & (peaks > 0), axis=-1)[..., None]
    a, b, c = (np.take_along_axis(part, first, axis=-1)[..., 0] for part in (left, middle, right))
    found = np.take_along_axis(peaks, first, axis=-1)[..., 0] > 0
    curve = np.where(found, a - 2 * b + c, -1.0)
    period = shortest + first[..., 0] + (a - c) / (2 * curve)
    return np.where(found, rate / period, np.nan), np.where(found, np.minimum(b - (a - c) ** 2 / (8 * curve), 1), 0.0)


def _weighted_median(
    values: Float[np.ndarray, "rows frames"], weights: Float[np.ndarray, "rows frames"]
) -> Float[np.ndarray, "rows"]:
    """Weighted median of the finite values of each row."""
    weights = np.where(np.isfinite(values), weights, 0.0)
    order = np.argsort(values, axis=1)  # NaN last
    below = np.cumsum(np.take_along_axis(weights, order, axis=1), axis=1)
    place = np.argmax(below >= below[:, -1:] / 2, axis=1)[:, None]
    return np.take_along_axis(np.take_along_axis(values, order, axis=1), place, axis=1)[:, 0]
