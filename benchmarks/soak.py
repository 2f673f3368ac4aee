"""A long run with pictures, evaluations and checkpoints: do memory, files or the time of a step grow?

    python benchmarks/soak.py --out benchmarks/results/soak.json
    python benchmarks/soak.py --preset digits --steps 20000

It trains a preset as `jaxgan train` does, and looks at the process at every hundredth of the steps: resident memory,
bytes of JAX's arrays, open files, threads, and milliseconds a step since the last look, with all that was drawn,
measured and saved in between. Growth is the slope of a line through the second half of the looks, times their span,
relative to their mean; a leak that matters in days shows there.
"""

import math
import os
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np
import tyro
from measure import report, settings

import jaxgan
from jaxgan import xla_settings

LOOKS = 100
SMALL: dict[str, Any] = {"generator_hidden": (64, 64), "discriminator_hidden": (64, 64), "batch_size": 64}


@dataclass(frozen=True)
class Options:
    """What to run."""

    preset: str = "ring"
    """Name of a preset; ring has small networks here."""
    steps: int = 100_000
    """Steps of the run."""
    out: Path | None = None
    """JSON file, such as benchmarks/results/soak.json."""


class Looks:
    """A callback that looks at the process."""

    def __init__(self, every):
        self.every, self.rows, self.last = every, [], (0, time.perf_counter())

    def __call__(self, progress):
        if progress.step % self.every:
            return
        (step, before), now = self.last, time.perf_counter()
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        self.rows.append(
            {
                "step": progress.step,
                "resident MiB": pages * os.sysconf("SC_PAGE_SIZE") / 2**20,
                "arrays MiB": sum(array.nbytes for array in jax.live_arrays()) / 2**20,
                "arrays": len(jax.live_arrays()),
                "open files": len(os.listdir("/proc/self/fd")),
                "threads": threading.active_count(),
                "ms a step": 1e3 * (now - before) / (progress.step - step),
            }
        )
        self.last = (progress.step, time.perf_counter())


def growth(rows, name):
    """Slope over the second half of the looks, as a share of its mean."""
    half = rows[len(rows) // 2 :]
    steps, values = (np.array([row[key] for row in half], float) for key in ("step", name))
    slope = np.polyfit(steps, values, 1)[0]
    return float(slope * (steps[-1] - steps[0]) / values.mean())


def main(options):
    every = options.steps // LOOKS
    config = jaxgan.preset(options.preset).replace(**(SMALL if options.preset == "ring" else {}))
    config = config.replace(
        **{"steps": options.steps, "log_every": every, "sample_every": 5 * every, "checkpoint_every": 5 * every},
        **{"evaluate_every": 10 * every, "evaluate_samples": 1000, "steps_per_call": math.gcd(50, every)},
    )
    looks = Looks(every)
    with tempfile.TemporaryDirectory() as folder:
        jaxgan.train(config, out=folder, callbacks=[looks], show="none")
        (run,) = Path(folder).iterdir()
        files = {name: sum(path.is_file() for path in (run / name).rglob("*")) for name in ("samples", "checkpoints")}
    rows = looks.rows
    shown = [rows[i] for i in (0, len(rows) // 4, len(rows) // 2, 3 * len(rows) // 4, -1)]
    grown = {name: f"{growth(rows, name):+.2%}" for name in rows[0] if name != "step"}
    about = {"settings": settings(options), "files of the run": files, "growth in the second half": grown}
    report("soak", shown, out=options.out, **about, looks=rows)


if __name__ == "__main__":
    chosen = tyro.cli(Options, description=__doc__)
    xla_settings.keep_compiled_programs()
    main(chosen)
