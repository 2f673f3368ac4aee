"""What the program asks of XLA: flags that are set once and in time, and programs that are kept."""

import os
import subprocess
import sys

import jax
import pytest

from jaxgan import xla_settings

DEVICES = "--xla_force_host_platform_device_count"

STARTS = """
import jax
from jaxgan import xla_settings
xla_settings.set_cpu_devices(3)
xla_settings.keep_compiled_programs()
print(jax.device_count(), jax.config.jax_compilation_cache_dir)
"""


def flags(count=1, **environment):
    environment = {"JAX_PLATFORMS": "cpu"} | environment
    xla_settings.set_cpu_devices(count, environment)
    return environment.get("XLA_FLAGS")


def test_devices_are_made_when_asked_for():
    assert flags(4) == f"{DEVICES}=4"
    assert flags(1) is None


def test_what_the_user_set_stays():
    assert flags(4, XLA_FLAGS=f"{DEVICES}=2") == f"{DEVICES}=2"
    assert flags(4, XLA_FLAGS="--xla_dump_to=x") == f"--xla_dump_to=x {DEVICES}=4"


def test_the_switch():
    assert flags(2, JAXGAN_XLA_FLAGS="off") is None
    with pytest.raises(ValueError, match="JAXGAN_XLA_FLAGS must be one of on, off; got 'no'"):
        flags(2, JAXGAN_XLA_FLAGS="no")


def test_other_backends_are_left_alone(monkeypatch):
    assert flags(2, JAX_PLATFORMS="cuda") is None
    assert flags(2, JAX_PLATFORMS="cuda,cpu") is None
    monkeypatch.setattr(xla_settings.importlib.metadata, "entry_points", lambda group: ["a plugin"])
    assert not xla_settings.cpu_alone("")
    assert xla_settings.cpu_alone("cpu")


def test_a_cache_that_is_set_stays():
    before = jax.config.jax_compilation_cache_dir
    xla_settings.keep_compiled_programs()
    assert jax.config.jax_compilation_cache_dir == before


def test_they_reach_a_backend_that_starts_afterwards(tmp_path):
    unset = {"XLA_FLAGS", "JAX_COMPILATION_CACHE_DIR", "JAXGAN_XLA_FLAGS"}
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    environment |= {"JAX_PLATFORMS": "cpu", "XDG_CACHE_HOME": str(tmp_path)}
    said = subprocess.run([sys.executable, "-c", STARTS], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["3", str(tmp_path / "jaxgan" / "compiled")]


def test_importing_the_library_sets_nothing():
    script = "import os; before = dict(os.environ); import jaxgan.cli; assert dict(os.environ) == before"
    subprocess.run([sys.executable, "-c", script], check=True)
