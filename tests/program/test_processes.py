"""One run in several processes, over loopback: the same run as in one, together to its end."""

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import jax
import numpy as np
import pytest
from train_in_processes import experiment, train

from jaxgan import Batch
from jaxgan.runs import checkpoints

TESTS = Path(__file__).parent.parent
DEVICES = "--xla_force_host_platform_device_count="
CASES = ("norm", "pool")
STEPS, HALF = 4, 2


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(devices):
    flags = re.sub(rf"{DEVICES}\d+", f"{DEVICES}{devices}", os.environ["XLA_FLAGS"])
    paths = os.pathsep.join(map(str, (TESTS.parent, TESTS)))
    return {**os.environ, "XLA_FLAGS": flags, "PYTHONPATH": paths}


def start(commands, devices=2):
    return [
        subprocess.Popen(
            [sys.executable, *map(str, command)],
            env=environment(devices),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for command in commands
    ]


def ended(processes, limit=200):
    """Exit status and the last words of each."""
    try:
        said = [process.communicate(timeout=limit) for process in processes]
    finally:
        for process in processes:
            process.kill()
    return [(process.returncode, err) for process, (_, err) in zip(processes, said, strict=True)]


def state(folder, like):
    (found,) = folder
    with checkpoints.manager(found / "checkpoints") as manager:
        return jax.device_get(checkpoints.restore(manager, like, step=STEPS).state)


def numbers(folder):
    (found,) = folder
    lines = map(json.loads, (found / "metrics.jsonl").read_text().splitlines())
    return [{k: v for k, v in line.items() if k != "images_per_second"} for line in lines if "loss_generator" in line]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """In one process: alone on one device, four devices, and half of a run. In two of two devices: a run, half of one,
    and the second half of the one before. Then, on four devices again, the second half of theirs."""
    out = tmp_path_factory.mktemp("runs")
    for case in CASES:
        train(case, out, f"{case}-alone", STEPS, "jit")
        train(case, out, f"{case}-1x4", STEPS)
        train(case, out, f"{case}-1to2", HALF)
    jobs = [f"{case}:{case}-{name}" for case in CASES for name in ("2x2:4", "2to1:2", "1to2:4")]
    place = (TESTS / "train_in_processes.py", out, f"127.0.0.1:{free_port()}", 2)
    for status, said in ended(start([(*place, index, *jobs) for index in range(2)])):
        assert status == 0, said
    for case in CASES:
        train(case, out, f"{case}-2to1", STEPS)
    return out


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", ["1x4", "2x2", "1to2", "2to1"])
def test_every_number_of_processes_and_devices_gives_one_run(runs, case, name):
    """To float32's rounding: sums over rows are taken in another order."""
    like = jax.eval_shape(experiment(case).algorithm.init, jax.random.key(0), Batch(np.zeros((8, 2), np.float32)))
    alone, other = (state(runs.glob(f"*-{case}-{which}"), like) for which in ("alone", name))
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-6), other, alone)
    expected, found = (numbers(runs.glob(f"*-{case}-{which}")) for which in ("alone", name))
    assert [line["step"] for line in found] == [1, 2, 3, 4]
    for one, another in zip(expected, found, strict=True):
        assert another == pytest.approx(one, rel=2e-5, abs=2e-6)
