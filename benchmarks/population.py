"""Many runs as one population, their members split over devices, against the same runs one after another.

The ring's preset at several widths, compilation included. One after another, all runs share one compiled program, which
is more than ten calls of the command line do. On a CPU every core becomes a device.

    python benchmarks/population.py --out benchmarks/results/population-cpu.json
"""

import time
from dataclasses import dataclass
from pathlib import Path

import jax
import jax.numpy as jnp
import tyro
from configurations import build
from measure import report

import jaxgan
from jaxgan import data, xla_settings
from jaxgan.recipes.presets import PRESETS

RING = PRESETS["ring"]


@dataclass(frozen=True)
class Options:
    """What to measure."""

    widths: tuple[int, ...] = (64, 128, 256)
    """Widths of the hidden layers; the preset has 128."""
    members: int = 10
    """Number of seeds."""
    steps: int = 2000
    """Steps of each run; the preset takes ten times as many."""
    out: Path | None = None
    """JSON file, such as benchmarks/results/population-cpu.json."""


def config_of(width, steps):
    a_call = RING.config.program.steps_per_call
    calls = max(1, steps // a_call)
    every = {f"{what}_every": calls * a_call for what in ("log", "sample", "checkpoint")}
    hidden = {"generator_hidden": 3 * (width,), "discriminator_hidden": 3 * (width,)}
    return RING.config.replace(steps=calls * a_call, **hidden, **every)


def trained(algorithm, wrap, config, keys):
    """Seconds until the first call is over, and in all, of the runs with these keys, one after another."""
    points, program = config.recipe.dataset(), config.program
    batch, on_device = next(points.batches(program.batch_size, seed=0)), points.on_device()
    begun, first = time.perf_counter(), None
    drawing = data.resident(algorithm.step, batch_size=program.batch_size)
    step = wrap(jaxgan.repeated(drawing, program.steps_per_call))
    for key in keys:
        state = algorithm.init(key, batch)
        for _ in range(program.steps // program.steps_per_call):
            state, _ = step(state, on_device, key)
            if first is None:
                jax.block_until_ready(state)
                first = time.perf_counter() - begun
        jax.block_until_ready(state)
    return first, time.perf_counter() - begun


def measured(width, options):
    config = config_of(width, options.steps)
    one = build(config, RING.of)
    many = jaxgan.population(lambda member: build(config, RING.of), jnp.arange(options.members))
    keys = jax.random.split(jax.random.key(0), options.members)
    spent = {
        "one after another": trained(one, jaxgan.jitted, config, keys),
        "population": trained(many, jaxgan.spread, config, [jax.random.key(0)]),
    }
    alone = spent["one after another"][1]
    return [
        {
            "width": width,
            "runs": what,
            "first call s": first,
            "all s": seconds,
            "ms a step of each": 1e3 * (seconds - first) / (config.program.steps * options.members),
            "time to one after another": seconds / alone,
        }
        for what, (first, seconds) in spent.items()
    ]


def main(options):
    xla_settings.set_cpu_devices(xla_settings.cores())
    rows = [row for width in options.widths for row in measured(width, options)]
    report("population", rows, out=options.out, members=options.members, steps=options.steps)


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
