"""What the program, never the library, asks of XLA before JAX starts its backend: CPU flags and a cache of programs.

Flags go into the environment variable XLA_FLAGS, and only where the CPU is the one backend. A flag that is already
there stays as it is; JAXGAN_XLA_FLAGS=off leaves XLA_FLAGS alone. JAX_COMPILATION_CACHE_DIR moves the cache;
JAX_ENABLE_COMPILATION_CACHE=false turns it off.
"""

import importlib.metadata
import importlib.util
import os
from collections.abc import MutableMapping
from pathlib import Path

from jaxgan.checks import require_choice

NO_YNNPACK = "--xla_cpu_experimental_ynn_fusion_type"
"""Of jaxlib 0.10. Without YNNPACK's fusions convolutions are faster, dense layers slower."""
CPU_DEVICES = "--xla_force_host_platform_device_count"


def set_cpu_flags(
    *, convolutional: bool, devices: int = 1, environment: MutableMapping[str, str] | None = None
) -> None:
    """Add to XLA_FLAGS what makes the CPU faster; JAX must not have started its backend.

    Args:
        convolutional: whether the networks are made of convolutions.
        devices: how many virtual devices to make of the CPU, 1 for no more than there are.
        environment: to read and change, `os.environ` by default.

    Raises:
        ValueError: if JAXGAN_XLA_FLAGS is neither on nor off.
    """
    environment = os.environ if environment is None else environment
    switch = environment.get("JAXGAN_XLA_FLAGS", "on")
    require_choice("JAXGAN_XLA_FLAGS", switch, ("on", "off"))
    if switch == "off" or not cpu_alone(environment.get("JAX_PLATFORMS", "")):
        return
    flags = environment.get("XLA_FLAGS", "").split()
    given = {flag.split("=")[0] for flag in flags}
    # XLA ends the process on a flag that it does not know
    if convolutional and importlib.metadata.version("jaxlib").startswith("0.10.") and NO_YNNPACK not in given:
        flags.append(f"{NO_YNNPACK}=")
    if devices > 1 and CPU_DEVICES not in given:
        flags.append(f"{CPU_DEVICES}={devices}")
    if flags:
        environment["XLA_FLAGS"] = " ".join(flags)


def cores() -> int:
    """How many this process may run on: as many virtual devices make use of all of them."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cpu_alone(platforms: str) -> bool:
    """Whether JAX will find the CPU alone: nothing else is installed, or `platforms` (JAX_PLATFORMS) names it."""
    if platforms:
        return platforms == "cpu"
    plugins = importlib.metadata.entry_points(group="jax_plugins")
    return not plugins and all(importlib.util.find_spec(name) is None for name in ("jax_plugins", "libtpu"))


def keep_compiled_programs() -> None:
    """Keep compiled programs in `$XDG_CACHE_HOME/jaxgan/compiled` or `~/.cache/jaxgan/compiled`, if JAX has no place.

    A program from there gives the same bits as one compiled anew. Programs that compile within a second are not kept.
    """
    import jax

    if jax.config.jax_compilation_cache_dir is None:  # type: ignore[attr-defined]
        folder = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "jaxgan" / "compiled"
        jax.config.update("jax_compilation_cache_dir", str(folder.expanduser()))
