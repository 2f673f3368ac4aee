"""What a step costs as one thing grows: batch, resolution, width, devices, members of a population, steps a call.

Each axis starts from one small configuration, a DCGAN or, for members and steps a call, dense networks; the rows of an
axis are measured in turns, round after round. `slope` is the exponent of the cost along the whole axis, the
least-squares line of log ms against log value: 1 where the cost is proportional, 0 where it is constant. With devices
the batch is that of all of them; virtual devices share the cores of the machine, so there a constant cost is the best.
On the CPU the flags of XLA are those of the program: for dense networks, if these alone are asked for, else for DCGAN.

    python benchmarks/scaling.py --axes members steps_a_call
    python benchmarks/scaling.py --axes batch resolution width devices --batch 64 256 --devices 1 2
"""

import math
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import jax
import jax.numpy as jnp
import numpy as np
import tyro
from configurations import build, record_of
from measure import product_rate, report, seconds

import jaxgan
from jaxgan import data, execution, xla_settings
from jaxgan.recipes.recipe import DataShape

Axis = Literal["batch", "resolution", "width", "devices", "members", "steps_a_call"]
DENSE = ("members", "steps_a_call")


@dataclass(frozen=True)
class Options:
    """Which axes, and how far."""

    axes: tuple[Axis, ...] = ("batch", "resolution", "width", "devices", "members", "steps_a_call")
    """Those to measure."""
    batch: tuple[int, ...] = (16, 32, 64, 128)
    """Rows of a step."""
    resolution: tuple[int, ...] = (8, 16, 32, 64)
    """Pixels a side."""
    width: tuple[int, ...] = (16, 32, 64)
    """Channels of DCGAN next to the image."""
    devices: tuple[int, ...] = (1, 2, 4)
    """Numbers of devices for pmap; they are virtual on the CPU."""
    members: tuple[int, ...] = (1, 2, 4, 8)
    """Members of a population, one after another on the CPU."""
    steps_a_call: tuple[int, ...] = (1, 2, 5, 10, 50)
    """Numbers of steps in a loop."""
    rounds: int = 5
    """Number of measurements of every row."""
    round_seconds: float = 0.5
    """Shortest time of one measurement."""
    out: Path | None = None
    """JSON file, such as benchmarks/results/scaling.json."""


IMAGES = jaxgan.preset("digits").replace(width=32, batch_size=32, r1=0.0, condition="none")
POINTS = jaxgan.preset("ring").replace(
    generator_hidden=(64,) * 3, discriminator_hidden=(64,) * 3, batch_size=64, r1=0.0, r2=0.0
)


class Trial:
    """One row: a compiled call of `steps` steps, and its state."""

    def __init__(self, axis, value):
        chosen = dict.fromkeys(get_args(Axis)) | {axis: value}
        side, self.steps = chosen["resolution"] or 16, chosen["steps_a_call"] or 1
        config, of = (POINTS, DataShape((2,), None)) if axis in DENSE else (IMAGES, DataShape((side, side, 1), None))
        asked = {"batch_size": chosen["batch"], "width": chosen["width"]}
        config = config.replace(**{name: size for name, size in asked.items() if size is not None})
        batch_size = config.program.batch_size
        self.axis, self.value, self.per_step = axis, value, []
        algorithm = build(config, of)
        if axis == "members":
            rates = jnp.full(value, config.recipe.rates.generator_rate)
            algorithm = jaxgan.population(lambda rate: build(config.replace(generator_rate=rate), of), rates)
        devices = jax.local_devices()[: chosen["devices"] or 1]
        real = np.random.default_rng(0).normal(size=(1024, *of.shape)).clip(-1, 1).astype(np.float32)
        dataset = data.Dataset("synthetic", real, None, None)
        self.key, self.dataset = jax.random.key(0), dataset.on_device(devices if axis == "devices" else None)
        self.state = algorithm.init(self.key, next(dataset.batches(batch_size, 0)))
        step = data.resident(algorithm.step, batch_size=batch_size)
        many = execution.repeated(step, self.steps)
        self.step = jaxgan.pmapped(many, devices) if axis == "devices" else jaxgan.jitted(many)
        self.call()

    def call(self):
        self.state, info = self.step(self.state, self.dataset, self.key)
        return jax.block_until_ready(info)

    def measure(self, at_least):
        calls = max(1, math.ceil(at_least / seconds(self.call, repeats=2)[1]))
        begun = time.perf_counter()
        for _ in range(calls):
            self.call()
        self.per_step.append((time.perf_counter() - begun) / (calls * self.steps))


def measured(axis, values, options):
    """The rows of one axis."""
    trials = [Trial(axis, value) for value in values]
    for _ in range(options.rounds):
        for trial in trials:
            trial.measure(options.round_seconds)
    cost = [statistics.median(trial.per_step) for trial in trials]
    slope = np.polyfit(np.log(values), np.log(cost), 1)[0] if len(values) > 1 else math.nan
    return [
        {
            "axis": axis,
            "value": value,
            "ms a step": 1e3 * each,
            "to first": each / cost[0],
            "spread %": 100 * (max(trial.per_step) / min(trial.per_step) - 1),
            "slope": float(slope),
        }
        for value, each, trial in zip(values, cost, trials, strict=True)
    ]


def main(options):
    most = max(options.devices) if "devices" in options.axes else 1
    xla_settings.set_cpu_devices(most)
    rows = [row for axis in options.axes for row in measured(axis, getattr(options, axis), options)]
    configs = {"images": record_of(IMAGES), "points": record_of(POINTS)}
    report("scaling", rows, out=options.out, configs=configs, product_gflops=product_rate() / 1e9)


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
