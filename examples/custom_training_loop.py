"""A custom training loop: many devices, several steps a call, and a rule written by hand.

The rule is a `Dynamics`: two pure functions. This one moves both players at once and clips the joint gradient's norm,
across both players. Run it on four virtual CPU devices:

XLA_FLAGS=--xla_force_host_platform_device_count=4 python examples/custom_training_loop.py [--wrapper sharded]
"""

import argparse

import jax
import jax.numpy as jnp
import optax

import jaxgan
from jaxgan import Dynamics, data, losses, networks
from jaxgan.games.gradients import both


def clipped_simultaneous(rate, max_norm):
    """params <- params - rate * v * min(1, max_norm / |v|), with v the gradients of both players together."""

    def update(game, params, variables, memory, turn):
        gradients, (variables, info) = both(game, params, variables, turn)
        norm = optax.tree.norm(gradients)
        scale = rate * jnp.minimum(1.0, max_norm / norm)
        params = jax.tree.map(lambda p, g: p - scale * g, params, gradients)
        return params, variables, memory, info | {"joint_norm": norm}

    return Dynamics(init=lambda params: (), update=update)


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--wrapper", choices=["jitted", "pmapped", "sharded"], default="pmapped")
parser.add_argument("--steps", type=int, default=400)
options = parser.parse_args()

ring = data.load("ring")
game = jaxgan.gan(
    networks.MLPGenerator(output_shape=(2,), hidden=(64, 64), squash=False),
    networks.MLPDiscriminator(hidden=(64, 64), spectral_norm=True),
    loss=losses.hinge(),
    latent_size=8,
)
algorithm = jaxgan.algorithm(game, clipped_simultaneous(rate=0.05, max_norm=1.0))
key = jax.random.key(0)
state = algorithm.init(key, next(ring.batches(256, seed=0)))
wrap = getattr(jaxgan, options.wrapper)
step = wrap(jaxgan.repeated(data.resident(algorithm.step, batch_size=256), 20))
on_device = ring.on_device(None if options.wrapper == "jitted" else jax.devices())
for _ in range(options.steps // 20):
    state, infos = step(state, on_device, key)
print(f"{options.wrapper} on {jax.device_count()} device(s), {int(state.step)} steps")
print({name: round(float(values[-1]), 3) for name, values in sorted(infos.items())})
