"""What the program asks of XLA: flags that are set once and in time, and programs that are kept."""

import os
import subprocess
import sys

import jax
import pytest

from jaxgan import xla_settings

NO_YNNPACK = "--xla_cpu_experimental_ynn_fusion_type="

STARTS = """
import jax, jax.numpy as jnp
from jaxgan import xla_settings
xla_settings.set_cpu_flags(convolutional=True, devices=3)
xla_settings.keep_compiled_programs()
product = jax.jit(lambda x: jnp.tanh(x @ x)).lower(jnp.ones((256, 256))).compile()
print(jax.device_count(), "ynn" in product.as_text(), jax.config.jax_compilation_cache_dir)
"""


def flags(monkeypatch, *, convolutional=True, devices=1, jaxlib="0.10.2", **environment):
    monkeypatch.setattr(xla_settings.importlib.metadata, "version", lambda name: jaxlib)
    environment = {"JAX_PLATFORMS": "cpu"} | environment
    xla_settings.set_cpu_flags(convolutional=convolutional, devices=devices, environment=environment)
    return environment.get("XLA_FLAGS")


def test_convolutional_networks_alone_go_without_ynnpack(monkeypatch):
    assert flags(monkeypatch) == NO_YNNPACK
    assert flags(monkeypatch, convolutional=False) is None


def test_devices_are_made_when_asked_for(monkeypatch):
    assert flags(monkeypatch, convolutional=False, devices=4) == "--xla_force_host_platform_device_count=4"


def test_what_the_user_set_stays(monkeypatch):
    own = NO_YNNPACK + "dot --xla_force_host_platform_device_count=2"
    assert flags(monkeypatch, devices=4, XLA_FLAGS=own) == own
    assert flags(monkeypatch, XLA_FLAGS="--xla_dump_to=x") == f"--xla_dump_to=x {NO_YNNPACK}"


def test_a_version_that_may_not_know_the_flag_is_not_given_it(monkeypatch):
    assert flags(monkeypatch, jaxlib="0.11.0") is None
    assert flags(monkeypatch, jaxlib="0.11.0", devices=2) == "--xla_force_host_platform_device_count=2"


def test_the_switch(monkeypatch):
    assert flags(monkeypatch, devices=2, JAXGAN_XLA_FLAGS="off") is None
    with pytest.raises(ValueError, match="JAXGAN_XLA_FLAGS must be one of on, off; got 'no'"):
        flags(monkeypatch, JAXGAN_XLA_FLAGS="no")


def test_other_backends_are_left_alone(monkeypatch):
    assert flags(monkeypatch, devices=2, JAX_PLATFORMS="cuda") is None
    assert flags(monkeypatch, devices=2, JAX_PLATFORMS="cuda,cpu") is None
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
    assert said.stdout.split() == ["3", "False", str(tmp_path / "jaxgan" / "compiled")]


def test_importing_the_library_sets_nothing():
    script = "import os; before = dict(os.environ); import jaxgan.cli; assert dict(os.environ) == before"
    subprocess.run([sys.executable, "-c", script], check=True)
