"""A custom update rule: extragradient with independent samples (Juditsky et al., 2011; Gidel et al., 2019).

The library's extragradient evaluates both gradients of a step on one batch. This one looks ahead on one half of it and
moves on the other, each with its own latents: ω' = ω + u(−v₁(ω)), then ω ← ω + u(−v₂(ω')). A rule is a `Dynamics`, two
pure functions. It takes any game and any optimizers, and every wrapper takes it, here a sharded jit.

python examples/custom_rule.py [--steps 2000]
"""

import argparse

import jax
import numpy as np
import optax

import jaxgan
from jaxgan import Dynamics, Players, data, dynamics, losses, networks, penalties
from jaxgan.data.mixtures import MIXTURES
from jaxgan.dynamics.move import init_optimizers, move_both
from jaxgan.games.gradients import field
from jaxgan.metrics.modes import mode_coverage


def independent_extragradient(optimizers):
    """Extragradient whose two evaluations share neither data nor randomness."""

    def init(params):
        return init_optimizers(optimizers, params)

    def update(game, params, variables, memory, turn):
        gradients, (moved, info) = field(game, variables, turn.part(0, 2))(params)
        ahead, memory = move_both(optimizers, gradients, memory, params)
        gradients, _ = field(game, variables, turn.part(1, 2))(ahead)  # its batch statistics are dropped
        params, memory = move_both(optimizers, gradients, memory, params)
        return params, moved, memory, info | {"gradient_norm": optax.tree.norm(gradients)}

    return Dynamics(init, update)


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--steps", type=int, default=2000)
options = parser.parse_args()

STEPS_PER_CALL = 20
ring = data.load("ring")
game = jaxgan.gan(
    networks.MLPGenerator(output_shape=(2,), hidden=(64, 64, 64), squash=False),
    networks.MLPDiscriminator(hidden=(64, 64, 64)),
    loss=losses.relativistic_pairing(),
    penalties=[penalties.r1(0.02), penalties.r2(0.02)],
    latent_size=16,
)
optimizers = Players(optax.adam(1e-3, b1=0.0), optax.adam(1e-3, b1=0.0))
for rule in (dynamics.extragradient, independent_extragradient):
    algorithm, key = jaxgan.algorithm(game, rule(optimizers)), jax.random.key(0)
    state = algorithm.init(key, next(ring.batches(256, seed=0)))
    drawing = data.resident(algorithm.step, batch_size=256)
    step, on_device = jaxgan.sharded(jaxgan.repeated(drawing, STEPS_PER_CALL)), ring.on_device()
    for _ in range(options.steps // STEPS_PER_CALL):
        state, info = step(state, on_device, key)
    modes, quality, kl = mode_coverage(np.asarray(algorithm.sample(state, jax.random.key(1), 2500)), MIXTURES["ring"])
    print(f"{rule.__name__}: {modes} of 8 modes, {quality:.1%} within 3 sigma of one, reverse KL {kl:.3f}")
