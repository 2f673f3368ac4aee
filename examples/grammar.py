"""A GAN of sentences: tokens that a Gumbel softmax draws, straight through (Jang et al., 2017; Kusner et al., 2016).

jaxgan train examples/grammar.py [--temperature 1]
"""

from dataclasses import dataclass
from typing import Annotated

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax

import jaxgan
from jaxgan import data, dynamics, losses, penalties
from jaxgan.data import media
from jaxgan.networks import MLPDiscriminator, layers
from jaxgan.options import Range

WORDS = ("a", "the", "cat", "dog", "bird", "sees", "hears", "likes", ".")
ARTICLE, NOUN, VERB, STOP = (0, 1), (2, 3, 4), (5, 6, 7), (8,)
LENGTH = 6


class Writer(nn.Module):
    """It has an argument `step` for its temperature, which falls to half, and `key` so that samples have noise too."""

    width: int
    temperature: float

    @nn.compact
    def __call__(self, z, condition=None, *, train, step, key):
        h = nn.relu(nn.Dense(self.width)(nn.relu(nn.Dense(self.width)(z))))
        logits = nn.Dense(LENGTH * len(WORDS))(h).reshape(-1, LENGTH, len(WORDS))
        gumbel = layers.draw_rows(self, len(z), lambda key: jax.random.gumbel(key, logits.shape[1:]))
        soft = jax.nn.softmax((logits + gumbel) / (self.temperature * (1 + 2.0 ** (-step / 500))))
        hard = jax.nn.one_hot(jnp.argmax(soft, -1), len(WORDS))
        return soft + jax.lax.stop_gradient(hard - soft)


@dataclass(frozen=True)
class Grammar:
    """Sentences of a tiny grammar: article, noun, verb, article, noun, full stop."""

    width: int = 128
    """Width of the hidden layers."""
    temperature: Annotated[float, Range(0.01)] = 1.0
    """Temperature of the final Gumbel softmax; it begins at twice that."""
    gamma: float = 0.3
    """Weight of R1."""

    def dataset(self):
        random, kinds = np.random.default_rng(0), (ARTICLE, NOUN, VERB, ARTICLE, NOUN, STOP)
        sentences = np.stack([random.choice(kind, 4096) for kind in kinds], axis=1)
        return data.Dataset("grammar", sentences.astype(np.int32), medium=media.tokens(WORDS))

    def experiment(self, data, steps):
        game = jaxgan.gan(
            Writer(self.width, self.temperature),
            MLPDiscriminator((self.width, self.width)),
            loss=losses.relativistic_pairing(),
            penalties=[penalties.r1(self.gamma)],
            latent_size=32,
        )
        rule = dynamics.alternating(jaxgan.Players(*[optax.adam(5e-4, b1=0.5)] * 2))
        return jaxgan.Experiment(data, jaxgan.algorithm(game, rule), extendable=True)


recipe = Grammar()
program = jaxgan.Program(batch_size=128, steps=2000)
