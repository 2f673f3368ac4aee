"""BiGAN (Donahue et al., 2017): an encoder in the generator's player, and a discriminator of pairs of image and latent.

jaxgan train examples/bigan_digits.py [--steps 3000]
"""

from dataclasses import dataclass

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

import jaxgan
from jaxgan import Game, Players, data, dynamics, global_mean, losses
from jaxgan.networks import DCGANGenerator, MLPDiscriminator, linen, parallel


class Encoder(nn.Module):
    size: int

    @nn.compact
    def __call__(self, x, condition=None, *, train):
        h = nn.leaky_relu(nn.Dense(256)(x.reshape(len(x), -1)))
        return nn.Dense(self.size)(h)


def joined(x, z):
    return jnp.concatenate([x.reshape(len(x), -1), z], axis=1)


def bigan(generator, encoder, discriminator, loss, size):
    g, d = parallel(generator, encoder), linen(discriminator)

    def init(key, batch):
        (key_g, key_d), x, z = jax.random.split(key), batch.real[:2], jnp.zeros((2, size))
        params, variables = zip(g.init(key_g, (z, x), None), d.init(key_d, joined(x, z), None), strict=True)
        return Players(*params), Players(*variables)

    def generate(params, variables, turn):
        real, z = turn.batch.real, turn.draw("latent", lambda key: jax.random.normal(key, (size,)))
        (x, code), moved = g.apply(params, variables, (z, real), None, train=True, key=turn.stream("generator"))
        return (joined(real, code), joined(x, z)), moved

    def judge(params, variables, samples, turn):
        real, moved = d.apply(params, variables, samples[0], None, train=True, key=turn.stream("real"))
        fake, moved = d.apply(params, moved, samples[1], None, train=True, key=turn.stream("fake"))
        info = {"real_logits": global_mean(real), "fake_logits": global_mean(fake)}
        return Players(*map(global_mean, loss(real, fake))), (moved, info)

    def sample(params, variables, key, n, condition):  # reconstructions of the images that are the condition
        zeros = jnp.zeros((n, size))
        code = g.apply(params, variables, (zeros, condition), None, train=False, key=None)[0][1]
        return g.apply(params, variables, (code, condition), None, train=False, key=None)[0][0]

    return Game(init, generate, judge, sample)


@dataclass(frozen=True)
class BiGAN:
    """A DCGAN with an encoder on the bundled digits; pictures show images beside their reconstructions."""

    latent_size: int = 32
    """Numbers in a latent."""
    rate: float = 2e-4
    """Learning rate of all three networks."""

    def dataset(self):
        return data.load("digits", image_size=16)

    def experiment(self, data, steps):
        generator, encoder = DCGANGenerator(image_size=16, channels=1, width=16), Encoder(self.latent_size)
        game = bigan(
            generator, encoder, MLPDiscriminator(hidden=(256, 256)), losses.relativistic_pairing(), self.latent_size
        )
        rule = dynamics.alternating(Players(*[optax.adam(self.rate, b1=0.5)] * 2))
        return jaxgan.Experiment(
            data,
            jaxgan.algorithm(game, rule),
            conditional="rows",
            ask=lambda rows: rows.real,
            view=lambda rows, samples: jnp.concatenate([rows.real, samples], axis=2),
            extendable=True,
        )


recipe = BiGAN()
program = jaxgan.Program(steps=3000)
