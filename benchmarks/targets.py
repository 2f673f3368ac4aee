"""Every preset's step compiled for hardware that is not there: what it needs, what it sends, what bounds it.

Nothing runs: these are the compilers' programs, counted, and bounds from the cards' peaks. It needs the compilers and
no accelerator:

    pip install '.[target-gpu,target-tpu]'
    JAX_PLATFORMS=cpu python benchmarks/targets.py --out benchmarks/results/targets.json --page benchmarks/targets.md
    JAX_PLATFORMS=cpu python benchmarks/targets.py --presets digits dcgan-celeba-64 --targets gpu:a100 --wrappers jit

All rows take hours of one core. Those that the JSON file has already are kept, so that it can be stopped at any time.
With JAX_EXEC_TIME_OPTIMIZATION_EFFORT=-1 before a command, XLA compiles large programs for a TPU in minutes, not in an
hour. Such a row says so: its program keeps less in the fast memory, so its traffic and its bound are larger.
"""

import itertools
import json
import math
import multiprocessing
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import jax
import tyro
from measure import report

from jaxgan import targets
from jaxgan.observe.requests import any_batch
from jaxgan.program.on_target import Case, usable, what_fits
from jaxgan.recipes.making import made
from jaxgan.recipes.presets import PRESETS, preset
from jaxgan.runs.run_folder import environment

MIB = 2**20
ABOUT = ("preset", "precision", "target", "wrapper")
COLUMNS = (*ABOUT, "compiles", "peak MiB", "fits", "GFLOP", "traffic MB", "kernels")
COLUMNS += ("convolutions", "moves", "all-reduces", "sent MB", "bound ms", "by")
PAGE = ("preset", "compiles", "batch", "peak MiB", "fits", "GFLOP", "kernels", "convolutions", "moves", "all-reduces")
PAGE += ("sent MB", "bound ms", "by")


@dataclass(frozen=True)
class Options:
    """What to compile, for what."""

    presets: tuple[str, ...] = tuple(PRESETS)
    """Presets (default: all)."""
    targets: tuple[str, ...] = ("gpu:h100", "tpu:v5e:2x2", "tpu:v5e:2x2")
    """Names of hardware, such as gpu:a100, gpu:h100:8 or tpu:v5e:2x2."""
    wrappers: tuple[Literal["jit", "pmap", "sharded"], ...] = ("jit", "sharded", "pmap")
    """Wrapper for each target."""
    precisions: tuple[Literal["float32", "bfloat16"], ...] = ("float32", "bfloat16")
    """Precisions of the networks."""
    out: Path | None = None
    """JSON file, such as benchmarks/results/targets.json, written after every row."""
    page: Path | None = None
    """Markdown page with the same as tables, such as benchmarks/targets.md."""
    anew: bool = False
    """Compile again even what the JSON file already has."""


def row_of(name, precision, target, wrapper):
    """What a program needs, or why there is none; if it does not fit, which settings do."""
    config, of = preset(name), PRESETS[name].of
    about = dict(zip(ABOUT, (name, precision, target, wrapper), strict=True))
    config = config.replace(precision=precision)
    hardware, begun = targets.target(target), time.perf_counter()
    program = replace(config.program, wrapper=wrapper)
    experiment = made(config.recipe, config.recipe.asked_for(of), program)
    shares = experiment.parts * (1 if wrapper == "jit" else len(hardware.devices))
    shares *= experiment.group if wrapper == "pmap" else 1
    program = replace(program, batch_size=shares * math.ceil(program.batch_size / shares))
    case = Case(config.recipe, program, hardware)
    try:
        batch = any_batch(experiment, program.batch_size)
        compiled = targets.compile_for(hardware, experiment.algorithm, batch, wrapper=wrapper)
    except targets.OutOfMemory as error:
        return about | {"compiles": f"no: {error}", "instead": [line.strip() for line in what_fits(case, experiment)]}
    except ValueError as error:
        return about | {"compiles": f"no: {error}"}
    counts, limit = compiled.counts, targets.bound(compiled, hardware.card, precision=precision)
    fits = compiled.peak <= usable(hardware)
    return about | {
        "compiles": f"{time.perf_counter() - begun:.0f} s",
        "effort": jax.config.values["jax_exec_time_optimization_effort"],
        "batch": program.batch_size,
        "peak MiB": compiled.peak / MIB,
        "state MiB": compiled.state / MIB,
        "fits": fits,
        "instead": [] if fits else [line.strip() for line in what_fits(case, experiment)],
        "GFLOP": counts.operations / 1e9,
        "traffic MB": counts.traffic / 1e6,
        "kernels": counts.kernels,
        "convolutions": counts.convolutions,
        "loops": counts.loops,
        "moves": counts.transposes,
        "all-reduces": counts.collectives["all-reduce"].number if "all-reduce" in counts.collectives else 0,
        "chain": counts.chain,
        "other collectives": ", ".join(sorted(set(counts.collectives) - {"all-reduce"})) or "none",
        "sent MB": sum(one.bytes for one in counts.collectives.values()) / 1e6,
        "float64": counts.float64,
        "host": counts.host,
        "aliased": compiled.aliased,
        "state arrays": compiled.state_arrays,
        "bound ms": limit.milliseconds,
        "by": limit.name,
        "bound rows/s": 1e3 * program.batch_size / limit.milliseconds,
    }


