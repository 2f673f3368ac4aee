"""jaxgan's step beside the same step in PyTorch: first that the work is the same, then how long it takes.

Before a way to run PyTorch is timed, it takes five steps in float32 from the same weights, on the same data, latents
and random places, and must agree with jaxgan in the number of parameters and, to 1e-4, in both losses of every step
(`pytorch_proof.py`). Then all are timed in turns, round after round, on as many threads as there are cores. Both draw
their latents in the step and keep the generator's average; jaxgan's reports the gradients' norms as well.

    pip install '.[benchmark]'
    python benchmarks/compare_pytorch.py --out benchmarks/results/compare-pytorch-cpu.json
    python benchmarks/compare_pytorch.py --cases article-mnist ring --steps-per-call 10
    python benchmarks/compare_pytorch.py --device gpu --precision bfloat16
"""

import math
import operator
import os
import statistics
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import flops
import jax
import jax.numpy as jnp
import numpy as np
import torch
import tyro
from compare_cases import CASES, ON
from configurations import record_of
from measure import bandwidth, product_rate, report, seconds
from pytorch_proof import EPSILON, batches_of, operations, placed, prove, reference
from pytorch_step import Training

import jaxgan

MODES = {
    "eager": {},
    "eager-channels-last": {"channels_last": True},
    "compiled": {"compiled": True},
    "compiled-channels-last": {"channels_last": True, "compiled": True},
}


