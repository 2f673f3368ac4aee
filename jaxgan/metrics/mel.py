"""Spectrograms on the scale of mel, in decibels."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxgan.checks import require


def mel_filters(
    rate: int, size: int, bands: int, lowest: float, highest: float
) -> Float[np.ndarray, "bands frequencies"]:
    """Triangles over the frequencies of a transform of `size` samples, which overlap by half and are 1 at their peaks.

    Their peaks are at equal distances on m(f) = 2595·log₁₀(1 + f/700).

    Args:
        rate: samples a second.
        size: samples of a window.
        bands: at least 1.
        lowest: hertz where the first triangle begins.
        highest: hertz where the last one ends, at most half of the rate.

    Raises:
        ValueError: if the frequencies are out of range, or so near to each other that a triangle holds none.

    Reference:
        O'Shaughnessy, Speech Communication: Human and Machine, 1987 (the scale).

    Examples:
        >>> filters = jaxgan.metrics.mel.mel_filters(rate=8000, size=256, bands=4, lowest=0, highest=4000)
        >>> filters.shape, bool(filters.max() <= 1)
        ((4, 129), True)
    """
    require(
        0 <= lowest < highest <= rate / 2, f"0 ≤ lowest < highest ≤ {rate / 2:g} must hold, got {lowest}, {highest}"
    )
    first, last = (2595 * float(np.log10(1 + f / 700)) for f in (lowest, highest))
    mels = np.linspace(first, last, bands + 2)
    corners = 700 * (10 ** (mels / 2595) - 1)
    frequencies = np.arange(size // 2 + 1) * rate / size
    left, peak, right = (corners[i : i + bands, None] for i in range(3))
    filters = np.maximum(0, np.minimum((frequencies - left) / (peak - left), (right - frequencies) / (right - peak)))
    require(bool(filters.any(axis=1).all()), f"{bands} bands are too many for windows of {size} samples")
    return filters


@cache
def _filters(rate: int, size: int, bands: int) -> Float[np.ndarray, "bands frequencies"]:
    return mel_filters(rate, size, bands, 0.0, rate / 2).astype(np.float32)


def log_mel(
    waves: Float[Array, "batch times"],
    rate: int,
    *,
    size: int = 256,
    hop: int = 64,
    bands: int = 32,
    floor: float = -80.0,
) -> Float[Array, "batch windows bands"]:
    """Decibels in bands of mel up to half of the rate, of Hann windows; 0 is a sine of amplitude 1 at a band's peak.

    Args:
        waves: in [-1, 1].
        rate: samples a second.
        size: samples of a window; waves are mirrored by (size − hop)/2 samples at their ends, so that there are T/hop
            windows.
        hop: samples from one window to the next.
        bands: bands of the spectrogram.
        floor: decibels below which there is nothing.

    Raises:
        ValueError: unless the waves are longer than half a window.

    Examples:
        >>> jaxgan.metrics.mel.log_mel(jnp.zeros([2, 1024]), rate=8000).shape
        (2, 16, 32)
    """
    require(
        waves.ndim == 2 and waves.shape[1] > size // 2,
        f"waves must be [N, T] with T above {size // 2}, got shape {waves.shape}",
    )
    window = jnp.asarray(np.hanning(size + 1)[:-1], waves.dtype)
    before = (size - hop) // 2
    padded = jnp.pad(waves, ((0, 0), (before, size - hop - before)), mode="reflect")
    starts = np.arange(0, padded.shape[1] - size + 1, hop)
    windows = padded[:, starts[:, None] + np.arange(size)] * window
    spectrum = jnp.fft.rfft(windows, axis=-1)
    amplitudes = jnp.sqrt(spectrum.real**2 + spectrum.imag**2 + 1e-9) * 2 / jnp.sum(window)  # 0 has no slope
    heard = jax.lax.dot(amplitudes.reshape(-1, amplitudes.shape[-1]), jnp.asarray(_filters(rate, size, bands).T))
    return 20 * jnp.log10(jnp.maximum(heard, 10 ** (floor / 20))).reshape(*amplitudes.shape[:2], bands)
