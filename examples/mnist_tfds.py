"""MNIST through TensorFlow Datasets, read without TensorFlow: a class-conditional DCGAN and one row of each digit.

The set must be prepared once; if it is not, the error says how.

python examples/mnist_tfds.py [--data-dir DIR] [--steps 2000] [--out mnist.png]
"""

import argparse
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax

import jaxgan
from jaxgan import Players, data, dynamics, losses, networks, penalties
from jaxgan.data.media.images import save_grid

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--data-dir", default=None)
parser.add_argument("--split", default="train")
parser.add_argument("--steps", type=int, default=2000)
parser.add_argument("--width", type=int, default=32)
parser.add_argument("--out", type=Path, default=Path("mnist.png"))
options = parser.parse_args()

mnist = data.load("tfds:mnist", data_dir=options.data_dir, split=options.split)
game = jaxgan.gan(
    networks.DCGANGenerator(image_size=28, channels=1, width=options.width),
    networks.DCGANDiscriminator(width=options.width),
    loss=losses.non_saturating(),
    penalties=[penalties.r1(gamma=0.3)],
    num_classes=mnist.num_classes,
)
rule = dynamics.alternating(Players(optax.adam(1e-3, b1=0.5), optax.adam(1e-3, b1=0.5)))
algorithm = jaxgan.algorithm(game, rule)
key = jax.random.key(0)
state = algorithm.init(key, next(mnist.batches(64, seed=0)))
step = jaxgan.jitted(data.resident(algorithm.step, batch_size=64))
on_device = mnist.on_device()
for i in range(options.steps):
    state, info = step(state, on_device, key)
    if (i + 1) % 100 == 0:
        print(f"step {i + 1}", {name: round(float(value), 3) for name, value in sorted(info.items())})
labels = jnp.repeat(jnp.arange(10), 10)
save_grid(options.out, np.asarray(algorithm.sample(state, jax.random.key(1), 100, labels)), columns=10)
print(f"samples in {options.out}")
