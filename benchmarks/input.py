"""What it costs to stream: the loader alone, a preset's compiled step on data held on the device, and the same step fed
from a memory-mapped file.

Data is synthetic, of the shape that the options say. The rows are measured in turns, round after round; the cost is
the loss of images per second, by the medians. The file lies in the page cache, which holds what was just written.

    python benchmarks/input.py --preset digits
    python benchmarks/input.py --preset digits --image-size 64 --channels 3 --width 64 --batch-size 64
"""

import itertools
import math
import statistics
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import jax
import numpy as np
import tyro
from configurations import build, options_of, record_of
from measure import report, seconds

import jaxgan
from jaxgan import data
from jaxgan.recipes.presets import preset
from jaxgan.recipes.recipe import DataShape

CLASSES = 10


@dataclass(frozen=True)
class Options:
    """What to measure."""

    preset: str = "digits"
    """Preset with the networks, the game and the rule."""
    image_size: int | None = None
    """Pixels a side (default: the preset's, or 32)."""
    channels: int = 1
    """Channels of an image."""
    width: int | None = None
    """Width of the networks (default: the preset's)."""
    batch_size: int | None = None
    """Rows of a step (default: the preset's)."""
    steps_per_call: int | None = None
    """Steps of a compiled call (default: the preset's)."""
    rows: int = 20_000
    """Rows of the data set."""
    workers: tuple[int, ...] = (0, 1, 2)
    """Processes of the loader, one row each."""
    rounds: int = 5
    """Number of measurements of every row."""
    round_seconds: float = 2.0
    """Shortest time of one measurement."""
    out: Path | None = None
    """JSON file, such as benchmarks/results/input-digits.json."""


class Trial:
    """One row: something that can be called again and again, `steps` batches a call."""

    def __init__(self, name, call, steps, at_least):
        self.name, self.call, self.steps = name, call, steps
        jax.block_until_ready(call())
        self.calls = math.ceil(at_least / seconds(call, repeats=2)[1])
        self.per_step = []

    def measure(self):
        begun = time.perf_counter()
        for _ in range(self.calls):
            done = self.call()
        jax.block_until_ready(done)
        self.per_step.append((time.perf_counter() - begun) / (self.calls * self.steps))


def loading(stream):
    return lambda: next(stream)


def stepping(step, state, batches):
    key = jax.random.key(0)

    def call():
        nonlocal state
        state, info = step(state, next(batches), key)
        return info

    return call


def synthetic(of, rows):
    random = np.random.default_rng(0)
    images = len(of.shape) == 3
    size = (rows, *of.shape)
    real = random.integers(256, size=size, dtype=np.uint8) if images else random.normal(size=size).astype(np.float32)
    return data.Dataset("synthetic", real, random.integers(CLASSES, size=rows, dtype=np.int32), CLASSES)


def configured(options):
    config = preset(options.preset)
    asked = {name: getattr(options, name) for name in ("width", "batch_size", "steps_per_call")}
    asked = {name: value for name, value in asked.items() if value is not None}
    calls = asked.get("steps_per_call", config.program.steps_per_call)
    names = ("steps", "log_every", "sample_every", "checkpoint_every")
    every = {name: calls * getattr(config.program, name) for name in names}
    return config.replace(**asked, **every)


def main(options):
    config = configured(options)
    chosen = options_of(config)
    size = options.image_size or getattr(chosen, "image_size", None) or 32
    of = DataShape((2,) if chosen.data in ("ring", "grid") else (size, size, options.channels), CLASSES)
    batch, n = chosen.batch_size, chosen.steps_per_call
    memory = synthetic(of, options.rows)
    algorithm = build(config, of)

    def compiled(step):
        return jaxgan.jitted(jaxgan.repeated(step, n))

    def state():
        return algorithm.init(jax.random.key(0), next(memory.batches(batch, 0)))

    with tempfile.TemporaryDirectory() as folder:
        np.save(Path(folder) / "set.npy", memory.real)
        mapped = replace(memory, real=np.load(Path(folder) / "set.npy", mmap_mode="r"))
        held = itertools.repeat(memory.on_device())
        streams = []

        def stream(dataset, **how):
            streams.append(data.stream(dataset, batch, 0, **how))
            return streams[-1]

        calls = {"loader, in memory": (loading(stream(memory)), 1)}
        for workers in options.workers:
            calls[f"loader, mapped, workers={workers}"] = loading(stream(mapped, workers=workers)), 1
        resident = compiled(data.resident(algorithm.step, batch_size=batch))
        calls["step, resident"] = stepping(resident, state(), held), n
        streamed = compiled(data.streamed(algorithm.step))
        calls["step, streamed, mapped"] = stepping(streamed, state(), stream(mapped, stacked=n)), n
        trials = [Trial(name, call, steps, options.round_seconds) for name, (call, steps) in calls.items()]
        for _ in range(options.rounds):
            for trial in trials:
                trial.measure()
        for opened in streams:
            opened.close()
    medians = [statistics.median(trial.per_step) for trial in trials]
    cost = 100 * (1 - medians[-2] / medians[-1])
    table = [
        {
            "what": trial.name,
            "images/s": batch / median,
            "ms a batch": 1e3 * median,
            "spread %": 100 * (max(trial.per_step) / min(trial.per_step) - 1),
        }
        for trial, median in zip(trials, medians, strict=True)
    ]
    about = {
        "preset": options.preset,
        "config": record_of(config),
        "shape": of.shape,
        "dataset_bytes": memory.real.nbytes,
    }
    about["streaming_cost_percent"] = cost
    report(f"input: {options.preset}, synthetic data {of.shape}", table, out=options.out, **about)
    print(f"streaming costs {cost:.1f} % of images/s")


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
