"""Annotated shapes are checked at run time in a process of its own, for the checks double the time of a test."""

import subprocess
import sys
from pathlib import Path

import jax.numpy as jnp
import jaxtyping
import pytest

from jaxgan.devices import global_mean

TESTS = Path(__file__).parent
CHECKED = ["test_conformance.py", "games/test_gan.py", "games/test_penalties.py", "dynamics/test_rules.py"]
CHECKED += ["networks/test_layers.py", "augmentation/test_diffaugment.py", "metrics/test_frechet.py"]
CHECKED += ["games/test_bigan.py", "games/test_distillation.py"]
CHECKED += ["diagnostics/test_spectrum.py", "data/test_data.py", "execution/test_wrappers.py"]


@pytest.mark.slow
def test_what_is_annotated_is_what_comes():
    files = [TESTS / name for name in (*CHECKED, "test_shapes.py::test_a_wrong_shape_is_found")]
    command = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", "--shapes", *files]
    done = subprocess.run(command, cwd=TESTS.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "skipped" not in done.stdout.splitlines()[-1]


def test_a_wrong_shape_is_found(request):
    if not request.config.getoption("shapes"):
        pytest.skip("python -m pytest --shapes checks them")
    with pytest.raises(jaxtyping.TypeCheckError, match="global_mean"):
        global_mean(jnp.ones(3, int))
