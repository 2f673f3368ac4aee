"""A custom loss and a custom penalty: each is a plain function.

The loss is the exponential one, L_D = E[exp(-D(x)/2) + exp(D(G(z))/2)], L_G = E[exp(-D(G(z))/2)]; the penalty keeps the
logits of real data near zero. Neither needs the library's knowledge: no class, no registration.

python examples/custom_loss.py [--steps 500]
"""

import argparse

import jax
import jax.numpy as jnp
import optax

import jaxgan
from jaxgan import Players, data, dynamics, networks, penalties
from jaxgan.devices import global_mean


def exponential(real_logits, fake_logits):
    """Per-sample losses of both players; logits are high on real data."""
    return Players(
        generator=jnp.exp(-fake_logits / 2),
        discriminator=jnp.exp(-real_logits / 2) + jnp.exp(fake_logits / 2),
    )


def drift(weight):
    """weight * E[D(x)^2], as Progressive GAN has it; `global_mean` makes it right on several devices."""
    return lambda critic, real, fake, turn: weight * global_mean(critic(real) ** 2)


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--steps", type=int, default=500)
options = parser.parse_args()

digits = data.load("digits", image_size=8)
game = jaxgan.gan(
    networks.DCGANGenerator(image_size=8, width=32),
    networks.DCGANDiscriminator(width=32, batch_norm=False),
    loss=exponential,
    penalties=[drift(0.01), penalties.every(4, penalties.r1(0.3))],
)
rule = dynamics.alternating(Players(optax.adam(5e-4, b1=0.5), optax.adam(5e-4, b1=0.5)))
algorithm = jaxgan.algorithm(game, rule)
key, batches = jax.random.key(0), digits.batches(64, seed=0)
state, step = algorithm.init(key, next(batches)), jaxgan.jitted(algorithm.step)
for i in range(options.steps):
    state, info = step(state, next(batches), key)
    if (i + 1) % max(1, options.steps // 5) == 0:
        print(f"step {i + 1}", {name: round(float(value), 3) for name, value in sorted(info.items())})
