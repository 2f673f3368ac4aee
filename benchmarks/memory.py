"""Memory of one step against the batch: the state kept or donated, the layers' results kept or computed again.

What the compiler sets aside, and, on devices that count it, the most bytes in use so far: each kind of step has a
process of its own, in which batches grow. Last, what one row of the batch costs: the slope of a line through each kind.

    python benchmarks/memory.py --preset dcgan-celeba-64 --batch-size 32 64 128
    python benchmarks/memory.py --preset digits --precision bfloat16
"""

import multiprocessing
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import jax
import numpy as np
import tyro
from configurations import build, record_of
from measure import report

import jaxgan
from jaxgan.core import Batch
from jaxgan.recipes.presets import PRESETS

MIB = 2**20
KINDS = {"kept": (False, False), "donated": (True, False), "donated, remat": (True, True)}
"""Whether the state is donated, and `remat`."""


@dataclass(frozen=True)
class Options:
    """What to measure."""

    preset: str = "dcgan-celeba-64"
    """Preset with the networks, the game and the rule."""
    batch_size: tuple[int, ...] = (32, 64, 128)
    """Sizes, from the smallest, with three rows each."""
    width: int | None = None
    """Width of DCGAN, instead of the preset's."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """Precision of both networks."""
    out: Path | None = None
    """JSON file, such as benchmarks/results/memory-dcgan-celeba-64.json."""


def measured(configs, of, kind):
    """The rows of one kind, in a fresh process."""
    return [row_of(config, of, kind) for config in configs]


def row_of(config, of, kind):
    donated, remat = KINDS[kind]
    algorithm = build(config.replace(remat=remat), of)
    rows = config.program.batch_size
    labels = None if of.num_classes is None else np.zeros(rows, np.int32)
    batch, key = Batch(np.zeros((rows, *of.shape), np.float32), labels), jax.random.key(0)
    state = algorithm.init(key, batch)
    step = jax.jit(algorithm.step, donate_argnums=0 if donated else ()).lower(state, batch, key).compile()
    memory = step.memory_analysis()
    together = memory.argument_size_in_bytes + memory.output_size_in_bytes + memory.temp_size_in_bytes
    row = {
        "step": kind,
        "batch": rows,
        "state MiB": sum(leaf.nbytes for leaf in jax.tree.leaves(state)) / MIB,
        "temporary MiB": memory.temp_size_in_bytes / MIB,
        "all MiB": (together - memory.alias_size_in_bytes) / MIB,
        "GFLOP": step.cost_analysis()["flops"] / 1e9,
    }
    peak = "not counted"
    if jax.local_devices()[0].memory_stats() is not None:
        jax.block_until_ready(step(state, batch, key))
        peak = jax.local_devices()[0].memory_stats()["peak_bytes_in_use"] / MIB
    return row | {"most in use MiB": peak}


def slope(rows):
    """MiB for each further row of the batch."""
    return float(np.polyfit([row["batch"] for row in rows], [row["all MiB"] for row in rows], 1)[0])


def main(options):
    os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"
    preset, of = jaxgan.preset(options.preset), PRESETS[options.preset].of
    width = {} if options.width is None else {"width": options.width}
    config = preset.replace(precision=options.precision, **width)
    configs = [config.replace(batch_size=batch_size) for batch_size in sorted(options.batch_size)]
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        groups = pool.starmap(measured, [(configs, of, kind) for kind in KINDS], chunksize=1)
    slopes = {kind: slope(rows) for kind, rows in zip(KINDS, groups, strict=True) if len(rows) > 1}
    rows = [row for of_one_batch in zip(*groups, strict=True) for row in of_one_batch]
    about = {"preset": options.preset, "config": record_of(config), "mib_a_row_of_the_batch": slopes}
    report(f"memory: {options.preset}", rows, out=options.out, **about)


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
