"""A short version of `kill.py`: two kills of a small run of points."""

import importlib.util
import os
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.slow
def test_killed_runs_go_on_as_if_nothing_had_happened(tmp_path, monkeypatch, own_cache):
    monkeypatch.setenv("PYTHONPATH", str(HERE.parent.parent))
    monkeypatch.setenv("XLA_FLAGS", os.environ["XLA_FLAGS"])
    specification = importlib.util.spec_from_file_location("kill", HERE / "kill.py")
    kill = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(kill)
    reached = kill.survive("ring", kills=2, steps=120, seed=0, out=tmp_path)
    assert max(reached) > 0, "no kill came after a checkpoint"
