"""pix2pix (Isola et al., 2017): from the edges of a digit to the digit, an image as the condition.

jaxgan train examples/edges_to_digits.py [--weight 100]
"""

from dataclasses import dataclass

import flax.linen as nn
import jax.numpy as jnp
import optax

import jaxgan
from jaxgan import conditions, data, dynamics, losses, terms


class UNet(nn.Module):
    width: int

    @nn.compact
    def __call__(self, latent, edges, *, train):
        top = nn.relu(nn.Conv(self.width, (3, 3))(edges))
        half = nn.relu(nn.Conv(2 * self.width, (4, 4), (2, 2))(top))
        quarter = nn.relu(nn.Conv(4 * self.width, (4, 4), (2, 2))(half))
        up = jnp.concatenate([half, nn.relu(nn.ConvTranspose(2 * self.width, (4, 4), (2, 2))(quarter))], -1)
        up = jnp.concatenate([top, nn.relu(nn.ConvTranspose(self.width, (4, 4), (2, 2))(up))], -1)
        return jnp.tanh(nn.Conv(edges.shape[-1], (3, 3))(up))


class PatchGAN(nn.Module):
    width: int

    @nn.compact
    def __call__(self, x, edges, *, train):
        h = nn.leaky_relu(nn.Conv(self.width, (4, 4), (2, 2))(jnp.concatenate([x, edges], -1)), 0.2)
        h = nn.leaky_relu(nn.Conv(2 * self.width, (4, 4), (2, 2))(h), 0.2)
        return jnp.squeeze(nn.Conv(1, (4, 4))(h), -1)


@dataclass(frozen=True)
class EdgesToDigits:
    """A small U-Net against a PatchGAN, with an L1 distance; pictures show edges, sample and digit side by side."""

    width: int = 16
    """Channels of both networks' layers next to the image."""
    weight: float = 100.0
    """Weight of the L1 distance."""
    rate: float = 2e-4
    """Learning rate of both players."""

    def dataset(self):
        return data.load("edges_to_digits", image_size=16)

    def experiment(self, data, steps):
        game = jaxgan.gan(
            UNet(self.width),
            PatchGAN(self.width),
            loss=losses.non_saturating(),
            terms=[terms.reconstruction(self.weight)],
            condition=conditions.like(data.shape),
            latent_size=1,
        )
        rule = dynamics.alternating(jaxgan.Players(*[optax.adam(self.rate, b1=0.5)] * 2))
        return jaxgan.Experiment(
            data,
            jaxgan.algorithm(game, rule),
            conditional="rows",
            view=lambda rows, samples: jnp.concatenate([rows.condition, samples, rows.real], axis=2),
            extendable=True,
        )


recipe = EdgesToDigits()
program = jaxgan.Program(batch_size=32, steps=1000)
