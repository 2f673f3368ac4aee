"""Where Dirac-GAN converges, over the learning rate and the weight of R1: 256 runs in one program.

The data are a point at 0, the generator is a point, the discriminator a slope. The picture shows the distance from the
equilibrium after training, and the border that the eigenvalues give in closed form (Mescheder et al., 2018).

python examples/stability_map.py [--steps 500] [--cells 16]
"""

import argparse
import itertools

import jax
import jax.numpy as jnp
import numpy as np
import optax

import jaxgan
from jaxgan import Batch, Game, Players, diagnostics, dynamics, losses, penalties

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--steps", type=int, default=500)
parser.add_argument("--cells", type=int, default=16, help="on each axis")
options = parser.parse_args()


def dirac_gan(gamma):
    """D(x) = slope * x against samples at one place, with minimax losses and R1."""
    loss, r1 = losses.minimax(), penalties.r1(gamma)

    def init(key, batch):
        return Players(jnp.float32(0.1), jnp.float32(0.1)), Players({}, {})

    def generate(place, variables, turn):
        return jnp.full((turn.rows(), 1), place), variables

    def judge(slope, variables, samples, turn):
        def critic(x):
            return slope * x[:, 0]

        generator, discriminator = map(jnp.mean, loss(critic(turn.batch.real), critic(samples)))
        penalty = r1(critic, turn.batch.real, samples, turn)
        return Players(generator, discriminator + penalty), (variables, {})

    def sample(place, variables, key, n, condition):
        return jnp.full((n, 1), place)

    return Game(init, generate, judge, sample)


def build(rate, gamma):
    """A run of one cell: both are traced."""
    return jaxgan.algorithm(dirac_gan(gamma), dynamics.simultaneous(Players(optax.sgd(rate), optax.sgd(rate))))


def distance(algorithm, state, key):
    """Distance from the equilibrium; differences below 1e-9 do not matter."""
    return jnp.maximum(jnp.hypot(*state.params), 1e-9)


rates, gammas = np.geomspace(0.05, 5, options.cells), np.geomspace(0.05, 5, options.cells)
batches = itertools.repeat(Batch(jnp.zeros((1, 1))))
found = diagnostics.stability_map(
    build, rates, gammas, batches, jax.random.key(0), steps=options.steps, measure=distance
)

# a simultaneous step of size h multiplies by 1 - h * lambda, lambda = gamma/2 +- sqrt(gamma^2/4 - 1/4)
h, gamma = np.meshgrid(np.geomspace(0.05, 5, 300), np.geomspace(0.05, 5, 300))
root = np.sqrt(gamma.astype(complex) ** 2 / 4 - 1 / 4)
radius = np.maximum(abs(1 - h * (gamma / 2 + root)), abs(1 - h * (gamma / 2 - root)))
figure = diagnostics.plot_stability_map(
    found, x_label="learning rate", y_label="R1 weight γ", value_label="distance at the end", scale="log"
)
figure.axes[0].contour(h, gamma, radius, levels=[1.0], colors="red")
figure.savefig("stability_map.png", dpi=100)

converged = found.finite & (found.values < 0.1)
print(
    f"{converged.sum()} of {converged.size} runs converge, {(~found.finite).sum()} end in infinity: stability_map.png"
)
