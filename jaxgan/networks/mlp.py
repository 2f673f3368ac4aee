"""Fully connected networks: the ones of a first GAN on MNIST, and of any width and depth for points."""

import math

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from jaxgan.networks.layers.dropout import Dropout
from jaxgan.networks.layers.fourier import fourier_features
from jaxgan.networks.layers.linear import Dense
from jaxgan.networks.layers.precision import Computed, at_least_float32
from jaxgan.networks.layers.rows import draw_rows


class MLPGenerator(nn.Module):
    """Latent `[B, Z]` to samples `[B, *output_shape]`: dense layers with leaky ReLU (slope 0.2), then one linear layer.

    The defaults make the 128 → 784 → 28×28 generator. A condition `[B, K]` is appended to the latent.

    Examples:
        >>> generator = jaxgan.networks.MLPGenerator(output_shape=(8, 8, 1), hidden=(16,))
        >>> images, _ = generator.init_with_output(jax.random.key(0), jnp.zeros([2, 4]), train=True)
        >>> images.shape
        (2, 8, 8, 1)
    """

    output_shape: tuple[int, ...] = (28, 28, 1)
    hidden: tuple[int, ...] = (128,)
    squash: bool = True
    """End in tanh, for images in [-1, 1]; turn it off for points."""
    dtype: Computed = None
    """Dtype of the hidden layers, see `layers.precision`."""

    @nn.compact
    def __call__(
        self,
        latent: Float[Array, "batch size"],
        condition: Float[Array, "batch classes"] | None = None,
        *,
        train: bool,
    ) -> Float[Array, "batch ..."]:
        """Make one sample for each row."""
        x = latent if condition is None else jnp.concatenate([latent, condition], axis=-1)
        for width in self.hidden:
            x = nn.leaky_relu(Dense(width, dtype=self.dtype)(x, train=train), 0.2)
        x = Dense(math.prod(self.output_shape))(x, train=train).reshape(-1, *self.output_shape)
        return jnp.tanh(x) if self.squash else x


class MLPDiscriminator(nn.Module):
    """Anything `[B, ...]`, flattened, to logits `[B]`: dense layers with leaky ReLU (slope 0.2), then one linear layer.

    The defaults make the 512 → 256 → 128 → 1 discriminator. A condition y `[B, K]` is projected on the last hidden
    layer φ: the logits are wᵀφ + b + (Vy)ᵀφ. φ is sown as features.

    Reference:
        Miyato & Koyama, [cGANs with Projection Discriminator](https://arxiv.org/abs/1802.05637), 2018, equation 3.

    Examples:
        >>> discriminator = jaxgan.networks.MLPDiscriminator(hidden=(16,))
        >>> logits, _ = discriminator.init_with_output(jax.random.key(0), jnp.zeros([2, 3]), train=True)
        >>> logits.shape
        (2,)
    """

    hidden: tuple[int, ...] = (512, 256, 128)
    dropout: float = 0.0
    """Share of hidden units dropped in training mode, in [0, 1)."""
    spectral_norm: bool = False
    projection: bool = True
    """Project the condition; without it, the condition is appended to the flat input."""
    octaves: int = 0
    """Number of frequencies 1, 2, 4, ... at which the network also sees sines and cosines of the input, see
    `layers.fourier_features`."""
    octave_falloff: float = 0.0
    """Exponent with which the amplitudes of the frequencies fall."""
    octave_steps: tuple[int, int] = (0, 0)
    """First and last step of the time in which the frequencies are let in one after another; after it, and without a
    step, all are in."""
    dtype: Computed = None
    """Dtype of the hidden layers, see `layers.precision`."""

    @nn.compact
    def __call__(
        self,
        x: Float[Array, "batch ..."],
        condition: Float[Array, "batch classes"] | None = None,
        *,
        train: bool,
        step: Int[Array, ""] | None = None,
    ) -> Float[Array, "batch"]:
        """Judge each row."""
        x = _in_octaves(x, self.octaves, self.octave_falloff, self.octave_steps, step)
        if condition is not None and not self.projection:
            x = jnp.concatenate([x, condition], axis=-1)
        for width in self.hidden:
            x = nn.leaky_relu(Dense(width, spectral_norm=self.spectral_norm, dtype=self.dtype)(x, train=train), 0.2)
            x = Dropout(self.dropout)(x, train=train)
        x = at_least_float32(x)
        self.sow("intermediates", "features", x)
        logits = jax.lax.squeeze(Dense(1, spectral_norm=self.spectral_norm)(x, train=train), (1,))
        if condition is None or not self.projection:
            return logits
        embed = Dense(x.shape[-1], use_bias=False, spectral_norm=self.spectral_norm, name="embedding")
        return logits + jnp.sum(embed(condition, train=train) * x, axis=-1)


