"""Every preset's step compiled for hardware that is not there: what it needs, what it sends, what bounds it.

Nothing runs: these are the compilers' programs, counted, and bounds from the cards' peaks. It needs the compilers and
no accelerator:

    pip install '.[target-gpu,target-tpu]'
    JAX_PLATFORMS=cpu python benchmarks/targets.py --out benchmarks/results/targets.json
    JAX_PLATFORMS=cpu python benchmarks/targets.py --presets digits dcgan-celeba-64 --targets gpu:a100 --wrappers jit
"""

import itertools
import json
import multiprocessing
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import tyro
from measure import report

from jaxgan import targets
from jaxgan.observe.requests import any_batch
from jaxgan.options import leaves
from jaxgan.program.on_target import usable
from jaxgan.recipes.making import made
from jaxgan.recipes.presets import PRESETS, preset

MIB = 2**20
COLUMNS = ("preset", "precision", "target", "wrapper", "compiles", "peak MiB", "fits", "GFLOP", "traffic MB", "kernels")
COLUMNS += ("convolutions", "moves", "all-reduces", "sent MB", "bound ms", "by")


@dataclass(frozen=True)
class Options:
    """What to compile, for what."""

    presets: tuple[str, ...] = tuple(PRESETS)
    """All of them by default."""
    targets: tuple[str, ...] = ("gpu:h100", "tpu:v5e:2x2", "tpu:v5e:2x2")
    """Names of hardware, such as gpu:a100, gpu:h100:8 or tpu:v5e:2x2."""
    wrappers: tuple[Literal["jit", "pmap", "sharded"], ...] = ("jit", "sharded", "pmap")
    """One for each target."""
    precisions: tuple[Literal["float32", "bfloat16"], ...] = ("float32", "bfloat16")
    """Of the networks."""
    out: Path | None = None
    """JSON file, such as benchmarks/results/targets.json; what there is so far is kept beside it, as .part."""


def row_of(name, target, wrapper, precision):
    """What one program needs, or why it is none."""
    config, of = preset(name), PRESETS[name].of
    about = {"preset": name, "precision": precision, "target": target, "wrapper": wrapper}
    if precision != leaves(config.recipe)["precision"]:
        config = config.replace(precision=precision)
    experiment = made(config.recipe, config.recipe.asked_for(of), config.program)
    hardware, begun = targets.target(target), time.perf_counter()
    try:
        batch = any_batch(experiment, config.program.batch_size)
        compiled = targets.compile_for(hardware, experiment.algorithm, batch, wrapper=wrapper)
    except ValueError as error:
        return about | {"compiles": str(error)}
    counts, limit = compiled.counts, targets.bound(compiled, hardware.card, precision=precision)
    return about | {
        "compiles": f"{time.perf_counter() - begun:.0f} s",
        "batch": config.program.batch_size,
        "peak MiB": compiled.peak / MIB,
        "state MiB": compiled.state / MIB,
        "fits": compiled.peak <= usable(hardware),
        "GFLOP": counts.operations / 1e9,
        "traffic MB": counts.traffic / 1e6,
        "kernels": counts.kernels,
        "convolutions": counts.convolutions,
        "moves": counts.transposes,
        "all-reduces": counts.collectives["all-reduce"].number if "all-reduce" in counts.collectives else 0,
        "other collectives": ", ".join(sorted(set(counts.collectives) - {"all-reduce"})) or "none",
        "sent MB": sum(one.bytes for one in counts.collectives.values()) / 1e6,
        "float64": counts.float64,
        "host": counts.host,
        "donated": compiled.aliased >= compiled.state_arrays,
        "bound ms": limit.milliseconds,
        "by": limit.name,
        "bound rows/s": 1e3 * config.program.batch_size / limit.milliseconds,
    }


def main(options):
    if len(options.targets) != len(options.wrappers):
        raise SystemExit("--wrappers takes one for each of --targets")
    each = itertools.product(options.presets, options.precisions, zip(options.targets, options.wrappers, strict=True))
    rows = []
    pool = multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1)
    for name, precision, (target, wrapper) in each:
        rows.append(pool.apply(row_of, (name, target, wrapper, precision)))
        print(rows[-1], flush=True)
        widest = max(rows, key=len)
        whole = [{key: row.get(key, "") for key in widest} for row in rows]
        if options.out is not None:
            options.out.with_suffix(".part").write_text(json.dumps(whole), encoding="utf-8")
    pool.close()
    pool.join()
    report("targets: compiled, not run", whole, out=options.out, columns=COLUMNS)


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
