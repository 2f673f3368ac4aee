"""Images per second of a preset's compiled step, on synthetic data: burn-in, then timed calls.

Every wrapper, batch size and number of steps per call asked for is one row; the rows are measured in turns, round
after round, and compared with the first. `--sweep batch` doubles the batch instead, from the preset's on, until the
device has no more memory or a row of the batch is no faster than before. A profile of one call goes to `--trace DIR`.

    python benchmarks/throughput.py --preset digits
    python benchmarks/throughput.py --preset dcgan-celeba-64 --precision bfloat16 --sweep batch --trace profile
    python benchmarks/throughput.py --preset dcgan-mnist --batch-size 64 128 --steps-per-call 1 4
    XLA_FLAGS=--xla_force_host_platform_device_count=2 python benchmarks/throughput.py --wrapper jit pmap sharded
"""

import itertools
import math
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import flops
import jax
import numpy as np
import tyro
from configurations import build, record_of
from measure import peak_memory, product_rate, report, seconds

import jaxgan
from jaxgan.data import Dataset, resident
from jaxgan.options import leaves
from jaxgan.program.inputs import steps_of_a_call
from jaxgan.program.placement import placement
from jaxgan.recipes.presets import PRESETS
from jaxgan.targets.cards import GPUS, TPUS


@dataclass(frozen=True)
class Options:
    """What to measure."""

    preset: str = "digits"
    """Preset with the networks, the game and the rule."""
    wrapper: tuple[Literal["jit", "pmap", "sharded"], ...] = ("jit",)
    """Values to compare, one row each."""
    batch_size: tuple[int, ...] = ()
    """Values to compare, one row each (default: the preset's)."""
    steps_per_call: tuple[int, ...] = ()
    """Values to compare, one row each (default: the preset's)."""
    precision: Literal["float32", "bfloat16"] | None = None
    """Precision of both networks, instead of the preset's."""
    sweep: Literal["batch"] | None = None
    """Double the batch from row to row, as long as that makes a row of the batch faster by a twentieth."""
    trace: Path | None = None
    """Folder for a profile of one call of the last row, for TensorBoard or Perfetto."""
    burn_in: int = 2
    """Calls before the timed ones."""
    rounds: int = 5
    """Number of measurements of every row."""
    round_seconds: float = 2.0
    """Shortest time of one measurement."""
    out: Path | None = None
    """JSON file, such as benchmarks/results/throughput-digits.json."""


def share_of_peak(rate, config):
    """Share of the peak that the device's maker states (MFU); "unknown" for a device that `jaxgan.targets` lacks."""
    device, devices = jax.local_devices()[0], 1 if config.program.wrapper == "jit" else jax.local_device_count()
    for card in (*GPUS.values(), *TPUS.values()):
        if device.device_kind == card.kind:
            precision = leaves(config.recipe)["precision"]
            return rate / devices / (card.bfloat16 if precision == "bfloat16" else card.float32)
    return "unknown"


class Trial:
    """One row: a compiled step and its state."""

    def __init__(self, config, dataset, of, burn_in):
        self.config, self.program = config, config.program
        devices = None if self.program.wrapper == "jit" else jax.local_devices()
        self.dataset = dataset.on_device(devices)
        algorithm = build(config, of)
        self.key = jax.random.key(0)
        self.state = algorithm.init(self.key, next(dataset.batches(self.program.batch_size, 0)))
        # XLA's own count, of a single step: it takes a loop's body once
        lowered = jax.jit(resident(algorithm.step, batch_size=self.program.batch_size)).lower(
            self.state, dataset.on_device(), self.key
        )
        begun = time.perf_counter()
        self.compiled = lowered.compile()
        self.compile_seconds = time.perf_counter() - begun
        self.step = placement(self.program.wrapper).compile(steps_of_a_call(self.program, algorithm.step, dataset))
        for _ in range(burn_in):
            self.call()
        self.per_step = []

    def call(self):
        self.state, info = self.step(self.state, self.dataset, self.key)
        return jax.block_until_ready(info)

    def measure(self, at_least):
        _, once = seconds(self.call, repeats=2)
        calls = max(1, math.ceil(at_least / once))
        begun = time.perf_counter()
        for _ in range(calls):
            self.call()
        self.per_step.append((time.perf_counter() - begun) / (calls * self.program.steps_per_call))

    def rows_per_second(self):
        return self.program.batch_size / statistics.median(self.per_step)


