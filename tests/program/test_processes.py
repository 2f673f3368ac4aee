"""One run in several processes, over loopback: the same run as in one, together to its end."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import jax
import numpy as np
import pytest
from train_in_processes import ENDLESS, NAME, ROWS, Small, sweep, train

import jaxgan
from jaxgan import Batch, data, failures
from jaxgan.cli import main
from jaxgan.program import processes
from jaxgan.program.placement import placement, spread_placement
from jaxgan.program.preparation import check_processes, check_split, loaded
from jaxgan.program.sweep import run
from jaxgan.runs import checkpoints

TESTS = Path(__file__).parent.parent
DEVICES = "--xla_force_host_platform_device_count="
STEPS, HALF = 4, 2
ROWS_OF = [np.array([0, 1, 4, 5]), np.array([2, 3, 6, 7])]
ROUTES = [("norm", "1x4"), ("norm", "2x2"), ("norm", "1to2"), ("norm", "2to1"), ("pool", "2x2")]
ROUTES += [("wide", "1to2"), ("wide", "2to1"), ("norm", "pmap"), ("pool", "pmap")]


def begun(out, jobs):
    """Two processes of two devices each, which do these jobs together."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    flags = re.sub(rf"{DEVICES}\d+", f"{DEVICES}2", os.environ["XLA_FLAGS"])
    surroundings = {**os.environ, "XLA_FLAGS": flags, "PYTHONPATH": f"{TESTS.parent}{os.pathsep}{TESTS}"}
    commands = [
        [sys.executable, str(TESTS / "train_in_processes.py"), str(out), f"{address},2,{index}", *jobs]
        for index in range(2)
    ]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return [subprocess.Popen(command, env=surroundings, **pipes) for command in commands]


def heard(process, **expected):
    """Read what a process says until it says this."""
    for line in process.stdout:
        said = json.loads(line) if line.startswith("{") else {}
        if expected.items() <= said.items():
            return
    pytest.fail(f"the process never said {expected}:\n{process.communicate(timeout=60)[1]}")


class Ended(NamedTuple):
    out: Path
    status: int
    words: str
    seconds: float


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    """Runs in one process on one device and on four; then, in two processes of two devices, whole runs and halves of
    runs, one that is stopped by a signal to the second process, and one in which the first is killed. Last, those that
    are left go on in one process."""
    out = tmp_path_factory.mktemp("runs")
    for case in ("norm", "pool", "wide"):
        train(case, out / f"{case}-alone", STEPS, "jit")
    train("norm", out / "norm-1x4", STEPS)
    for case in ("norm", "wide"):
        train(case, out / f"{case}-1to2", HALF)
    sweep(out / "sweep-alone", STEPS)
    sweep(out / "sweep-1to2", HALF)
    jobs = [f"{case}:{case}-{name}" for case in ("norm", "wide") for name in ("2to1:2", "1to2:4")]
    jobs += [f"{case}:{case}-pmap:4:pmap" for case in ("norm", "pool")]
    jobs += ["sweep:sweep-2x2:4", "sweep:sweep-2to1:2", "sweep:sweep-1to2:4", "norm:norm-2x2:4", "pool:pool-2x2:4"]
    leader, follower = both = begun(out, [*jobs, f"norm:stopped:{ENDLESS}", f"norm:stopped:{ENDLESS}"])
    try:
        heard(leader, event="saved", split=False)
        heard(leader, event="saved", split=True)  # of the wide network
        heard(leader, event="ended", name="pool-2x2", status=0)
        heard(leader, event="step")
        follower.send_signal(signal.SIGTERM)
        heard(leader, event="ended", name="stopped", status=130)
        heard(follower, event="ended", name="stopped", status=130)
        heard(leader, event="step")
        leader.send_signal(signal.SIGKILL)
        killed = time.monotonic()
        _, words = follower.communicate(timeout=200)
        seconds = time.monotonic() - killed
        leader.communicate()
    finally:
        for process in both:
            process.kill()
    for case in ("norm", "wide"):
        train(case, out / f"{case}-2to1", STEPS)
    sweep(out / "sweep-2to1", STEPS)
    return Ended(out, follower.returncode, words, seconds)


def run_of(ended, name):
    return ended.out / name / f"00000-{NAME}"


def steps_of(ended, name):
    return sorted(int(folder.name) for folder in (run_of(ended, name) / "checkpoints").iterdir())


def state(folder, like):
    with checkpoints.manager(folder / "checkpoints") as manager:
        return jax.device_get(checkpoints.restore(manager, like, step=STEPS).state)


def numbers(folder):
    lines = map(json.loads, (folder / "metrics.jsonl").read_text().splitlines())
    return [{k: v for k, v in line.items() if k != "images_per_second"} for line in lines if "loss_generator" in line]


