"""Small autoencoders, by one matrix for each pixel, and their games."""

import jax
import jax.numpy as jnp
import numpy as np

from jaxgan import Batch, Turn
from jaxgan.networks.adapter import Network

KEY = jax.random.key(0)
X = np.random.default_rng(0).uniform(-1, 1, (4, 4, 4, 1)).astype(np.float32)
TURN = Turn(Batch(jnp.asarray(X)), KEY, jnp.zeros((), jnp.int32))


def pixelwise(inputs, outputs):
    """Each pixel by one matrix."""

    def init(key, x, condition):
        return jax.random.normal(key, (inputs, outputs)), {}

    def apply(params, variables, x, condition, *, train, key):
        return x @ params, variables

    return Network(init, apply)


def judged_by_pixels(scale=1.0):
    whole = pixelwise(1, 1)

    def apply(params, variables, x, condition, *, train, key):
        return scale * jnp.tanh(x @ params)[..., 0], variables

    return whole._replace(apply=apply)


def played(game, turn=TURN):
    """Losses, info, parameters and samples of one turn."""
    params, variables = game.init(KEY, turn.batch)
    made, _ = game.generate(params.generator, variables.generator, turn)
    values, (_, info) = game.judge(params.discriminator, variables.discriminator, made, turn)
    return values, info, params, made


def convolved(features, kernel):
    """3×3, with zeros around."""
    padded = np.pad(features, ((0, 0), (1, 1), (1, 1), (0, 0)))
    places = [(i, j) for i in range(3) for j in range(3)]
    return sum(padded[:, i : i + 4, j : j + 4] @ kernel[i, j] for i, j in places)
