"""The update rules side by side: what a step costs, and where each comes on the same number of gradient evaluations.

Three games: Dirac-GAN (minimax), the bilinear game xy, and the ring of eight Gaussians (relativistic pairing with R1
and R2, dense networks, Adam; Runge-Kutta and competitive steps take no optimizer and run with a constant rate instead).

    python benchmarks/dynamics.py --evaluations 6000 --picture dynamics.png
"""

from dataclasses import dataclass
from pathlib import Path

import jax
import jax.numpy as jnp
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import optax
import tyro
from measure import report

import jaxgan
from jaxgan import Batch, Game, Players, data, dynamics, losses, networks, penalties
from jaxgan.data.mixtures import MIXTURES
from jaxgan.devices import global_mean
from jaxgan.metrics.modes import mode_coverage

ITERATIONS = 4
RULES = {
    "simultaneous": lambda optimizers, rates: dynamics.simultaneous(optimizers),
    "alternating": lambda optimizers, rates: dynamics.alternating(optimizers),
    "extragradient": lambda optimizers, rates: dynamics.extragradient(optimizers),
    "past_extragradient": lambda optimizers, rates: dynamics.past_extragradient(optimizers),
    "optimistic": lambda optimizers, rates: dynamics.optimistic(optimizers),
    "lookahead": lambda optimizers, rates: dynamics.lookahead(dynamics.simultaneous(optimizers), period=10),
    "consensus": lambda optimizers, rates: dynamics.consensus(optimizers, 0.5),
    "symplectic_adjustment": lambda optimizers, rates: dynamics.symplectic_adjustment(optimizers),
    "unrolled": lambda optimizers, rates: dynamics.unrolled(optimizers, 3),
    "competitive": lambda optimizers, rates: dynamics.competitive(rates, iterations=ITERATIONS),
    "runge_kutta": lambda optimizers, rates: dynamics.runge_kutta(rates, order=2, regularization=0.01),
}
UNCOUNTED = {"competitive": 2.25 * (ITERATIONS - 1)}
"""Gradient evaluations in the turns of a loop after the first, which XLA does not count."""


@dataclass(frozen=True)
class Options:
    """What to compare."""

    rules: tuple[str, ...] = tuple(RULES)
    """Values to compare, one row each."""
    evaluations: int = 6000
    """Gradient evaluations on the ring; a tenth of it on the two small games."""
    size: float = 0.3
    """Step size in the small games."""
    rate: float = 1e-3
    """Adam's learning rate on the ring."""
    plain_rate: float = 0.1
    """Learning rate on the ring for rules that take no optimizer."""
    picture: Path | None = None
    """PNG of the paths and of the samples."""
    out: Path | None = None
    """JSON file, such as benchmarks/results/dynamics.json."""


def two_points(losses_of, start):
    """A game of two numbers; a sample is the first."""

    def judge(y, variables, samples, turn):
        return Players(*map(global_mean, losses_of(samples, y))), (variables, {})

    def generate(x, variables, turn):
        return jnp.broadcast_to(x, (turn.rows(),)), variables

    return Game(
        init=lambda key, batch: (Players(*map(jnp.asarray, start)), Players({}, {})),
        generate=generate,
        judge=judge,
        sample=lambda x, variables, key, n, condition: jnp.broadcast_to(x, (n,)),
    )


SMALL = {
    "Dirac-GAN": two_points(lambda x, y: losses.minimax()(jnp.zeros_like(x), x * y), (1.0, -1.0)),
    "bilinear": two_points(lambda x, y: Players(x * y, -x * y), (1.0, -1.0)),
}


def path_of(game, rule, steps):
    algorithm, batch, key = jaxgan.algorithm(game, rule), Batch(jnp.zeros(1)), jax.random.key(0)

    def step(state, _):
        return algorithm.step(state, batch, key)[0], state.params

    return np.array(jax.jit(lambda s: jax.lax.scan(step, s, length=steps + 1)[1])(algorithm.init(key, batch)))


def ring_game():
    return jaxgan.gan(
        networks.MLPGenerator(output_shape=(2,), hidden=(64, 64), squash=False),
        networks.MLPDiscriminator(hidden=(64, 64)),
        loss=losses.relativistic_pairing(),
        penalties=[penalties.r1(0.02), penalties.r2(0.02)],
        latent_size=16,
    )


def flops(game, rule, batch):
    """FLOPs of one step as XLA counts them; it counts one turn of a loop."""
    algorithm, key = jaxgan.algorithm(game, rule), jax.random.key(0)
    return jax.jit(algorithm.step).lower(algorithm.init(key, batch), batch, key).compile().cost_analysis()["flops"]


def samples_of(game, rule, ring, steps):
    algorithm, key, a_call = jaxgan.algorithm(game, rule), jax.random.key(0), 20
    state = algorithm.init(key, next(ring.batches(256, seed=0)))
    step = jaxgan.jitted(jaxgan.repeated(data.resident(algorithm.step, batch_size=256), a_call))
    on_device = ring.on_device()
    for _ in range(max(1, round(steps / a_call))):
        state, _ = step(state, on_device, key)
    return np.asarray(algorithm.sample(state, jax.random.key(1), 2500))


def main(options):
    small, plain = (Players(rate, rate) for rate in (options.size, options.plain_rate))
    sgd = Players(*map(optax.sgd, small))
    adam = Players(*(optax.adam(options.rate, b1=0.0, eps_root=1e-12) for _ in Players._fields))
    ring, game = data.load("ring"), ring_game()
    batch = next(ring.batches(256, seed=0))
    one = flops(game, dynamics.simultaneous(adam), batch)
    figure, axes = plt.subplots(
        3, len(options.rules), figsize=(2 * len(options.rules), 6.5), squeeze=False, layout="constrained"
    )
    rows = []
    for column, name in zip(axes.T, options.rules, strict=True):
        on_ring = RULES[name](adam, plain)
        evaluations = flops(game, on_ring, batch) / one + UNCOUNTED.get(name, 0.0)
        row = {"rule": name, "evaluations a step": evaluations}
        for axis, (title, played) in zip(column[:2], SMALL.items(), strict=True):
            path = path_of(played, RULES[name](sgd, small), round(options.evaluations / 10 / evaluations))
            row[f"{title}: distance"] = float(np.hypot(*path[:, -1]))
            axis.plot(*path, linewidth=0.6)
            axis.plot(*path[:, -1], "o", markersize=3)
            axis.set(aspect="equal", xlim=(-2, 2), ylim=(-2, 2), xticks=[], yticks=[])
        samples = samples_of(game, on_ring, ring, options.evaluations / evaluations)
        modes, quality, kl = mode_coverage(samples, MIXTURES["ring"])
        rows.append(row | {"ring: modes": modes, "ring: high quality": quality, "ring: KL": kl})
        column[2].plot(*samples.T, ".", markersize=1)
        column[2].set(aspect="equal", xlim=(-1.5, 1.5), ylim=(-1.5, 1.5), xticks=[], yticks=[])
        column[0].set_title(name.replace("_", "\n"), fontsize=9)
    for axis, title in zip(axes[:, 0], [*SMALL, "ring"], strict=True):
        axis.set_ylabel(title)
    if options.picture is not None:
        figure.savefig(options.picture, dpi=80)
    about = {name: getattr(options, name) for name in ("evaluations", "size", "rate", "plain_rate")}
    report("dynamics", rows, out=options.out, **about, iterations=ITERATIONS)


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
