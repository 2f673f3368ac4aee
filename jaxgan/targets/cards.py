"""Accelerators that a step can be compiled for without having one, and what their makers state of them."""

from typing import NamedTuple

from jaxgan.checks import require_choice

GB, TERA = 1e9, 1e12
GIB = 2**30


class Chip(NamedTuple):
    """What the compiler of a GPU asks of it: limits of one multiprocessor, the number of them, the clock."""

    capability: tuple[int, int]
    multiprocessors: int
    threads: int
    """Threads resident on a multiprocessor."""
    float_units: int
    shared_memory: int
    """Bytes on a multiprocessor; a block may take 1 KiB less."""
    l2_cache: int
    """Bytes."""
    clock_ghz: float
    description: str


class Card(NamedTuple):
    """One device: its memory, and the peaks that bound a step."""

    name: str
    memory: float
    """Bytes."""
    bandwidth: float
    """Of its memory, bytes a second."""
    bfloat16: float
    """Dense products, operations a second."""
    float32: float
    """The same at JAX's default precision: TF32 on a GPU, one pass in bfloat16 on a TPU."""
    link: float | None
    """Bytes a second to the other devices; None where no number is stated."""
    source: str
    chip: Chip | None = None
    """Of a GPU."""


def _tpu(name: str, memory: float, bandwidth: float, peak: float, gigabits: float) -> Card:
    return Card(name, memory * GIB, bandwidth * GB, peak * TERA, peak * TERA, gigabits * GB / 8, "cloud.google.com/tpu")


A100 = Chip((8, 0), 108, 2048, 64, 167936, 41943040, 1.41, "NVIDIA A100-SXM4-{}GB")
H100 = Chip((9, 0), 132, 2048, 128, 233472, 52428800, 1.98, "NVIDIA H100 80GB HBM3")
L40S = Chip((8, 9), 142, 1536, 128, 102400, 100663296, 2.52, "NVIDIA L40S")

TPUS = {
    "v4": _tpu("TPU v4, one of a chip's two cores", 16, 614, 137.5, 1200),
    "v5e": _tpu("TPU v5e", 16, 819, 197, 1600),
    "v5p": _tpu("TPU v5p", 95, 2765, 459, 4800),
    "v6e": _tpu("TPU v6e", 32, 1640, 918, 3584),
}
"""One chip each; JAX sees the two cores of a v4 chip as two devices in a topology that is only described."""
GPUS = {
    "a100-40": Card(
        "NVIDIA A100 40 GB", 42331013120, 1555.2 * GB, 312 * TERA, 156 * TERA, 600 * GB,
        "NVIDIA A100 data sheet", A100._replace(description=A100.description.format(40)),
    ),
    "a100": Card(
        "NVIDIA A100 80 GB", 85100068864, 2039.0 * GB, 312 * TERA, 156 * TERA, 600 * GB,
        "NVIDIA A100 data sheet", A100._replace(description=A100.description.format(80)),
    ),
    "h100": Card(
        "NVIDIA H100 SXM 80 GB", 84942979072, 3352.3 * GB, 989.4 * TERA, 494.7 * TERA, 900 * GB,
        "NVIDIA H100 data sheet", H100,
    ),
    "h200": Card(
        "NVIDIA H200 141 GB", 151397597184, 4800.0 * GB, 989.4 * TERA, 494.7 * TERA, 900 * GB,
        "NVIDIA H200 data sheet", H100._replace(description="NVIDIA H200 141GB HBM3e"),
    ),
    "l40s": Card(
        "NVIDIA L40S 48 GB", 48e9, 864.0 * GB, 362.05 * TERA, 183.2 * TERA, 64 * GB,
        "NVIDIA L40S data sheet", L40S,
    ),
}  # fmt: skip
"""Dense peaks: makers often print twice as much, for sparse matrices."""


def card_of(family: str, kind: str) -> Card:
    """The card of that name.

    Raises:
        ValueError: if there is none.
    """
    cards = {"tpu": TPUS, "gpu": GPUS}
    require_choice("target", family, tuple(cards))
    require_choice(f"target {family}:", kind, tuple(cards[family]))
    return cards[family][kind]
