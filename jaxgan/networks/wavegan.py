"""The networks of WaveGAN: DCGAN in one dimension, for waveforms.

Donahue et al., Adversarial Audio Synthesis, 2019; layers and first weights are those of the authors' program.
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from jaxgan.checks import require
from jaxgan.networks.layers.linear import Dense
from jaxgan.networks.layers.precision import Computed, at_least_float32
from jaxgan.networks.layers.rows import draw_rows
from jaxgan.networks.layers.waveform import Conv1D, ConvTranspose1D

SHORTEST = 16
"""Places of the smallest feature map."""
STRIDE = 4

kernel_init = nn.initializers.xavier_uniform()


class WaveGANGenerator(nn.Module):
    """Latent `[B, Z]` to waveforms `[B, length, channels]` in [-1, 1].

    A dense layer to 16 places, then transposed convolutions of 25 taps and stride 4, which halve the channels down to
    `width`; ReLU between them, tanh at the end. A condition `[B, K]` is appended to the latent.

    Raises:
        ValueError: on construction, unless the length is 16 times a power of 4.

    Examples:
        >>> shape(jaxgan.networks.WaveGANGenerator(length=1024, channels=1, width=4), latents)
        (2, 1024, 1)
    """

    length: int = 16384
    """Samples of a waveform: 16·4^k, k at least 1, such as 1024, 4096, 16384 or 65536."""
    channels: int = 1
    width: int = 64
    dtype: Computed = None
    """Dtype of the computation, see `layers.precision`."""

    def __post_init__(self) -> None:
        layers(self.length)
        super().__post_init__()

    @nn.compact
    def __call__(
        self,
        latent: Float[Array, "batch size"],
        condition: Float[Array, "batch classes"] | None = None,
        *,
        train: bool,
    ) -> Float[Array, "batch times channels"]:
        """Make one waveform for each row."""
        x = latent if condition is None else jnp.concatenate([latent, condition], axis=-1)
        features = self.width << (layers(self.length) - 1)
        x = Dense(SHORTEST * features, kernel_init=kernel_init, dtype=self.dtype)(x, train=train)
        x = nn.relu(x).reshape(-1, SHORTEST, features)
        while features > self.width:
            features //= 2
            x = nn.relu(ConvTranspose1D(features, stride=STRIDE, dtype=self.dtype)(x))
        x = ConvTranspose1D(self.channels, stride=STRIDE, dtype=self.dtype)(x)
        return jnp.tanh(at_least_float32(x))


class WaveGANDiscriminator(nn.Module):
    """Waveforms `[B, 16·4^k, channels]` to logits `[B]`.

    Convolutions of 25 taps and stride 4 down to 16 places, each doubling the channels from `width`, with leaky ReLU
    (slope 0.2); then one dense layer. In training mode each but the last is followed by `phase_shuffled`, so that the
    discriminator cannot go by the phase at which the generator's artefacts always lie. A condition `[B, K]` adds the
    inner product of its linear embedding with the features summed over places (projection; Miyato & Koyama, cGANs with
    Projection Discriminator, 2018, equation 3). The last feature map is sown as features.

    Raises:
        ValueError: when called, unless the length is 16 times a power of 4.

    Examples:
        >>> shape(jaxgan.networks.WaveGANDiscriminator(width=4), jnp.zeros([2, 1024, 1]))
        (2,)
    """

    width: int = 64
    phase_shuffle: int = 2
    """Most places by which feature maps are shifted; each row by its own number, where the authors' program shifts all
    rows of a batch alike. 0: none."""
    dtype: Computed = None
    """Dtype of the convolutions and of what lies between them, see `layers.precision`."""

    @nn.compact
    def __call__(
        self,
        x: Float[Array, "batch times channels"],
        condition: Float[Array, "batch classes"] | None = None,
        *,
        train: bool,
    ) -> Float[Array, "batch"]:
        """Judge each waveform."""
        require(x.ndim == 3, f"expected waveforms [B, T, C], got shape {x.shape}")
        count = layers(x.shape[1])
        for i in range(count):
            x = nn.leaky_relu(Conv1D(self.width << i, stride=STRIDE, dtype=self.dtype)(x), 0.2)
            if train and i < count - 1 and self.phase_shuffle > 0:
                x = phase_shuffled(x, draw_rows(self, x.shape[0], self._shift), self.phase_shuffle)
        x = at_least_float32(x)
        flat = x.reshape(x.shape[0], -1)
        self.sow("intermediates", "features", flat)
        logits = Dense(1, kernel_init=kernel_init)(flat, train=train)[:, 0]
        if condition is not None:
            embed = Dense(x.shape[-1], use_bias=False, kernel_init=kernel_init, name="embedding")
            logits = logits + jnp.sum(embed(condition, train=train) * jnp.sum(x, axis=1), axis=-1)
        return logits

    def _shift(self, key: Key[Array, ""]) -> Int[Array, ""]:
        return jax.random.randint(key, (), -self.phase_shuffle, self.phase_shuffle + 1)


def phase_shuffled(
    x: Float[Array, "batch times channels"], shifts: Int[Array, "batch"], most: int
) -> Float[Array, "batch times channels"]:
    """Each row later by its shift (earlier by a negative one); what is missing at an end is mirrored there.

    Args:
        x: feature maps of more than `most` places.
        shifts: whole numbers from -most to most.
        most: the largest.

    Reference:
        Donahue et al., [Adversarial Audio Synthesis](https://arxiv.org/abs/1802.04208), 2019, the section on phase
        shuffle.
    """
    times = x.shape[1]
    padded = jnp.pad(x, ((0, 0), (most, most), (0, 0)), mode="reflect")
    picked = jax.nn.one_hot(most - shifts, 2 * most + 1, dtype=x.dtype)[:, :, None, None]
    return sum(
        (picked[:, i] * padded[:, i : i + times] for i in range(1, 2 * most + 1)), picked[:, 0] * padded[:, :times]
    )


def layers(length: int) -> int:
    """k of a length of 16·4^k samples.

    Raises:
        ValueError: if it is none, or k is below 1.
    """
    count = (length // SHORTEST).bit_length() // 2
    require(
        count >= 1 and length == SHORTEST * STRIDE**count,
        f"length must be 16 times a power of 4, such as 1024, 4096 or 16384 samples, got {length}",
    )
    return count
