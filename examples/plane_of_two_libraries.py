"""A game in the plane between a generator of Flax NNX and a discriminator of Equinox.

jaxgan train examples/plane_of_two_libraries.py [--steps 4000] [--width 64]
"""

from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import optax
from flax import nnx

import jaxgan
from jaxgan import data, dynamics, losses, networks, penalties


class Generator(nnx.Module):
    def __init__(self, latent_size, width, rngs):
        self.hidden = nnx.List([nnx.Linear(i, width, rngs=rngs) for i in (latent_size, width)])
        self.out = nnx.Linear(width, 2, rngs=rngs)

    def __call__(self, z, condition):
        for layer in self.hidden:
            z = nnx.relu(layer(z))
        return self.out(z)


class Discriminator(eqx.Module):
    layers: eqx.nn.MLP

    def __init__(self, width, key):
        self.layers = eqx.nn.MLP(2, 1, width, 2, key=key)

    def __call__(self, x, condition, *, train, key):
        return jnp.squeeze(jax.vmap(self.layers)(x), -1)


@dataclass(frozen=True)
class Plane:
    """Two networks of two libraries, R1 and R2, on eight Gaussians."""

    latent_size: int = 16
    """Size of a latent."""
    width: int = 64
    """Width of all hidden layers."""
    gamma: float = 0.02
    """Weight of both penalties."""
    rate: float = 1e-3
    """Learning rate of both players."""

    def dataset(self):
        return data.load("ring")

    def experiment(self, data, steps):
        game = jaxgan.gan(
            networks.nnx(lambda rngs: Generator(self.latent_size, self.width, rngs)),
            networks.equinox(lambda key: Discriminator(self.width, key)),
            loss=losses.relativistic_pairing(),
            penalties=[penalties.r1(self.gamma), penalties.r2(self.gamma)],
            latent_size=self.latent_size,
        )
        adam = optax.adam(self.rate, b1=0.0)
        rule = dynamics.alternating(jaxgan.Players(adam, adam))
        return jaxgan.Experiment(data, jaxgan.algorithm(game, rule), extendable=True)


recipe = Plane()
program = jaxgan.Program(batch_size=256, steps=4000, steps_per_call=20, sample_every=1000, checkpoint_every=1000)
