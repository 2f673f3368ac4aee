"""A waveform GAN with WGAN-GP on synthetic chirps: 1-D convolutions, as in WaveGAN (Donahue et al., 2019).

jaxgan train examples/chirps.py [--critic-steps 5]
"""

from dataclasses import dataclass

import flax.linen as nn
import jax.numpy as jnp
import numpy as np
import optax

import jaxgan
from jaxgan import data, dynamics, losses, penalties
from jaxgan.data import media

RATE, LENGTH = 4000, 512


class Generator(nn.Module):
    width: int

    @nn.compact
    def __call__(self, z, condition=None, *, train):
        h = nn.relu(nn.Dense(8 * 4 * self.width)(z)).reshape(len(z), 8, 4 * self.width)
        for channels in (2 * self.width, self.width):
            h = nn.relu(nn.ConvTranspose(channels, (9,), (4,))(h))
        return jnp.tanh(nn.ConvTranspose(1, (9,), (4,))(h))


class Critic(nn.Module):
    width: int

    @nn.compact
    def __call__(self, x, condition=None, *, train):
        for channels in (self.width, 2 * self.width, 4 * self.width):
            x = nn.leaky_relu(nn.Conv(channels, (9,), (4,))(x), 0.2)
        return jnp.squeeze(nn.Dense(1)(x.reshape(len(x), -1)), -1)


@dataclass(frozen=True)
class Chirps:
    """Short tones that rise or fall, an eighth of a second each."""

    width: int = 8
    """Channels of the layers next to the waveform."""
    penalty: float = 10.0
    """Weight of the gradient penalty."""
    critic_steps: int = 5
    """Critic steps for each generator step; they share the batch."""

    def dataset(self):
        random, t = np.random.default_rng(0), np.arange(LENGTH) / RATE
        start, end, phase = random.uniform([[200], [200], [0]], [[800], [800], [2 * np.pi]], (3, 2048))[..., None]
        sweep = 2 * np.pi * (start * t + (end - start) * t**2 / (2 * t[-1])) + phase
        waves = 0.8 * np.sin(sweep) * np.hanning(LENGTH)
        return data.Dataset("chirps", np.round(32767 * waves[..., None]).astype(np.int16), medium=media.sound(RATE))

    def experiment(self, data, steps):
        game = jaxgan.gan(
            Generator(self.width),
            Critic(self.width),
            loss=losses.wasserstein(),
            penalties=[penalties.gradient_penalty(self.penalty)],
            latent_size=32,
        )
        adams = jaxgan.Players(*[optax.adam(1e-4, b1=0.5, b2=0.9)] * 2)
        rule = dynamics.alternating(adams, discriminator_steps=self.critic_steps)
        algorithm = jaxgan.algorithm(game, rule)
        return jaxgan.Experiment(data, algorithm, parts=self.critic_steps, extendable=True)


recipe = Chirps()
program = jaxgan.Program(batch_size=160, steps=1000, sample_every=250)
