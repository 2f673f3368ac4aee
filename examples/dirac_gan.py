"""Dirac-GAN: the smallest GAN, and where a dozen rules take it.

Data is the point 0, the generator a point θ, the discriminator D(x) = ψx (Mescheder et al., 2018). Every rule starts at
the same place and takes the same number of steps in the minimax game, whose equilibrium is the origin.

python examples/dirac_gan.py [--steps 300] [--size 0.3] [--out dirac_gan.png]
"""

import argparse
from pathlib import Path

import jax
import jax.numpy as jnp
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import optax

import jaxgan
from jaxgan import Batch, Players, dynamics, losses, penalties
from jaxgan.networks import Network

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--steps", type=int, default=300)
parser.add_argument("--size", type=float, default=0.3)
parser.add_argument("--out", type=Path, default=Path("dirac_gan.png"))
options = parser.parse_args()

point = Network(
    init=lambda key, latent, condition: (jnp.array(1.0), {}),
    apply=lambda theta, variables, latent, condition, *, train, key: (jnp.full_like(latent, theta), variables),
)
line = Network(
    init=lambda key, x, condition: (jnp.array(-1.0), {}),
    apply=lambda psi, variables, x, condition, *, train, key: (psi * x[:, 0], variables),
)


def game(*terms):
    """The minimax game, with penalties."""
    return jaxgan.gan(point, line, loss=losses.minimax(), penalties=terms, latent_size=1)


rates = Players(options.size, options.size)
sgd = Players(optax.sgd(options.size), optax.sgd(options.size))
negative = Players(*(optax.sgd(options.size, momentum=-0.3) for _ in sgd))
trials = {
    "simultaneous": (game(), dynamics.simultaneous(sgd)),
    "alternating": (game(), dynamics.alternating(sgd)),
    "alternating, R1 with γ = 0.3": (game(penalties.r1(0.3)), dynamics.alternating(sgd)),
    "alternating, momentum −0.3": (game(), dynamics.alternating(negative)),
    "extragradient": (game(), dynamics.extragradient(sgd)),
    "optimistic": (game(), dynamics.optimistic(sgd)),
    "lookahead of simultaneous": (game(), dynamics.lookahead(dynamics.simultaneous(sgd), period=10)),
    "unrolled, k = 2": (game(), dynamics.unrolled(sgd, 2)),
    "consensus, γ = 0.5": (game(), dynamics.consensus(sgd, 0.5)),
    "symplectic adjustment": (game(), dynamics.symplectic_adjustment(sgd)),
    "competitive": (game(), dynamics.competitive(rates)),
    "Runge-Kutta, order 4": (game(), dynamics.runge_kutta(rates)),
}


def path_of(algorithm):
    """The players' parameters before each step and after the last."""
    batch, key = Batch(jnp.zeros((1, 1))), jax.random.key(0)

    def step(state, _):
        return algorithm.step(state, batch, key)[0], state.params

    return jax.jit(lambda s: jax.lax.scan(step, s, length=options.steps + 1)[1])(algorithm.init(key, batch))


side = np.linspace(-1.6, 1.6, 13)
theta, psi = np.meshgrid(side, side)
slope = 1 / (1 + np.exp(-theta * psi))  # v = (-ψ, θ)·σ(θψ); arrows point along -v
figure, axes = plt.subplots(3, 4, figsize=(12, 9), sharex=True, sharey=True, layout="constrained")
for axis, (name, (played, rule)) in zip(axes.flat, trials.items(), strict=True):
    path = path_of(jaxgan.algorithm(played, rule))
    axis.quiver(theta, psi, psi * slope, -theta * slope, color="0.8")
    axis.plot(path.generator, path.discriminator, linewidth=0.8)
    axis.plot(path.generator[-1], path.discriminator[-1], "o", markersize=4)
    distance = float(jnp.hypot(path.generator[-1], path.discriminator[-1]))
    axis.set(title=f"{name}\ndistance {distance:.2g}", aspect="equal", xlim=(-1.7, 1.7), ylim=(-1.7, 1.7))
    print(f"{name}: distance {distance:.3g} after {options.steps} steps")
figure.supxlabel("generator θ")
figure.supylabel("discriminator ψ")
figure.savefig(options.out, dpi=100)
print(f"paths in {options.out}")