@dataclass(frozen=True)
class Options:
    """What to compare."""

    cases: tuple[str, ...] = ()
    """Cases of compare_cases.py (default: those of the device)."""
    modes: tuple[str, ...] = tuple(MODES)
    """How PyTorch runs; dense networks have no channels-last."""
    width: int | None = None
    """Width of the convolutional networks (default: the case's)."""
    batch_size: int | None = None
    """Rows of a step (default: the case's)."""
    steps_per_call: int = 4
    """Steps of a call of `repeated`."""
    device: Literal["cpu", "gpu"] = "cpu"
    """Device on which both run."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """Precision of the timed steps; in PyTorch, autocast."""
    rounds: int = 5
    """Number of measurements of every row."""
    round_seconds: float = 2.0
    """Shortest time of one measurement."""
    out: Path | None = None
    """JSON file, such as benchmarks/results/compare-pytorch-cpu.json."""


class Trial:
    """One row: `call()` takes `steps` steps and waits for them."""

    def __init__(self, name, call, first_seconds, steps=1):
        self.name, self.call, self.steps, self.first_seconds = name, call, steps, first_seconds
        call()
        self.once = seconds(call, repeats=2)[1]
        self.per_step = []

    def measure(self, at_least):
        self.call()
        calls = max(1, math.ceil(at_least / self.once))
        begun = time.perf_counter()
        for _ in range(calls):
            self.call()
        self.per_step.append((time.perf_counter() - begun) / (calls * self.steps))

    @property
    def median(self):
        return statistics.median(self.per_step)


def jaxgan_trial(name, case, rule, calls):
    """(trial, compiled program) of `calls` steps a call."""
    algorithm, key = case.algorithm(rule), jax.random.key(0)
    batch = next(batches_of(case, 1))._replace(latent=None)
    held = jax.device_put(batch if calls == 1 else jax.tree.map(lambda x: np.stack([x] * calls), batch))
    step = algorithm.step if calls == 1 else jaxgan.repeated(algorithm.step, calls)
    state = algorithm.init(key, batch)
    begun = time.perf_counter()
    compiled = jaxgan.jitted(step).lower(state, held, key).compile()

    def call():
        nonlocal state
        state, info = compiled(state, held, key)
        jax.block_until_ready((state, info))

    call()
    return Trial(f"jaxgan, {name}", call, time.perf_counter() - begun, calls), compiled


def pytorch_trial(mode, case, known, options):
    """(trial, proof) of one way to run PyTorch."""
    on = "cuda" if options.device == "gpu" else "cpu"
    proof = prove(Training(case.options, *case.pytorch(), device=on, epsilon=EPSILON, **MODES[mode]), case, known)
    cast = torch.bfloat16 if options.precision == "bfloat16" else None
    training = Training(case.options, *case.pytorch(), device=on, cast=cast, **MODES[mode])
    given = placed(training, case, known.batches[0])

    def call():
        training.step(*given)
        if on == "cuda":
            torch.cuda.synchronize()

    return Trial(f"PyTorch, {mode}", call, proof.first_seconds), proof


def rates(options):
    """Present speed of the machine: GFLOP/s of square matrix products, GB/s of memory."""
    gpu, half = options.device == "gpu", options.precision == "bfloat16"
    size = 8192 if gpu else 1024
    a = torch.ones(size, size, device="cuda" if gpu else "cpu", dtype=torch.bfloat16 if half else torch.float32)

    def product():
        torch.mm(a, a)
        if gpu:
            torch.cuda.synchronize()

    product()
    return {
        "jax_product_gflops": product_rate(size, jnp.bfloat16 if half else jnp.float32) / 1e9,
        "pytorch_product_gflops": 2 * size**3 / seconds(product, repeats=10)[1] / 1e9,
        "memory_gb_per_second": bandwidth() / 1e9,
    }


def compare(name, case, options):
    """(rows, work, rates of each round) of one case."""
    known = reference(case)
    modes = [mode for mode in options.modes if case.options.network != "mlp" or not mode.endswith("channels-last")]
    theirs, proofs = zip(*(pytorch_trial(mode, case, known, options) for mode in modes), strict=True)
    timed = case if options.precision == "float32" else case.changed(precision=options.precision)
    several = options.steps_per_call
    single, program = jaxgan_trial("single calls", timed, "alternating", 1)
    ours = [single, jaxgan_trial(f"repeated({several})", timed, "alternating", several)[0]]
    if case.options.discriminator_steps == 1:
        ours.append(jaxgan_trial("one pass: another algorithm", timed, "simultaneous", 1)[0])
    machine = []
    for _ in range(options.rounds):
        machine.append(rates(options))
        for trial in (*ours, *theirs):
            trial.measure(options.round_seconds)
    by_pytorch = operations(Training(case.options, *case.pytorch()), case) / 1e9
    gflop = by_pytorch if case.three_by_three else flops.step(case.config, case.of) / 1e9
    cost = program.cost_analysis()
    work = {
        "batch": case.options.batch_size,
        "parameters": proofs[0].parameters,
        "largest_difference_of_losses": max(proof.difference for proof in proofs),
        "largest_difference_of_states": max(proof.state_difference for proof in proofs),
        "gflop": gflop,
        "gflop_by_pytorch": by_pytorch,
        "gflop_by_xla": cost["flops"] / 1e9,
        "gb_by_xla": cost["bytes accessed"] / 1e9,
        "config": record_of(case.config),
    }
    best = min(theirs, key=lambda trial: trial.median)
    most = statistics.median(each["jax_product_gflops"] for each in machine)
    rows = [
        {
            "case": name,
            "what": trial.name,
            "images/s": case.options.batch_size / trial.median,
            "ms a step": 1e3 * trial.median,
            "spread %": 100 * (max(trial.per_step) / min(trial.per_step) - 1),
            "to first step s": trial.first_seconds,
            "speed to PyTorch's best": statistics.median(map(operator.truediv, best.per_step, trial.per_step)),
            "of product rate": gflop / trial.median / most,
        }
        for trial in (*ours, *theirs)
    ]
    return rows, work, machine


def main(options):
    if options.device == "gpu" and not (torch.cuda.is_available() and jax.default_backend() == "gpu"):
        missing = [{"case": name, "what": "not measured: no GPU that both see"} for name in ON["gpu"]]
        report("compare_pytorch", missing, out=options.out, device=options.device)
        return
    threads = len(os.sched_getaffinity(0))
    torch.set_num_threads(threads)
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = True
    rows, work, machine = [], {}, []
    for name in options.cases or ON[options.device]:
        case = CASES[name].changed(width=options.width, batch_size=options.batch_size)
        each, work[name], rounds = compare(name, case, options)
        rows += each
        machine += rounds
        torch.compiler.reset()
        jax.clear_caches()
    medians = {rate: statistics.median(each[rate] for each in machine) for rate in machine[0]}
    about = {"pytorch": torch.__version__, "threads": threads, "options": asdict(options) | {"out": None}}
    report("compare_pytorch", rows, out=options.out, **about, rates=medians, work=work)


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
