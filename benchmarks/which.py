"""Losses x penalties x rules on planar data: what learns the distribution, and what a step costs.

Each loss with each rule is one population, of all penalties (their weights are traced) and seeds. The networks are
dense layers without Fourier features, noise or signs in the latent, so that the objective and the rule have to do the
work. Rows are means over the seeds ± standard error, the best in sliced Wasserstein first: samples without modes lie
near each of them equally often, and so have a small reverse KL too. Every member computes both penalties, also where
their weights are 0, so times compare rules.

    python benchmarks/which.py --data ring --rules alternating extragradient --out benchmarks/results/which-ring.json
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import jax
import jax.numpy as jnp
import numpy as np
import tyro
from configurations import build, record_of
from measure import report, settings

import jaxgan
from jaxgan import data
from jaxgan.data.planar import PLANAR
from jaxgan.metrics.points import PointMeasures
from jaxgan.metrics.summary import summarize
from jaxgan.program.sweep.measures import member
from jaxgan.recipes.making import shape_of
from jaxgan.recipes.presets import POINTS

Loss = Literal["non_saturating", "hinge", "wasserstein", "relativistic_pairing"]
Rule = Literal["simultaneous", "alternating", "optimistic", "extragradient"]
PENALTIES = {"none": (0.0, 0.0), "R1": (1.0, 0.0), "R1 + R2": (1.0, 1.0)}
"""Shares of the weight that R1 and R2 get."""


@dataclass(frozen=True)
class Options:
    """What to compare."""

    data: Literal[*PLANAR] = "ring"
    """Data set."""
    losses: tuple[Loss, ...] = get_args(Loss)
    rules: tuple[Rule, ...] = get_args(Rule)
    seeds: int = 2
    """Seeds of each row."""
    steps: int = 1000
    """Steps of each member."""
    weight: float = 0.1
    """Weight of a penalty, where there is one."""
    rate: float = 5e-3
    """Learning rate of Adam for both players; it falls to 0 along a cosine."""
    batch_size: int = 128
    width: int = 64
    """Width of the hidden layers, two in each player."""
    samples: int = 2500
    """Samples of each member that are judged."""
    out: Path | None = None
    """JSON file, such as benchmarks/results/which-ring.json."""


def config_of(options):
    hidden = (options.width, options.width)
    return POINTS.replace(
        data=options.data, generator_hidden=hidden, discriminator_hidden=hidden, octaves=0, octave_falloff=0.0,
        octave_opening=(0.0, 0.0), instance_noise=0.0, instance_noise_share=0.0, latent_signs=0, latent_size=16,
        generator_rate=options.rate, discriminator_rate=options.rate, ema_decay=0.99, batch_size=options.batch_size,
        steps=options.steps, log_every=options.steps, sample_every=options.steps, checkpoint_every=options.steps,
    )  # fmt: skip


def train(config, points, options):
    """The state of all members, penalties outermost, the algorithm of one, and seconds a step of a member."""
    of, program = shape_of(points), config.program
    shares = np.repeat(np.array(list(PENALTIES.values()), np.float32), options.seeds, axis=0)
    weights = {"r1": options.weight * shares[:, 0], "r2": options.weight * shares[:, 1]}
    members = jaxgan.population(lambda own: build(config.replace(**own), of), weights)
    seeds = jnp.tile(jnp.arange(options.seeds), len(PENALTIES))
    keys = jax.vmap(jax.random.key)(program.seed + seeds)
    state = members.init(keys, next(points.batches(program.batch_size, seed=program.seed)))
    drawing = data.resident(members.step, batch_size=program.batch_size, seed=program.seed)
    step = jaxgan.jitted(jaxgan.repeated(drawing, program.steps_per_call))
    on_device = points.on_device()
    step = step.lower(state, on_device, keys).compile()
    begun = time.perf_counter()
    for _ in range(program.steps // program.steps_per_call):
        state, _ = step(state, on_device, keys)
    jax.block_until_ready(state)
    return state, (time.perf_counter() - begun) / program.steps / len(seeds)


def shown(values):
    """Mean ± standard error over the seeds that are finite, as text."""
    values = values[np.isfinite(values)]
    if len(values) < 2:
        return f"{values[0]:.3g}" if len(values) else "not finite"
    of = summarize(values)
    return f"{of.mean:.3g} ± {of.standard_error:.1g}"


def main(options):
    points, base, rows = data.load(options.data), config_of(options), []
    measures = PointMeasures(points, options.samples, base.program.seed)
    chosen = [name for name in ("modes", "high_quality", "reverse_kl", "sliced_wasserstein") if name in measures.names]
    for loss in options.losses:
        for rule in options.rules:
            config = base.replace(loss=loss, rule=rule)
            state, seconds = train(config, points, options)
            alone, found = build(config, shape_of(points)), []
            for i in range(len(PENALTIES) * options.seeds):
                samples = np.asarray(alone.sample(member(state, i), jax.random.key(i), options.samples))
                sound = np.isfinite(samples).all()
                measured = {name: one.value for name, one in measures(samples).items()} if sound else {}
                found.append({name: measured.get(name, np.nan) for name in chosen})
            for p, penalty in enumerate(PENALTIES):
                own = found[p * options.seeds : (p + 1) * options.seeds]
                values = {name: np.array([one[name] for one in own]) for name in chosen}
                row = {"loss": loss, "penalty": penalty, "rule": rule}
                row |= {name.replace("_", " "): shown(of_seeds) for name, of_seeds in values.items()}
                rank = float(np.mean(np.nan_to_num(values["sliced_wasserstein"], nan=np.inf)))
                rows.append((rank, row | {"ms a step": f"{1000 * seconds:.2f}"}))
            print(loss, rule, f"{1000 * seconds:.2f} ms a step of a member", flush=True)
    about = settings(options)
    sorted_rows = [row for _, row in sorted(rows, key=lambda one: one[0])]
    report("which", sorted_rows, out=options.out, **about, configuration=record_of(base))


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
