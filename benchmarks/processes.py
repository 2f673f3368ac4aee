"""Speed of one run in several processes on CPU cores, beside what these cores allow.

Each process has one core. `alone` is a run in one process. `independent` are runs at the same time that do not know of
each other, each with its share of the batch: nothing that the processes of one run do could be faster. `together` is
one run in all the processes, with the batch of `alone`. The efficiency per process is the rate divided by the number of
processes and by the rate of `alone`. It needs Linux, and as many idle cores as processes.

    python benchmarks/processes.py --out benchmarks/results/processes-cpu.json
    python benchmarks/processes.py --preset dcgan-cifar10 --options data=digits image_size=32 --steps 40
"""

import contextlib
import multiprocessing
import os
import socket
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import jax
import tyro
from configurations import chosen_options
from measure import report, settings

import jaxgan

REPORTS = 10
"""Looks at the clock in a run; the rate is that between the middle one and the last."""


@dataclass(frozen=True)
class Options:
    """What to measure."""

    preset: str = "digits"
    """Preset of the runs, with data that need no download."""
    batch: tuple[int, ...] = (64, 512)
    """Rows of a step, of all processes together."""
    processes: int = 2
    """Number of processes."""
    steps: int = 200
    """Steps of each run."""
    rounds: int = 3
    """Number of measurements of every row, in turns."""
    options: tuple[str, ...] = ()
    """NAME=VALUE of further options of the runs."""
    out: Path | None = None
    """JSON file, such as benchmarks/results/processes-cpu.json."""


def train(core, place, config, folder, rates):
    """Train on one core, as one of several processes if there is a place, and tell the rows a second."""
    os.sched_setaffinity(0, {core})
    marks = []
    if place is not None:
        address, count, index = place
        jax.distributed.initialize(address, count, index)
    with contextlib.redirect_stdout(None):
        jaxgan.train(
            config, out=folder, callbacks=[lambda at: marks.append((at.step, time.perf_counter()))], show="none"
        )
    (first, begun), (last, ended) = marks[len(marks) // 2], marks[-1]
    rates.put(config.program.batch_size * (last - first) / (ended - begun))


def measured(options, kind, batch):
    """Rows a second of all runs of a kind, which start at once."""
    count = 1 if kind == "alone" else options.processes
    config = jaxgan.preset(options.preset).replace(**chosen_options(options.options))
    config = config.replace(
        batch_size=batch // count if kind == "independent" else batch,
        wrapper="sharded" if kind == "together" else "jit",
        steps=options.steps,
        steps_per_call=1,
        log_every=options.steps // REPORTS,
        sample_every=options.steps,
        checkpoint_every=options.steps,
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    spawn = multiprocessing.get_context("spawn")
    rates = spawn.Queue()
    with tempfile.TemporaryDirectory() as folder:
        started = []
        for i, core in enumerate(sorted(os.sched_getaffinity(0))[:count]):
            where, place = (folder, (address, count, i)) if kind == "together" else (f"{folder}/{i}", None)
            started.append(spawn.Process(target=train, args=(core, place, config, where, rates)))
            started[-1].start()
        for process in started:
            process.join()
        if any(process.exitcode for process in started):
            raise SystemExit(f"a run with batch_size={batch} failed: see above")
    found = [rates.get() for _ in started]
    return min(found) if kind == "together" else sum(found)


def main(options):
    if len(os.sched_getaffinity(0)) < options.processes:
        raise SystemExit(f"processes must be at most the {len(os.sched_getaffinity(0))} cores, got {options.processes}")
    os.environ |= {"JAX_PLATFORMS": "cpu", "JAX_NUM_CPU_DEVICES": "1"}
    kinds = {"alone": 1, "independent": options.processes, "together": options.processes}
    found = {(batch, kind): [] for batch in options.batch for kind in kinds}
    for _ in range(options.rounds):
        for batch, kind in found:
            found[batch, kind].append(measured(options, kind, batch))
    rows = []
    for (batch, kind), values in found.items():
        alone = statistics.median(found[batch, "alone"])
        total = statistics.median(values)
        rows.append(
            {
                "batch": batch,
                "what": kind,
                "processes": kinds[kind],
                "rows/s": total,
                "lowest": min(values),
                "highest": max(values),
                "efficiency per process": total / kinds[kind] / alone,
            }
        )
    report("processes", rows, out=options.out, settings=settings(options))


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