class MLPEncoder(nn.Module):
    """Rows `[B, ...]`, flattened, with normal numbers of their own beside them, to latents `[B, latent_size]`, as an
    `MLPGenerator` without tanh.

    Two passes encode the same row differently, in evaluation mode too if there is a key, so that the latents of a row
    can be spread; without a key the numbers are 0.

    Reference:
        Dumoulin et al., [Adversarially Learned Inference](https://arxiv.org/abs/1606.00704), 2017, section 2.2; the
        noise is that of the authors' program.

    Examples:
        >>> shape(jaxgan.networks.MLPEncoder(latent_size=4, hidden=(8,)), jnp.zeros([2, 3]))
        (2, 4)
    """

    latent_size: int
    hidden: tuple[int, ...] = (128,)
    noise: int = 2
    """Count of normal numbers beside each row; 0: each row has one latent."""
    dtype: Computed = None
    """Dtype of the hidden layers, see `layers.precision`."""

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch ..."], *, train: bool, key: Key[Array, ""] | None = None
    ) -> Float[Array, "batch {self.latent_size}"]:
        """Encode each row."""
        x = x.reshape(x.shape[0], -1)
        if self.noise > 0:
            size, noise = (self.noise,), jnp.zeros((len(x), self.noise))
            if key is not None:
                noise = draw_rows(self, len(x), lambda key: jax.random.normal(key, size))
            x = jnp.concatenate([x, noise], axis=1)
        return MLPGenerator((self.latent_size,), self.hidden, squash=False, dtype=self.dtype)(x, train=train)


class JointDiscriminator(nn.Module):
    """Pairs of a row `[B, ...]` and a latent `[B, Z]` to logits `[B]`: an `MLPDiscriminator` of both, side by side.

    For the game `jaxgan.bigan`. With `alone` the logit is the sum of two: the second network sees the row alone, so
    that the quality of rows does not wait for their latents.

    Reference:
        Donahue & Simonyan, [Large Scale Adversarial Representation Learning](https://arxiv.org/abs/1907.02544), 2019
        (BigBiGAN), equation 1, for the score of the row alone, beside which the paper has one of the latent too, each
        with a loss of its own.

    Examples:
        >>> shape(jaxgan.networks.JointDiscriminator(hidden=(8,)), (jnp.zeros([2, 3]), latents))
        (2,)
    """

    hidden: tuple[int, ...] = (1024, 1024)
    alone: bool = False
    """Add the logit of a second network that sees the row alone."""
    octaves: int = 0
    """Number of frequencies 1, 2, 4, ... of the row whose sines and cosines are seen too, see `MLPDiscriminator`."""
    octave_falloff: float = 0.0
    octave_steps: tuple[int, int] = (0, 0)
    dtype: Computed = None
    """Dtype of the hidden layers, see `layers.precision`."""

    @nn.compact
    def __call__(
        self,
        pair: tuple[Float[Array, "batch ..."], Float[Array, "batch size"]],
        *,
        train: bool,
        step: Int[Array, ""] | None = None,
    ) -> Float[Array, "batch"]:
        """Judge each pair."""
        row, latent = pair
        row = _in_octaves(row, self.octaves, self.octave_falloff, self.octave_steps, step)
        logits = MLPDiscriminator(self.hidden, dtype=self.dtype)(jnp.concatenate([row, latent], axis=1), train=train)
        return logits + MLPDiscriminator(self.hidden, dtype=self.dtype)(row, train=train) if self.alone else logits


def _in_octaves(
    x: Float[Array, "batch ..."],
    octaves: int,
    falloff: float,
    steps: tuple[int, int],
    step: Int[Array, ""] | None,
) -> Float[Array, "batch size"]:
    """Flat rows with sines and cosines of some frequencies, which are let in along these steps."""
    begin, end = steps
    opened = 1.0 if step is None or end == 0 else jnp.clip((step - begin) / max(end - begin, 1), 0, 1)
    return fourier_features(x.reshape(x.shape[0], -1), octaves, opened=opened, falloff=falloff)
