"""BiGAN (Donahue et al., 2017): an encoder in the generator's player, and a discriminator of pairs of image and latent.

jaxgan train examples/bigan_digits.py [--steps 3000]
"""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import optax

import jaxgan
from jaxgan import Game, Players, data, dynamics, global_mean, losses
from jaxgan.networks import DCGANGenerator, MLPDiscriminator, MLPGenerator, linen, parallel


def flat(images):
    return images.reshape(len(images), -1)


def joined(x, z):
    return jnp.concatenate([flat(x), z], axis=1)


def bigan(generator, encoder, discriminator, loss, size):
    g, d = parallel(generator, encoder), linen(discriminator)

    def init(key, batch):
        (key_g, key_d), x, z = jax.random.split(key), batch.real[:2], jnp.zeros((2, size))
        params, variables = zip(g.init(key_g, (z, flat(x)), None), d.init(key_d, joined(x, z), None), strict=True)
        return Players(*params), Players(*variables)

    def generate(params, variables, turn):
        real, z = turn.batch.real, turn.draw("latent", lambda key: jax.random.normal(key, (size,)))
        (x, code), moved = g.apply(params, variables, (z, flat(real)), None, train=True, key=turn.stream("generator"))
        return (joined(real, code), joined(x, z)), moved

    def judge(params, variables, samples, turn):
        real, moved = d.apply(params, variables, samples[0], None, train=True, key=turn.stream("real"))
        fake, moved = d.apply(params, moved, samples[1], None, train=True, key=turn.stream("fake"))
        info = {"real_logits": global_mean(real), "fake_logits": global_mean(fake)}
        return Players(*map(global_mean, loss(real, fake))), (moved, info)

    def sample(params, variables, key, n, condition):  # reconstructions of the images that are the condition
        images = flat(condition)
        code = g.apply(params, variables, (jnp.zeros((n, size)), images), None, train=False, key=None)[0][1]
        return g.apply(params, variables, (code, images), None, train=False, key=None)[0][0]

    return Game(init, generate, judge, sample)


@dataclass(frozen=True)
class BiGAN:
    """A DCGAN with an encoder on the bundled digits; pictures show images beside their reconstructions."""

    latent_size: int = 32
    """Size of a latent."""
    rate: float = 2e-4
    """Learning rate of all three networks."""

    def dataset(self):
        return data.load("digits", image_size=16)

    def experiment(self, data, steps):
        generator = DCGANGenerator(image_size=16, channels=1, width=16)
        encoder = MLPGenerator(output_shape=(self.latent_size,), hidden=(256,), squash=False)
        game = bigan(generator, encoder, MLPDiscriminator((256, 256)), losses.relativistic_pairing(), self.latent_size)
        return jaxgan.Experiment(
            data,
            jaxgan.algorithm(game, dynamics.alternating(Players(*[optax.adam(self.rate, b1=0.5)] * 2))),
            conditional="rows",
            ask=lambda rows: rows.real,
            view=lambda rows, samples: jnp.concatenate([rows.real, samples], axis=2),
            extendable=True,
        )


recipe = BiGAN()
program = jaxgan.Program(steps=3000)
