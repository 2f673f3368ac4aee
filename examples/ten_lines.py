"""Train a DCGAN on handwritten digits in ten lines, and save a grid of what it draws.

python examples/ten_lines.py [--steps 1000] [--out digits.png]
"""

import argparse
from pathlib import Path

import jax
import numpy as np
import optax

import jaxgan
from jaxgan import Players, data, dynamics, losses, networks, penalties
from jaxgan.data.media.images import save_grid

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--steps", type=int, default=1000)
parser.add_argument("--out", type=Path, default=Path("digits.png"))
options = parser.parse_args()

digits = data.load("digits", image_size=16)
game = jaxgan.gan(
    networks.DCGANGenerator(image_size=16, channels=1, width=32),
    networks.DCGANDiscriminator(width=32),
    loss=losses.non_saturating(),
    penalties=[penalties.r1(gamma=0.3)],
    latent_size=100,
)
rule = dynamics.alternating(Players(optax.adam(1e-3, b1=0.5), optax.adam(1e-3, b1=0.5)))
algorithm = jaxgan.algorithm(game, rule, ema_decay=0.999)

key = jax.random.key(0)
batches = digits.batches(batch_size=64, seed=0)
state = algorithm.init(key, next(batches))
step = jaxgan.jitted(algorithm.step)
for _ in range(options.steps):
    state, info = step(state, next(batches), key)
print({name: round(float(value), 3) for name, value in info.items()})
images = algorithm.sample(state, jax.random.key(1), 64)
save_grid(options.out, np.asarray(images), columns=8)
print(f"samples in {options.out}")
