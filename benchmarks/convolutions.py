"""The convolutions of the presets' networks, forward and backward, beside XLA's own and PyTorch's.

For every layer: the pass itself, the gradients of its input and of its kernel, and of both through the squared gradient
of its input, as R1 takes them. Each also inside a loop of a few turns, where XLA's own derivatives are slow. PyTorch
runs in channels-last; without it, its columns say "not measured".

    python benchmarks/convolutions.py --no-lax --out benchmarks/results/convolutions-cpu.json
"""

import os
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import jax
import jax.numpy as jnp
import tyro
from jax import lax
from measure import product_rate, report

from jaxgan.networks.layers.convolution import IMAGES, conv, conv_transpose

try:
    import torch
except ModuleNotFoundError:
    torch = None

# kind, kernel, stride, batch, side of the input, input channels, output channels
LAYERS = {
    "conv 64x64 3>64": ("conv", 4, 2, 64, 64, 3, 64),
    "conv 32x32 64>128": ("conv", 4, 2, 64, 32, 64, 128),
    "conv 16x16 128>256": ("conv", 4, 2, 64, 16, 128, 256),
    "conv 8x8 256>512": ("conv", 4, 2, 64, 8, 256, 512),
    "transpose 4x4 512>256": ("transpose", 4, 2, 64, 4, 512, 256),
    "transpose 8x8 256>128": ("transpose", 4, 2, 64, 8, 256, 128),
    "transpose 16x16 128>64": ("transpose", 4, 2, 64, 16, 128, 64),
    "transpose 32x32 64>3": ("transpose", 4, 2, 64, 32, 64, 3),
    "conv 28x28 1>32": ("conv", 4, 2, 64, 28, 1, 32),
    "conv 14x14 32>64": ("conv", 4, 2, 64, 14, 32, 64),
    "transpose 7x7 64>32": ("transpose", 4, 2, 64, 7, 64, 32),
    "transpose 14x14 32>1": ("transpose", 4, 2, 64, 14, 32, 1),
    "conv 3x3 32x32 64>64": ("conv", 3, 1, 64, 32, 64, 64),
}
PASSES = ("forward", "input gradient", "kernel gradient", "second order")
TURNS = 4
"""Turns of the loop."""


@dataclass(frozen=True)
class Options:
    """What to measure."""

    layers: tuple[str, ...] = tuple(LAYERS)
    """Layers of the presets, as named in this file."""
    batch_size: int | None = None
    """Number of rows, if not the layer's."""
    lax: bool = True
    """Also XLA's own, whose kernel gradients take seconds for the larger layers."""
    rounds: int = 5
    """Number of measurements of each, in turns."""
    round_seconds: float = 0.2
    """Shortest time of one measurement."""
    out: Path | None = None
    """JSON file, such as benchmarks/results/convolutions-cpu.json."""


def ours(kind, stride):
    function = conv if kind == "conv" else conv_transpose
    return lambda x, kernel: function(x, kernel, stride)


def of_lax(kind, stride):
    strides = (stride, stride)
    if kind == "conv":
        return lambda x, k: lax.conv_general_dilated(x, k, strides, "SAME", dimension_numbers=IMAGES)
    return lambda x, k: lax.conv_transpose(x, k, strides, "SAME", dimension_numbers=IMAGES)


def passes(layer):
    """Each as a function of the input, the kernel and a cotangent of the output."""

    def pull(x, kernel, cotangent):
        return jax.vjp(layer, x, kernel)[1](cotangent)

    def penalty(x, kernel, cotangent):
        return jnp.sum(jax.vjp(lambda x: jnp.tanh(layer(x, kernel)), x)[1](cotangent)[0] ** 2)

    return {
        "forward": lambda x, kernel, cotangent: layer(x, kernel),
        "input gradient": lambda *arguments: pull(*arguments)[0],
        "kernel gradient": lambda *arguments: pull(*arguments)[1],
        "second order": jax.grad(penalty, (0, 1)),
    }