@pytest.mark.slow
@pytest.mark.parametrize(("case", "name"), ROUTES)
def test_every_number_of_processes_and_devices_gives_one_run(ended, case, name):
    """To float32's rounding: sums over rows are taken in another order."""
    algorithm = Small(case).experiment(data.load(ROWS), STEPS).algorithm
    like = jax.eval_shape(algorithm.init, jax.random.key(0), Batch(ROWS[:8]))
    alone, other = (run_of(ended, f"{case}-{which}") for which in ("alone", name))
    states = (state(folder, like) for folder in (other, alone))
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-6), *states)
    assert [line["step"] for line in numbers(other)] == [1, 2, 3, 4]
    for one, another in zip(numbers(alone), numbers(other), strict=True):
        assert another == pytest.approx(one, rel=2e-5, abs=2e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sweep-2x2", "sweep-1to2", "sweep-2to1"])
def test_a_sweep_in_two_processes_is_that_of_one_bit_for_bit(ended, name):
    folders = [ended.out / each / f"00000-{NAME}-sweep" for each in ("sweep-alone", name)]
    states = []
    for folder in folders:
        saved, asked = run.load(folder)
        session = run.prepare(asked, name=NAME, out=ended.out, resume=saved.folder).session
        states.append(jax.device_get(session.state))
        assert int(states[-1].step) == STEPS
    jax.tree.map(np.testing.assert_array_equal, *states)
    one, another = ((folder / "results.csv").read_text() for folder in folders)
    assert one == another
    assert numbers(folders[0]) == numbers(folders[1])


@pytest.mark.slow
def test_a_signal_to_one_process_stops_all_with_one_checkpoint(ended):
    (step,) = steps_of(ended, "stopped")
    assert 10 < step < ENDLESS
    train("norm", ended.out / "stopped", step + 2)
    assert steps_of(ended, "stopped")[-1] == step + 2


@pytest.mark.slow
def test_a_process_that_dies_ends_the_other_soon_and_with_words(ended):
    assert ended.status not in (0, 130)
    assert ended.seconds < 60
    assert "another process of this run has ended" in ended.words or "another task died" in ended.words


@pytest.mark.parametrize("where", ["here,2,0", ":5000,2,0", "10.0.0.1:5000", "10.0.0.1:5000,2,2", "10.0.0.1:5000,2,-1"])
def test_what_is_no_place_among_processes_is_refused(where):
    with pytest.raises(ValueError, match=rf"distributed must be HOST:PORT,COUNT,INDEX .*; got {where}"):
        processes.connect(where)


def test_several_processes_need_a_wrapper_of_several_devices(monkeypatch):
    monkeypatch.setattr(jax, "process_count", lambda: 2)
    with pytest.raises(
        ValueError, match="wrapper=jit has one device; 2 processes need wrapper=sharded, fully_sharded or"
    ):
        placement("jit")
    with pytest.raises(ValueError, match=r"the 4 devices of 2 processes must divide .* 6, as they divide 4 or 8"):
        spread_placement(6)


@pytest.mark.parametrize(
    ("options", "rows", "message"),
    [
        ({"on_divergence": "rollback"}, ROWS, "on_divergence=rollback is for one process; 2 processes need stop"),
        ({}, [Batch(ROWS[:8])], "2 processes need a data set with rows.* is an iterable of batches"),
    ],
)
def test_what_several_processes_do_not_do_is_refused(options, rows, message, monkeypatch):
    dataset = data.load(rows)
    program = jaxgan.Program(batch_size=8, **options)
    source = loaded(Small(), program, dataset)
    monkeypatch.setattr(jax, "process_count", lambda: 2)
    with pytest.raises(ValueError, match=message):
        check_processes(Small(), program, source)


def test_a_state_that_is_split_cannot_begin_with_another(monkeypatch):
    monkeypatch.setattr(jax, "process_count", lambda: 2)
    where = placement("fully_sharded")
    with pytest.raises(ValueError, match="start and held_out with wrapper=fully_sharded need one process, not 2"):
        check_split(jaxgan.Program(batch_size=8, held_out=0.2), where, begins=True)
    check_split(jaxgan.Program(batch_size=8, held_out=0.2), placement("sharded"), begins=True)


def test_processes_that_read_their_rows_read_the_batch():
    dataset = data.load(ROWS)
    whole = next(data.stream(dataset, 8, 0, start_step=3, stacked=2)).real
    parts = [next(data.stream(dataset, 8, 0, start_step=3, stacked=2, rows=rows)).real for rows in ROWS_OF]
    for rows, part in zip(ROWS_OF, parts, strict=True):
        np.testing.assert_array_equal(part, whole[:, rows])


def test_the_end_of_another_process_is_told_in_words():
    error = RuntimeError("UNKNOWN: Gloo all-reduce failed: [pair.cc:538] Read error: Connection reset by peer")
    assert failures.sentence(error).startswith("another process of this run has ended, or cannot be reached. UNKNOWN")


def test_another_wrapper_is_refused_before_the_others_are_waited_for(capsys):
    assert main(["train", "digits", "--distributed", "127.0.0.1:5000,2,0"]) == 2
    assert (
        "distributed=127.0.0.1:5000,2,0 needs --wrapper sharded, fully_sharded or pmap, got wrapper=jit"
        in capsys.readouterr().err
    )
