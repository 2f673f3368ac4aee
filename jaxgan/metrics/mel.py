"""Spectrograms on the scale of mel: in decibels, and as vocoders take them."""

from collections.abc import Callable
from functools import cache
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxgan.checks import require, require_choice

Scale = Literal["htk", "slaney"]


def mel_filters(
    rate: int, size: int, bands: int, lowest: float, highest: float, scale: Scale = "htk"
) -> Float[np.ndarray, "bands frequencies"]:
    """Triangles over the frequencies of a transform of `size` samples, which overlap by half.

    | scale | peaks at equal distances on | height of a peak |
    |---|---|---|
    | htk | m(f) = 2595·log₁₀(1 + f/700) | 1 |
    | slaney | m(f) = 3f/200 up to 1,000 hertz, then 15 + 27·ln(f/1000)/ln 6.4 | 2 over the width in hertz: area 1 |

    Args:
        rate: samples a second.
        size: samples of a window.
        bands: at least 1.
        lowest: hertz where the first triangle begins.
        highest: hertz where the last one ends, at most half of the rate.
        scale: "htk" or "slaney".

    Raises:
        ValueError: if the frequencies are out of range, or so near to each other that a triangle holds none.

    Reference:
        O'Shaughnessy, Speech Communication: Human and Machine, 1987 (the scale of HTK); Slaney, Auditory Toolbox
        Version 2, 1998 (the other one, which is the default of librosa).

    Examples:
        >>> filters = jaxgan.metrics.mel.mel_filters(rate=8000, size=256, bands=4, lowest=0, highest=4000)
        >>> filters.shape, bool(filters.max() <= 1)
        ((4, 129), True)
    """
    require(
        0 <= lowest < highest <= rate / 2, f"0 ≤ lowest < highest ≤ {rate / 2:g} must hold, got {lowest}, {highest}"
    )
    require_choice("scale", scale, tuple(SCALES))
    mel, hertz = SCALES[scale]
    first, last = mel(np.array([lowest, highest]))
    corners = hertz(np.linspace(first, last, bands + 2))
    frequencies = np.arange(size // 2 + 1) * rate / size
    left, peak, right = (corners[i : i + bands, None] for i in range(3))
    filters = np.maximum(0, np.minimum((frequencies - left) / (peak - left), (right - frequencies) / (right - peak)))
    require(bool(filters.any(axis=1).all()), f"{bands} bands are too many for windows of {size} samples")
    return filters * (2 / (right - left) if scale == "slaney" else 1)


def _slaney_mel(hertz: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    return np.where(hertz < 1000, 3 * hertz / 200, 15 + 27 * np.log(np.maximum(hertz, 1000) / 1000) / np.log(6.4))


def _slaney_hertz(mel: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    return np.where(mel < 15, 200 * mel / 3, 1000 * 6.4 ** ((np.maximum(mel, 15) - 15) / 27))


SCALES: dict[Scale, tuple[Callable[[np.ndarray], np.ndarray], Callable[[np.ndarray], np.ndarray]]] = {
    "htk": (lambda hertz: 2595 * np.log10(1 + hertz / 700), lambda mel: 700 * (10 ** (mel / 2595) - 1)),
    "slaney": (_slaney_mel, _slaney_hertz),
}
"""From hertz to mel, and back."""


@cache
def _filters(
    rate: int, size: int, bands: int, lowest: float, highest: float, scale: Scale
) -> Float[np.ndarray, "bands frequencies"]:
    return mel_filters(rate, size, bands, lowest, highest, scale).astype(np.float32)


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
    amplitudes = _amplitudes(waves, size, hop) * 2 / np.hanning(size + 1)[:-1].sum()
    heard = _in_bands(amplitudes, _filters(rate, size, bands, 0.0, rate / 2, "htk"))
    return 20 * jnp.log10(jnp.maximum(heard, 10 ** (floor / 20)))


def vocoder_mel(
    waves: Float[Array, "batch times"],
    rate: int,
    *,
    size: int = 1024,
    hop: int = 256,
    bands: int = 80,
    lowest: float = 0.0,
    highest: float | None = 8000.0,
    floor: float = 1e-5,
) -> Float[Array, "batch windows bands"]:
    """Mel spectrograms as vocoders are trained on: ln max(floor, Σ_f w_bf·|X_f|), w Slaney's filters.

    X is the transform of Hann windows, whose sum is not divided out.

    Args:
        waves: in [-1, 1].
        rate: samples a second.
        size: samples of a window, see `log_mel`.
        hop: samples from one window to the next.
        bands: bands of the spectrogram.
        lowest: hertz where the first band begins.
        highest: hertz where the last one ends; None: half of the rate.
        floor: what less is raised to: ln 10⁻⁵ is −11.5. A sine of amplitude a has a·size/4 in one frequency.

    Raises:
        ValueError: unless the waves are longer than half a window and the frequencies are in range.

    Reference:
        Kong et al., [HiFi-GAN: Generative Adversarial Networks for Efficient and High Fidelity Speech
        Synthesis](https://arxiv.org/abs/2010.05646), 2020; formula and numbers are those of the authors' program.

    Examples:
        >>> jaxgan.metrics.mel.vocoder_mel(jnp.zeros([2, 8192]), rate=22050).shape
        (2, 32, 80)
    """
    filters = _filters(rate, size, bands, lowest, rate / 2 if highest is None else highest, "slaney")
    return jnp.log(jnp.maximum(_in_bands(_amplitudes(waves, size, hop), filters), floor))


def _amplitudes(waves: Float[Array, "batch times"], size: int, hop: int) -> Float[Array, "batch windows frequencies"]:
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
    return jnp.sqrt(spectrum.real**2 + spectrum.imag**2 + 1e-9)  # 0 has no slope


def _in_bands(
    amplitudes: Float[Array, "batch windows frequencies"], filters: Float[np.ndarray, "bands frequencies"]
) -> Float[Array, "batch windows bands"]:
    heard = jax.lax.dot(amplitudes.reshape(-1, amplitudes.shape[-1]), jnp.asarray(filters.T))
    return heard.reshape(*amplitudes.shape[:2], -1)