def looped(function):
    """The function `TURNS` times, each on another input and cotangent."""

    def loop(x, kernel, cotangent):
        turns = (jnp.stack([a + i for i in range(TURNS)]) for a in (x, cotangent))
        return lax.map(lambda turn: function(turn[0], kernel, turn[1]), tuple(turns))

    return loop


def of_torch(kind, stride, arguments):
    """The passes in PyTorch, on the same numbers in its own layout."""
    x, kernel, cotangent = (torch.tensor(jax.device_get(a)) for a in arguments)
    last = {"memory_format": torch.channels_last}
    x = x.permute(0, 3, 1, 2).contiguous(**last).requires_grad_()
    order = (3, 2, 0, 1) if kind == "conv" else (2, 3, 0, 1)
    kernel = kernel.permute(*order).contiguous(**last).requires_grad_()
    cotangent = cotangent.permute(0, 3, 1, 2).contiguous(**last)
    function = torch.nn.functional.conv2d if kind == "conv" else torch.nn.functional.conv_transpose2d

    def layer():
        return function(x, kernel, stride=stride, padding=1)

    out = layer()

    def second_order():
        (gradient,) = torch.autograd.grad(torch.tanh(layer()), x, cotangent, create_graph=True)
        return torch.autograd.grad((gradient**2).sum(), (x, kernel))

    def forward():
        with torch.no_grad():
            return layer()

    return {
        "forward": forward,
        "input gradient": lambda: torch.autograd.grad(out, x, cotangent, retain_graph=True),
        "kernel gradient": lambda: torch.autograd.grad(out, kernel, cotangent, retain_graph=True),
        "second order": second_order,
    }


def milliseconds(call, least):
    begun, calls = time.perf_counter(), 0
    while calls == 0 or time.perf_counter() - begun < least:
        jax.block_until_ready(call())
        calls += 1
    return 1e3 * (time.perf_counter() - begun) / calls


def measured(name, options):
    """A row for each pass: medians of rounds that take turns."""
    kind, size, stride, batch, side, inputs, outputs = LAYERS[name]
    keys = jax.random.split(jax.random.key(0), 3)
    x = jax.random.normal(keys[0], (options.batch_size or batch, side, side, inputs))
    kernel = jax.random.normal(keys[1], (size, size, inputs, outputs))
    cotangent = jax.random.normal(keys[2], jax.eval_shape(ours(kind, stride), x, kernel).shape)
    arguments = (x, kernel, cotangent)
    pytorch = None if torch is None else of_torch(kind, stride, arguments)
    rows = []
    for what in PASSES:
        calls = {}
        layers = {"jaxgan": ours(kind, stride)} | ({"lax": of_lax(kind, stride)} if options.lax else {})
        for by, layer in layers.items():
            function = passes(layer)[what]
            calls[by] = (jax.jit(function), 1)
            calls[f"{by}, in a loop"] = (jax.jit(looped(function)), TURNS)
        calls = {by: (lambda f=f: f(*arguments), turns) for by, (f, turns) in calls.items()}
        if pytorch is not None:
            calls["PyTorch"] = (pytorch[what], 1)
        for call, _ in calls.values():
            jax.block_until_ready(call())
        times = {by: [] for by in calls}
        for _ in range(options.rounds):
            for by, (call, turns) in calls.items():
                times[by].append(milliseconds(call, options.round_seconds) / turns)
        median = {f"{by} ms": statistics.median(each) for by, each in times.items()}
        against = median["jaxgan ms"] / median["PyTorch ms"] if pytorch else "not measured"
        rows.append({"layer": name, "pass": what, "PyTorch ms": "not measured", **median, "time to PyTorch's": against})
        print(name, what, against, flush=True)
    return rows


def main(options):
    threads = os.cpu_count()
    if torch is not None:
        torch.set_num_threads(threads)
    rows = [row for name in options.layers for row in measured(name, options)]
    about = {"rounds": options.rounds, "threads": threads, "pytorch": torch and torch.__version__}
    report("convolutions", rows, out=options.out, **about, product_gflops=product_rate() / 1e9)


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
