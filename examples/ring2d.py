"""Eight Gaussians on a circle: plain minimax under simultaneous steps beside relativistic pairing with R1 and R2.

Both take the same networks, data and number of steps; the modes that their samples cover are printed.

python examples/ring2d.py [--steps 2000]
"""

import argparse

import jax
import numpy as np
import optax

import jaxgan
from jaxgan import Players, data, dynamics, losses, networks, penalties
from jaxgan.data.mixtures import MIXTURES
from jaxgan.metrics.modes import mode_coverage

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--steps", type=int, default=2000)
options = parser.parse_args()

STEPS_PER_CALL = 20
ring = data.load("ring")
optimizers = Players(optax.adam(2e-3, b1=0.0), optax.adam(2e-3, b1=0.0))
trials = {
    "minimax, simultaneous": (losses.minimax(), [], dynamics.simultaneous(optimizers)),
    "relativistic pairing + R1 + R2, alternating": (
        losses.relativistic_pairing(),
        [penalties.r1(0.02), penalties.r2(0.02)],
        dynamics.alternating(optimizers),
    ),
}

for name, (loss, terms, rule) in trials.items():
    game = jaxgan.gan(
        networks.MLPGenerator(output_shape=(2,), hidden=(128, 128, 128), squash=False),
        networks.MLPDiscriminator(hidden=(128, 128, 128)),
        loss=loss,
        penalties=terms,
        latent_size=16,
    )
    algorithm = jaxgan.algorithm(game, rule)
    key = jax.random.key(0)
    state = algorithm.init(key, next(ring.batches(256, seed=0)))
    drawing = data.resident(algorithm.step, batch_size=256)
    step = jaxgan.jitted(jaxgan.repeated(drawing, STEPS_PER_CALL))
    on_device = ring.on_device()
    for _ in range(options.steps // STEPS_PER_CALL):
        state, info = step(state, on_device, key)
    points = np.asarray(algorithm.sample(state, jax.random.key(1), 2500))
    modes, quality, kl = mode_coverage(points, MIXTURES["ring"])
    print(f"{name}: {modes} of 8 modes, {quality:.1%} within 3 sigma of one, reverse KL {kl:.3f}")
