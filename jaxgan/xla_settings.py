"""Settings of XLA that the program, but never the library, makes before JAX starts its backend: CPU devices, a cache of
programs.

JAXGAN_XLA_FLAGS=off leaves XLA_FLAGS alone. JAX_COMPILATION_CACHE_DIR moves the cache;
JAX_ENABLE_COMPILATION_CACHE=false turns it off.
"""

import importlib.metadata
import importlib.util
import os
from collections.abc import MutableMapping
from pathlib import Path

from jaxgan.checks import require_choice

CPU_DEVICES = "--xla_force_host_platform_device_count"


def set_cpu_devices(count: int, environment: MutableMapping[str, str] | None = None) -> None:
    """Make `count` virtual devices of the CPU, by XLA_FLAGS; JAX must not have started its backend.

    Nothing is done where the CPU is not the one backend, or where XLA_FLAGS already says how many.

    Args:
        count: at least 1.
        environment: to read and change, `os.environ` by default.

    Raises:
        ValueError: if JAXGAN_XLA_FLAGS is neither on nor off.
    """
    environment = os.environ if environment is None else environment
    switch = environment.get("JAXGAN_XLA_FLAGS", "on")
    require_choice("JAXGAN_XLA_FLAGS", switch, ("on", "off"))
    flags = environment.get("XLA_FLAGS", "")
    left_alone = switch == "off" or CPU_DEVICES in flags or not cpu_alone(environment.get("JAX_PLATFORMS", ""))
    if count > 1 and not left_alone:
        environment["XLA_FLAGS"] = f"{flags} {CPU_DEVICES}={count}".strip()


def only_compile() -> None:
    """Keep JAX from looking for accelerators if it only compiles for them; it must not have started its backend."""
    os.environ.setdefault("JAX_PLATFORMS", "cpu")


def cores() -> int:
    """Number of cores available to this process. With that many virtual devices, all cores are used."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cpu_alone(platforms: str) -> bool:
    """Whether JAX will find only the CPU: nothing else is installed, or `platforms` (JAX_PLATFORMS) names only the
    CPU."""
    if platforms:
        return platforms == "cpu"
    plugins = importlib.metadata.entry_points(group="jax_plugins")
    return not plugins and all(importlib.util.find_spec(name) is None for name in ("jax_plugins", "libtpu"))


def keep_compiled_programs() -> None:
    """Keep compiled programs in `$XDG_CACHE_HOME/jaxgan/compiled` or `~/.cache/jaxgan/compiled`, unless JAX has a cache
    already.

    A program from there gives the same bits as one compiled anew. Programs that compile within a second are not kept.
    """
    import jax

    if jax.config.jax_compilation_cache_dir is None:  # type: ignore[attr-defined]
        folder = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "jaxgan" / "compiled"
        jax.config.update("jax_compilation_cache_dir", str(folder.expanduser()))
