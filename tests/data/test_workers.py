"""Processes that read end with the program that started them, however it ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SCRIPT = """
import os, pathlib, time
import numpy as np
from jaxgan import data

if __name__ == "__main__":
    rows = data.load(np.zeros((64, 2), np.float32))
    batches = data.stream(rows, 4, 0, workers=1, place=lambda batch: batch)
    next(batches)
    own = pathlib.Path(f"/proc/{os.getpid()}/task")
    print(*(child for task in own.iterdir() for child in (task / "children").read_text().split()), flush=True)
    time.sleep(60)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="children are listed in /proc")
def test_workers_end_when_their_parent_is_killed(tmp_path):
    script = tmp_path / "reads.py"
    script.write_text(SCRIPT)
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as parent:
        children = [int(child) for child in parent.stdout.readline().split()]
        parent.send_signal(signal.SIGKILL)
    assert children
    until = time.monotonic() + 30
    while any(map(alive, children)) and time.monotonic() < until:
        time.sleep(0.1)
    assert not any(map(alive, children))


def alive(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