def main(options):
    if len(options.targets) != len(options.wrappers):
        raise SystemExit("--wrappers takes one for each of --targets")
    hardware = zip(options.targets, options.wrappers, strict=True)
    asked = [
        (name, precision, *where)
        for precision, where, name in itertools.product(options.precisions, hardware, options.presets)
    ]
    rows = kept(options.out)
    pool = multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1)
    for one in asked:
        if one not in rows or options.anew:
            rows[one] = pool.apply(row_of, one)
            print(rows[one], flush=True)
            write(options, rows)
    pool.close()
    pool.join()
    write(options, rows)
    names = dict.fromkeys((*COLUMNS, *itertools.chain.from_iterable(rows[one] for one in asked)))
    whole = [{name: rows[one].get(name, "") for name in names} for one in asked]
    report("targets: compiled, not run", whole, out=None, columns=COLUMNS)


def kept(out):
    """The rows of an earlier call, by what they are about."""
    if out is None or not out.exists():
        return {}
    return {tuple(row[name] for name in ABOUT): row for row in json.loads(out.read_text(encoding="utf-8"))["rows"]}


def write(options, rows):
    """Both files, in the order of the presets."""
    names = list(PRESETS)
    ordered = sorted(rows.values(), key=lambda row: (names.index(row["preset"]), *(row[name] for name in ABOUT[1:])))
    if options.out is not None:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        record = {"benchmark": "targets: compiled, not run", "environment": environment(), "rows": ordered}
        options.out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    if options.page is not None:
        options.page.write_text(page(ordered), encoding="utf-8")


def page(rows):
    """A table for each hardware and precision."""
    lines = ["# Every preset compiled for hardware that is not there", "", EXPLAINED]
    groups = sorted({tuple(row[name] for name in ("target", "wrapper", "precision")) for row in rows}, key=_in_order)
    for target, wrapper, precision in groups:
        own = [row for row in rows if (row["target"], row["wrapper"], row["precision"]) == (target, wrapper, precision)]
        lines += ["", f"## {target}, {wrapper}, {precision}", "", f"| {' | '.join(PAGE)} |", "|---" * len(PAGE) + "|"]
        lines += [f"| {' | '.join(_shown(row.get(name, '')) for name in PAGE)} |" for row in map(_marked, own)]
        lines += [f"\n{row['preset']}: {'; '.join(row['instead'])}." for row in own if row.get("instead")]
        missing = [name for name in PRESETS if name not in {row["preset"] for row in own}]
        lines += [f"\nNot compiled yet: {', '.join(missing)}."] if missing else []
    return "\n".join(lines) + "\n"


EXPLAINED = """\
Written by `benchmarks/targets.py`. Nothing was run: these are the programs of the compilers for one step of a
preset on each device, without autotuning. Where the devices cannot share the preset's batch equally, `batch` is the
next larger one that they can. `peak` is the memory of one device, `GFLOP` the convolutions and matrix products,
`kernels` what is launched, of which `moves` only move elements. `bound` is the least time that the card's peaks allow
for a step (see `jaxgan.targets.bound`), **not a measurement**; `by` names what sets it. Seconds to compile are those of
one or two busy cores. A star marks programs that XLA compiled with the least effort
(`JAX_EXEC_TIME_OPTIMIZATION_EFFORT=-1`), in a quarter of the time or less. They keep less in the fast memory, so their
bound, where memory sets it, is up to four times as large. `digits` and `dcgan-mnist`, compiled both ways, have the same
operations, kernels and all-reduces."""


def _marked(row):
    return row | {"compiles": row["compiles"] + " *"} if row.get("effort", 0) < 0 else row


def _in_order(group):
    target, wrapper, precision = group
    return target, wrapper != "sharded", precision != "float32"


def _shown(value):
    if isinstance(value, bool):
        return "yes" if value else "**no**"
    if not isinstance(value, float):
        return str(value)
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
