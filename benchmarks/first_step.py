"""Seconds until a preset has made its first step: `init`, then tracing, lowering, compiling and calling the step.

Every row comes from fresh processes, in pairs with one empty folder for compiled programs: the second process of a pair
finds the programs of the first there. The rows of data are zeros. Run it on a machine without other work.

    python benchmarks/first_step.py --out benchmarks/results/first_step-cpu.json
    python benchmarks/first_step.py --presets stylegan2-ada-cifar10
"""

import multiprocessing
import os
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import jax
import jax.numpy as jnp
import tyro
from measure import report

from jaxgan.observe.requests import any_batch
from jaxgan.recipes.making import made
from jaxgan.recipes.presets import PRESETS, preset

PARTS = ("trace s", "lower s", "compile s", "call s")


@dataclass(frozen=True)
class Options:
    """What to measure."""

    presets: tuple[str, ...] = ("digits", "dcgan-celeba-64", "sngan-cifar10")
    """Presets, one row each."""
    rounds: int = 3
    """Number of pairs of processes for each row; their median counts."""
    out: Path | None = None
    """JSON file, such as benchmarks/results/first_step-cpu.json."""


def seconds_of(name):
    """Seconds of each part, in a process that has compiled nothing yet."""
    config = preset(name)
    experiment = made(config.recipe, config.recipe.asked_for(PRESETS[name].of), config.program)
    algorithm, shapes = experiment.algorithm, any_batch(experiment, config.program.batch_size)
    key, batch = jax.random.key(0), jax.tree.map(lambda one: jnp.zeros(one.shape, one.dtype), shapes)
    jax.block_until_ready((key, batch))
    laps = {}

    def timed(what, call):
        begun = time.perf_counter()
        result = call()
        laps[what] = time.perf_counter() - begun
        return result

    state = timed("init s", lambda: jax.block_until_ready(algorithm.init(key, batch)))
    traced = timed("trace s", lambda: jax.jit(algorithm.step, donate_argnums=0).trace(state, batch, key))
    lowered = timed("lower s", traced.lower)
    compiled = timed("compile s", lowered.compile)
    timed("call s", lambda: jax.block_until_ready(compiled(state, batch, key)))
    return laps | {"first step s": sum(laps[part] for part in PARTS)}


def in_a_fresh_process(name, folder):
    os.environ["JAX_COMPILATION_CACHE_DIR"] = folder
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(seconds_of, (name,))


def row_of(name, rounds):
    pairs = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            pairs.append((in_a_fresh_process(name, folder), in_a_fresh_process(name, folder)))
        print(name, pairs[-1], flush=True)
    first, second = (
        {what: statistics.median(of[what] for of in one) for what in one[0]} for one in zip(*pairs, strict=True)
    )
    spread = max(one["first step s"] for one, _ in pairs) / min(one["first step s"] for one, _ in pairs) - 1
    stored = {"init, stored s": second["init s"], "first step, stored s": second["first step s"]}
    return {"preset": name, **first, "spread %": 100 * spread, **stored}


def main(options):
    rows = [row_of(name, options.rounds) for name in options.presets]
    report("first step, in a fresh process", rows, out=options.out)


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
