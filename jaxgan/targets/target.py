"""Devices to compile for that are not there."""

import importlib.util
import os
import re
from collections.abc import Sequence
from typing import NamedTuple

import jax
from jax.experimental import topologies

from jaxgan.checks import require
from jaxgan.errors import InputError
from jaxgan.targets.cards import Card, Chip, card_of

FORMS = "tpu:KIND, tpu:KIND:2x2, gpu:KIND or gpu:KIND:8"
CUDA = "13.0.0"
"""CUDA version of the driver and the toolkit: below 12.3, XLA keeps calls of libraries out of CUDA graphs."""
COMPILERS = {"tpu": ("libtpu",), "gpu": ("jax_cuda13_plugin", "jax_cuda12_plugin")}


class Target(NamedTuple):
    """Hardware that a step is compiled for."""

    name: str
    card: Card
    devices: Sequence[jax.Device]
    """Devices that compile, but run nothing."""

    @property
    def platform(self) -> str:
        """Name of the platform in JAX."""
        return self.devices[0].platform

    @property
    def options(self) -> dict[str, str]:
        """Options of the compiler: algorithms cannot be tried out on a card that is not there."""
        return {"xla_gpu_autotune_level": "0"} if self.platform == "gpu" else {}


def target(name: str) -> Target:
    """The devices of that name: `tpu:v5e` is one chip, `tpu:v5e:2x2` four, `gpu:h100` one card, `gpu:h100:8` eight.

    Raises:
        ValueError: if the name is not of this form, the hardware is unknown, there are no slices of this shape, or the
            compiler for it is not installed or not loaded.

    Examples:
        >>> jaxgan.targets.target("gpu:h100").card.name  # doctest: +SKIP
        'NVIDIA H100 SXM'
    """
    parts = name.split(":")
    require(len(parts) in (2, 3), f"target must be {FORMS}, got {name!r}")
    family, kind, *rest = parts
    card = card_of(family, kind)
    shape = rest[0] if rest else ""
    pattern = r"(\d+(x\d+){1,2})?" if family == "tpu" else r"\d*"
    require(bool(re.fullmatch(pattern, shape)), f"target must be {FORMS}, got {name!r}")
    require(
        any(importlib.util.find_spec(module) for module in COMPILERS[family]),
        f"target {name} needs the compiler for it: pip install 'jaxgan[target-{family}]'",
    )
    try:
        devices = _gpus(card, int(shape or 1)) if family == "gpu" else _tpus(kind, shape)
    except jax.errors.JaxRuntimeError as error:
        raise InputError(f"target {name}: {str(error).splitlines()[0]}") from None
    except NotImplementedError:
        raise InputError(
            f"target {name}: JAX has not loaded the compiler; start Python with JAX_PLATFORMS=cpu"
        ) from None
    return Target(name, card, devices)


def _tpus(kind: str, shape: str) -> Sequence[jax.Device]:
    # without these, the compiler asks the network where it runs
    os.environ.setdefault("TPU_SKIP_MDS_QUERY", "1")
    os.environ.setdefault("TPU_WORKER_HOSTNAMES", "localhost")
    one = "1x1" if kind in ("v5e", "v6e") else "1x1x1"
    alone = {} if shape else {"chips_per_host_bounds": [1, 1, 1]}
    found = topologies.get_topology_desc(platform="tpu", topology_name=f"{kind}:{shape or one}", **alone).devices
    return found if shape else found[:1]


def _gpus(card: Card, count: int) -> Sequence[jax.Device]:
    assert card.chip is not None
    require(count >= 1, f"a target has at least one GPU, got {count}")
    text = described(card, card.chip)
    return topologies.get_topology_desc(
        platform="cuda", topology_name="", target_config=text, topology=f"1x1x{count}"
    ).devices


def described(card: Card, chip: Chip) -> str:
    """The card in XLA's text format for a GPU (`GpuTargetConfigProto`)."""
    major, minor = chip.capability
    info = {
        "threads_per_block_limit": 1024,
        "threads_per_warp": 32,
        "shared_memory_per_block": 49152,
        "shared_memory_per_core": chip.shared_memory,
        "shared_memory_per_block_optin": chip.shared_memory - 1024,
        "threads_per_core_limit": chip.threads,
        "core_count": chip.multiprocessors,
        "fpus_per_core": chip.float_units,
        "block_dim_limit_x": 2**31 - 1,
        "block_dim_limit_y": 65535,
        "block_dim_limit_z": 65535,
        "memory_bandwidth": int(card.bandwidth),
        "l2_cache_size": chip.l2_cache,
        "clock_rate_ghz": chip.clock_ghz,
        "device_memory_size": int(card.memory),
        "registers_per_core_limit": 65536,
        "registers_per_block_limit": 65536,
    }
    versions = dict.fromkeys(("driver_version", "runtime_version", "compile_time_toolkit_version"), f'"{CUDA}"')
    numbers = " ".join(f"{name}: {value}" for name, value in (info | versions).items())
    return (
        f"gpu_device_info {{ {numbers} cuda_compute_capability {{ major: {major} minor: {minor} }} }} "
        f'platform_name: "CUDA" dnn_version_info {{ major: 9 minor: 10 }} device_description_str: "{card.kind}"'
    )
