"""How close sounds are to their targets, pair by pair."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxgan.checks import require
from jaxgan.metrics.mel import vocoder_mel

OF_SOUND_PAIRS = ("mel_l1",)
SECONDS = 1024 / 22050
"""Length of a window in the program of HiFi-GAN; ours have the nearest power of two."""
BANDS_OF_SAMPLES = 80 / 1024
BATCH = 256


def mel_l1(
    made: Float[np.ndarray, "n times channels"], target: Float[np.ndarray, "n times channels"], rate: int
) -> float:
    """Mean absolute difference of mel spectrograms, in natural logarithms of amplitudes: 0.1 is a ratio of 1.105.

    The spectrograms are those of `jaxgan.metrics.mel.vocoder_mel`, up to half of the sample rate: at 22,050 samples a
    second with windows of 1,024 samples and 80 bands, as in HiFi-GAN's program, whose `Mel-Spec. Error` this is. At
    other rates windows have the nearest power of two of samples and bands in proportion. Channels are mixed.

    Args:
        made: sounds in [-1, 1].
        target: as many of the same shape.
        rate: samples a second.

    Raises:
        ValueError: if the shapes differ, or the sounds are shorter than a window.

    Reference:
        Kong et al., [HiFi-GAN: Generative Adversarial Networks for Efficient and High Fidelity Speech
        Synthesis](https://arxiv.org/abs/2010.05646), 2020, equation 5.

    Examples:
        >>> quiet = 0.1 * np.random.default_rng(0).normal(size=[1, 2048, 1]).astype(np.float32)
        >>> round(jaxgan.metrics.sound_pairs.mel_l1(quiet, 2 * quiet, rate=22050), 2)  # ln 2
        0.69
    """
    size = window(rate)
    require(
        made.ndim == 3 and made.shape == target.shape and len(made) > 0 and made.shape[1] >= size,
        f"made and target must be sounds of one shape [n, T, C] with T of at least {size}, got {made.shape} and "
        f"{target.shape}",
    )
    apart = [
        np.asarray(_apart(made[i : i + BATCH].mean(axis=2), target[i : i + BATCH].mean(axis=2), rate, size))
        for i in range(0, len(made), BATCH)
    ]
    return float(np.mean(np.concatenate(apart)))


def window(rate: int) -> int:
    """Samples of a window of the spectrograms.

    Examples:
        >>> jaxgan.metrics.sound_pairs.window(rate=22050)
        1024
    """
    return 1 << max(5, round(np.log2(rate * SECONDS)))


@partial(jax.jit, static_argnums=(2, 3))
def _apart(
    made: Float[Array, "n times"], target: Float[Array, "n times"], rate: int, size: int
) -> Float[Array, "n windows bands"]:
    bands = round(size * BANDS_OF_SAMPLES)
    mels = (vocoder_mel(waves, rate, size=size, hop=size // 4, bands=bands, highest=None) for waves in (made, target))
    return jnp.abs(jnp.subtract(*mels))
