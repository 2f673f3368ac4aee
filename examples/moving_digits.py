"""A video GAN: eight frames of 16x16 pixels in which a digit moves; the frames are channels of a DCGAN.

jaxgan train examples/moving_digits.py [--steps 1000]
"""

from dataclasses import dataclass

import flax.linen as nn
import jax.numpy as jnp
import numpy as np
import optax

import jaxgan
from jaxgan import data, dynamics, losses, penalties
from jaxgan.networks import DCGANDiscriminator, DCGANGenerator

FRAMES = 8


class Generator(nn.Module):
    width: int

    @nn.compact
    def __call__(self, z, condition=None, *, train):
        frames = DCGANGenerator(image_size=16, channels=FRAMES, width=self.width)(z, train=train)
        return jnp.moveaxis(frames, -1, 1)[..., None]


class Discriminator(nn.Module):
    width: int

    @nn.compact
    def __call__(self, x, condition=None, *, train):
        frames = jnp.moveaxis(x[..., 0], 1, -1)
        return DCGANDiscriminator(width=self.width, batch_norm=False)(frames, train=train)


@dataclass(frozen=True)
class MovingDigits:
    """Small digits that drift over the picture and round its edges."""

    width: int = 32
    """Channels of the layers next to the frames."""
    gamma: float = 1.0
    """Weight of R1."""

    def dataset(self):
        random, small = np.random.default_rng(0), data.load("digits", image_size=8).real
        canvas = np.pad(small[random.integers(len(small), size=1024)], [(0, 0), (0, 8), (0, 8), (0, 0)])
        start, speed = random.integers(16, size=(1024, 2)), random.choice([-1, 1], size=(1024, 2))
        clips = [
            [np.roll(image, tuple(place + t * move), axis=(0, 1)) for t in range(FRAMES)]
            for image, place, move in zip(canvas, start, speed, strict=True)
        ]
        return data.Dataset("moving digits", np.array(clips))

    def experiment(self, data, steps):
        game = jaxgan.gan(
            Generator(self.width),
            Discriminator(self.width),
            loss=losses.non_saturating(),
            penalties=[penalties.r1(self.gamma)],
            latent_size=64,
        )
        rule = dynamics.alternating(jaxgan.Players(*[optax.adam(5e-4, b1=0.5)] * 2))
        return jaxgan.Experiment(data, jaxgan.algorithm(game, rule), extendable=True)


recipe = MovingDigits()
program = jaxgan.Program(batch_size=32, steps=1000)
