"""Every test runs with four virtual CPU devices and quick compilation; with `--shapes`, shapes are checked at run time.

What one test compiled another may load: a test run keeps its programs in a folder of its own, shared by its processes.
"""

import atexit
import gc
import importlib
import os
import pkgutil
import resource
import runpy
import shutil
import sys
import tempfile
from pathlib import Path

import xla_flags

os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {xla_flags.known()}".strip()
os.environ["JAXGAN_XLA_FLAGS"] = "off"  # the backend runs already; what tests start shall run as they do
os.environ["JAXGAN_TESTS"] = os.environ.get("JAXGAN_TESTS") or tempfile.mkdtemp(prefix="jaxgan-tests-")
os.environ["JAX_COMPILATION_CACHE_DIR"] = os.environ["JAXGAN_TESTS"]
os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"
os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"
os.environ["JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES"] = "-1"

import jax
import jaxtyping
import matplotlib
import pytest
from jaxtyping import install_import_hook

gc.freeze()
gc.set_threshold(50_000, 20, 50)  # tracing makes many objects that live on: to look for cycles took a tenth of the time

if "PYTEST_XDIST_WORKER" not in os.environ and "jaxgan-tests-" in os.environ["JAXGAN_TESTS"]:
    atexit.register(shutil.rmtree, os.environ["JAXGAN_TESTS"], ignore_errors=True)


def pytest_addoption(parser):
    parser.addoption("--shapes", action="store_true", help="check every annotated shape; takes twice as long")


def pytest_configure(config):
    """With `--shapes`, import the library with checks; a process that only hands out tests to others needs none."""
    if not config.getoption("shapes") or config.getoption("dist", "no") != "no":
        return
    with install_import_hook("jaxgan", "shape_checker.checked"):
        import jaxgan

        for module in pkgutil.walk_packages(jaxgan.__path__, "jaxgan."):
            if module.name != "jaxgan.__main__":  # it runs
                importlib.import_module(module.name)


@pytest.fixture
def collected():
    """What a test leaves behind is deleted before the next test, with the warnings of this one."""
    yield
    gc.collect()


@pytest.fixture(scope="module", autouse=True)
def clear_caches():
    """Compiled programs hold memory and its maps, of which Linux gives a process 65,530: they go before these do."""
    yield
    maps, sizes = Path("/proc/self/maps"), Path("/proc/self/statm")
    few = maps.exists() and maps.read_bytes().count(b"\n") < 20_000
    if not few or int(sizes.read_text().split()[1]) * resource.getpagesize() > 2 * 2**30:
        jax.clear_caches()


@pytest.fixture(scope="module")
def own_cache(tmp_path_factory):
    """What is computed of data sets is kept nowhere else; matplotlib's list of fonts, which takes seconds, stays."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("MPLCONFIGDIR", matplotlib.get_cachedir())
        patched.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def run_script(monkeypatch, tmp_path):
    """`run_script(path, *arguments)` as `python path arguments` in `tmp_path` would, without starting Python anew."""

    def run(path, *arguments):
        monkeypatch.chdir(tmp_path)
        monkeypatch.syspath_prepend(str(path.parent))
        monkeypatch.setattr(sys, "argv", [str(path), *map(str, arguments)])
        runpy.run_path(str(path), run_name="__main__")

    return run


@pytest.fixture
def without_shape_checks():
    """For what is said to users, who run without the checks of the tests."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)
