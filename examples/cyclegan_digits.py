"""CycleGAN (Zhu et al., 2017) with an image pool: white digits on black to black digits on white and back, unpaired.

jaxgan train examples/cyclegan_digits.py [--rule alternating|extragradient|optimistic|consensus] [--cycle 10]
"""

from dataclasses import dataclass
from typing import Literal

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

import jaxgan
from jaxgan import Game, Players, data, dynamics, global_mean
from jaxgan.networks import DCGANDiscriminator, parallel


class Translator(nn.Module):
    @nn.compact
    def __call__(self, x, condition=None, *, train):
        h = nn.relu(nn.Conv(16, (5, 5))(x))
        h = h + nn.Conv(16, (3, 3))(nn.relu(nn.Conv(16, (3, 3))(h)))
        return jnp.tanh(nn.Conv(x.shape[-1], (5, 5))(h))


def cyclegan(translator, discriminator, cycle, pool):
    """Networks, rows and pools are pairs: what goes to `b` or is of `b`, and what goes to `a` or is of `a`."""
    g, d = parallel(translator, translator), parallel(discriminator, discriminator)

    def init(key, batch):
        key_g, key_d = jax.random.split(key)
        a, b = jax.tree.map(lambda x: jnp.asarray(x[:2]), batch.real)
        params, variables = zip(g.init(key_g, (a, b), None), d.init(key_d, (b, a), None), strict=True)
        return Players(*params), Players(variables[0], (variables[1], pool.init((b, a))))

    def generate(params, variables, turn):
        samples, moved = g.apply(params, variables, tuple(turn.batch.real), None, train=True, key=turn.stream("there"))
        back, _ = g.apply(params[::-1], variables[::-1], samples, None, train=True, key=turn.stream("back"))
        return (samples, back), moved

    def judge(params, variables, generated, turn):
        (samples, back), (variables, kept), (a, b) = generated, variables, turn.batch.real
        old, kept = pool.exchange(kept, samples, turn)
        rows = {"real": (b, a), "old": old, "fake": samples}
        passes = {n: d.apply(params, variables, x, None, train=True, key=turn.stream(n)) for n, x in rows.items()}
        (real, moved), (past, _), (fake, _) = passes.values()
        distance = both(lambda x, y: jnp.abs(x - y), back, (a, b))
        losses = Players(
            generator=both(lambda f: (f - 1) ** 2, fake) + cycle * distance,
            discriminator=both(lambda r, f: ((r - 1) ** 2 + f**2) / 2, real, past),
        )
        return losses, ((moved, kept), {"cycle_distance": distance})

    def sample(params, variables, key, n, condition):
        return g.apply(params, variables, condition, None, train=False, key=None)[0]

    return Game(init, generate, judge, sample)


def both(function, *pairs):
    return sum(global_mean(function(*each)) for each in zip(*pairs, strict=True))


@dataclass(frozen=True)
class CycleGAN:
    """Translation of digits without pairs, under any of four rules; pictures show a, to b, b, to a."""

    rule: Literal["alternating", "extragradient", "optimistic", "consensus"] = "alternating"
    """How the players move."""
    cycle: float = 10.0
    """Weight of the way there and back."""
    pool: int = 50
    """Earlier samples that the discriminators are shown now and then."""

    def dataset(self):
        return data.load("inverted_digits", image_size=16)

    def experiment(self, data, steps):
        discriminator = DCGANDiscriminator(width=16, batch_norm=False)
        game = cyclegan(Translator(), discriminator, self.cycle, jaxgan.pool(self.pool))
        adams = Players(*[optax.adam(2e-4, b1=0.5)] * 2)
        weight = {"gamma": 0.1} if self.rule == "consensus" else {}
        return jaxgan.Experiment(
            data,
            jaxgan.algorithm(game, getattr(dynamics, self.rule)(adams, **weight)),
            conditional="rows",
            ask=lambda rows: tuple(rows.real),
            view=lambda rows, made: jnp.concatenate([rows.real.a, made[0], rows.real.b, made[1]], axis=2),
            compared=lambda rows: rows.b if hasattr(rows, "b") else rows[0],
            extendable=True,
        )


recipe = CycleGAN()
program = jaxgan.Program(batch_size=32, steps=1000)