GROWTH = 1.05
"""Growth of images/s, below which a larger batch is no faster."""


def swept(begin, program):
    """Trials of doubled batches, each measured once, until one is no faster or does not fit."""
    trials, batch_size = [], program.batch_size
    while True:
        try:
            trial = begin(batch_size=batch_size)
            trial.measure(0.1)
        except jax.errors.JaxRuntimeError as error:
            if "RESOURCE_EXHAUSTED" not in str(error):
                raise
            print(f"a batch of {batch_size} does not fit")
            return trials
        last = trials[-1] if trials else None
        trials.append(trial)
        if last is not None and trial.rows_per_second() < GROWTH * last.rows_per_second():
            return trials
        batch_size *= 2


def main(options):
    preset, of = jaxgan.preset(options.preset), PRESETS[options.preset].of
    if options.precision is not None:
        preset = preset.replace(precision=options.precision)
    random = np.random.default_rng(0)
    rows = 4096
    real = random.integers(256, size=(rows, *of.shape), dtype=np.uint8) if len(of.shape) == 3 else None
    points = random.normal(size=(rows, *of.shape)).astype(np.float32)
    classes = of.num_classes or 2
    labels = random.integers(classes, size=rows, dtype=np.int32)
    dataset = Dataset("synthetic", points if real is None else real, labels, classes)
    program, names = preset.program, ("steps", "log_every", "sample_every", "checkpoint_every")

    def begin(wrapper=options.wrapper[0], batch_size=program.batch_size, calls=program.steps_per_call):
        every = {name: calls * getattr(program, name) for name in names}
        config = preset.replace(wrapper=wrapper, batch_size=batch_size, steps_per_call=calls, **every)
        return Trial(config, dataset, of, options.burn_in)

    if options.sweep == "batch":
        trials = swept(begin, program)
    else:
        batches, calls = (
            options.batch_size or (program.batch_size,),
            options.steps_per_call or (program.steps_per_call,),
        )
        trials = [begin(*each) for each in itertools.product(options.wrapper, batches, calls)]
    rate = []
    for _ in range(options.rounds):
        rate.append(product_rate())
        for trial in trials:
            trial.measure(options.round_seconds)
    first = statistics.median(trials[0].per_step) / trials[0].program.batch_size
    table = []
    for trial in trials:
        each, batch = statistics.median(trial.per_step), trial.program.batch_size
        needed = flops.step(trial.config, of)
        table.append(
            {
                "wrapper": trial.program.wrapper,
                "batch": batch,
                "steps a call": trial.program.steps_per_call,
                "images/s": batch / each,
                "ms a step": 1e3 * each,
                "spread %": 100 * (max(trial.per_step) / min(trial.per_step) - 1),
                "compile s": trial.compile_seconds,
                "GFLOP by definition": needed / 1e9,
                "GFLOP by XLA": trial.compiled.cost_analysis().get("flops", math.nan) / 1e9,
                "of product rate": needed / each / statistics.median(rate),
                "of peak": share_of_peak(needed / each, trial.config),
                "speed to first row": first / (each / batch),
            }
        )
    about = {"preset": options.preset, "config": record_of(preset), "peak_memory_bytes": peak_memory()}
    about["product_gflops"] = statistics.median(rate) / 1e9
    if options.trace is not None:
        with jax.profiler.trace(options.trace):
            trials[-1].call()
        print(f"a profile of one call is in {options.trace}")
    report(f"throughput: {options.preset}, synthetic data", table, out=options.out, **about)


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
