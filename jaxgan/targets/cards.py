"""Accelerators for which a step can be compiled without the hardware, with their makers' figures."""

from typing import NamedTuple

from jaxgan.checks import require_choice

GB, TERA = 1e9, 1e12
GIB = 2**30


class Chip(NamedTuple):
    """Properties of a GPU for the compiler: limits of a multiprocessor, the number of multiprocessors, the clock."""

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


class Card(NamedTuple):
    """One device: its memory, and the peaks that bound a step."""

    name: str
    kind: str
    """As JAX names the device, `jax.devices()[0].device_kind`."""
    memory: float
    """Bytes."""
    bandwidth: float
    """Bandwidth of its memory, bytes a second."""
    bfloat16: float
    """Dense products, operations a second."""
    float32: float
    """The same at JAX's default precision: TF32 on a GPU, one pass in bfloat16 on a TPU."""
    link: float | None
    """Bytes a second to the other devices; None where no number is stated."""
    source: str
    chip: Chip | None = None
    """Chip of a GPU; None for a TPU."""


def _tpu(name: str, kind: str, memory: float, bandwidth: float, peak: float, gigabits: float) -> Card:
    link, peak = gigabits * GB / 8, peak * TERA
    return Card(name, kind, memory * GIB, bandwidth * GB, peak, peak, link, "cloud.google.com/tpu")


def _gpu(name: str, memory: float, bandwidth: float, bfloat16: float, tf32: float, link: float, chip: Chip) -> Card:
    source = f"data sheet of {name}"
    return Card(name, name, memory, bandwidth * GB, bfloat16 * TERA, tf32 * TERA, link * GB, source, chip)


A100 = Chip((8, 0), 108, 2048, 64, 167936, 41943040, 1.41)
H100 = Chip((9, 0), 132, 2048, 128, 233472, 52428800, 1.98)
L40S = Chip((8, 9), 142, 1536, 128, 102400, 100663296, 2.52)

TPUS = {
    "v4": _tpu("TPU v4, one of a chip's two cores", "TPU v4", 16, 614, 137.5, 1200),
    "v5e": _tpu("TPU v5e", "TPU v5 lite", 16, 819, 197, 1600),
    "v5p": _tpu("TPU v5p", "TPU v5", 95, 2765, 459, 4800),
    "v6e": _tpu("TPU v6e", "TPU v6 lite", 32, 1640, 918, 3584),
}
"""TPU chips. In a described topology, JAX sees the two cores of a v4 chip as two devices."""
GPUS = {
    "a100-40": _gpu("NVIDIA A100-SXM4-40GB", 42331013120, 1555.2, 312, 156, 600, A100),
    "a100": _gpu("NVIDIA A100-SXM4-80GB", 85100068864, 2039.0, 312, 156, 600, A100),
    "h100": _gpu("NVIDIA H100 80GB HBM3", 84942979072, 3352.3, 989.4, 494.7, 900, H100),
    "h200": _gpu("NVIDIA H200", 151397597184, 4800.0, 989.4, 494.7, 900, H100),
    "l40s": _gpu("NVIDIA L40S", 48e9, 864.0, 362.05, 183.2, 64, L40S),
}
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
