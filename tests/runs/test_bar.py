"""The bar of a run: what it says at 80 columns, that it waits for nothing, and that it leaves nothing behind."""

import contextlib
import fcntl
import io
import json
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import time

import pytest
from recipes_for_tests import configured
from rich.console import Console
from screens import Terminal, screen

import jaxgan
from jaxgan.program.run import end
from jaxgan.recipes.recipe import DataShape
from jaxgan.runs.bar import Bar
from jaxgan.runs.log import Log
from jaxgan.runs.pace import Pace
from jaxgan.runs.run_folder import Run

TINY = configured(data="ring", network="mlp", generator_hidden=(2,), discriminator_hidden=(2,), latent_size=2)
SMALL = jaxgan.preset("ring").replace(
    generator_hidden=(8,), discriminator_hidden=(8,), batch_size=8, steps=6,
    steps_per_call=1, log_every=2, sample_every=6, checkpoint_every=6,
)  # fmt: skip
NUMBERS = "step 390,600: loss G 0.985  D 1.210  D(real) +0.37  D(fake) -0.36"


class Number:
    """A number from a step that the device was asked to take."""

    def __init__(self, ready):
        self.ready = ready

    def is_ready(self):
        return self.ready

    def __array__(self, *_, **__):
        raise AssertionError("the bar waits for the device")


def drawn(bar, columns=80, encoding="utf-8"):
    """The lines of the bar on a terminal of so many columns."""
    stream = Terminal()
    stream.encoding = encoding
    Console(file=stream, width=columns, force_terminal=True, soft_wrap=True).print(bar)
    return screen(stream.getvalue(), columns)[0]


def terminal(monkeypatch):
    """Make the standard output a terminal of 80 columns; pytest has its own until the test begins."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    return stream


def bar(steps=1000, start=0, rows=64):
    return Bar(Console(file=Terminal()), steps=steps, start=start, rows=rows)


def test_the_speed_is_that_of_the_last_seconds():
    times = iter([0.0, 100.0, 105.0, 109.0, 112.0, 113.0])
    pace = Pace(lambda: next(times))
    assert pace.speed is None
    pace.mark(10)
    assert pace.speed is None
    pace.mark(20)
    assert pace.speed == pytest.approx(10 / 100)
    for step in (120, 200, 260):
        pace.mark(step)
        pace.mark(step)  # nothing new
    assert pace.speed == pytest.approx((260 - 120) / 7), "the time 105 is the first that is not ten seconds ago"
    pace.mark(50)
    assert pace.speed is None, "the run went back"


def test_the_bar_counts_steps_whose_numbers_are_there_and_waits_for_none():
    one = bar()
    one.begin(1)
    one.dispatched(2, {"loss": Number(True)})
    one.dispatched(3, {})
    one.dispatched(4, {"loss": Number(False)})
    one.dispatched(5, {"loss": Number(True)})
    assert "   3/1,000 steps" in drawn(one)[0]
    one.pending[0][1].ready = True
    assert "   5/1,000 steps" in drawn(one)[0]
    one.go_back(2)
    assert "   2/1,000 steps" in drawn(one)[0]


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize(("steps", "per_second"), [(390_625, 2.0), (1000, 100.0)])
def test_bar_speed_time_left_and_numbers_fit_the_terminal(columns, steps, per_second):
    one = bar(steps, rows=64)
    times = iter([0.0, 5.0])
    one.pace.clock = lambda: next(times)
    one.begin(1)
    drawn(one)
    one.dispatched(1 + round(5 * per_second), {})
    one.numbers = NUMBERS
    above, below = drawn(one, columns)
    assert f"{64 * per_second:,.0f} rows/s" in above
    assert above.endswith("2 days, 6:15:07 left" if steps > 1000 else "0:00:05 left")
    assert above.startswith("━" * 8) or above.startswith("╺━")
    assert below == NUMBERS
    assert max(len(above), len(below)) <= columns - 4, "^C shall not break the line"


@pytest.mark.parametrize("columns", [10, 20, 40])
def test_a_narrow_terminal_gets_one_line_each_without_a_bar(columns):
    one = bar()
    one.begin(1)
    one.numbers = NUMBERS
    lines = drawn(one, columns)
    assert len(lines) == 2
    assert all(len(line) <= columns - 4 for line in lines)


def test_a_spinner_with_words_stands_for_the_bar_until_the_first_step_is_done():
    one = bar()
    one.wait("compiling the step")
    assert [line[1:] for line in drawn(one)] == [" compiling the step, 0:00:00"]
    one.begin(1)
    one.numbers = NUMBERS
    with one.busy("evaluating"):
        assert [line[1:] for line in drawn(one)[1:]] == [" evaluating, 0:00:00"]
    assert drawn(one)[1] == NUMBERS


def test_an_encoding_without_lines_has_a_bar_too():
    one = bar()
    one.begin(500)
    "".join(drawn(one, encoding="ascii")).encode("ascii")


def test_errors_in_a_file_are_not_taken_to_the_terminal(tmp_path, monkeypatch):
    shown, file = terminal(monkeypatch), io.StringIO()
    monkeypatch.setattr(sys, "stderr", file)
    with Log(Run(tmp_path, "ring", TINY.recipe, TINY.program, DataShape((2,), 8), None), start=0):
        print("a warning", file=sys.stderr)
    assert file.getvalue() == "a warning\n"
    assert "a warning" not in shown.getvalue()


def test_lines_stand_above_the_bar_which_is_gone_at_the_end(tmp_path, monkeypatch):
    shown = terminal(monkeypatch)
    monkeypatch.setattr(sys, "stderr", shown)
    run = Run(tmp_path, "ring", TINY.recipe, TINY.program, DataShape((2,), 8), None)
    with Log(run, start=0) as log:
        log.compiling()
        log.note("first")
        log.bar.live.refresh()
        lines, visible = screen(shown.getvalue())
        assert lines[0] == "first"
        assert lines[1][1:] == " compiling the step, 0:00:00"
        assert not visible
        log.compiled(0, 1)
        log.advance(2, "loss G 0.985")
        print("a warning of a library", file=sys.stderr)
        log.bar.live.refresh()
        lines, _ = screen(shown.getvalue())
        assert lines[:3] == ["first", "the first step was compiled and taken after 0 s", "a warning of a library"]
        assert lines[3].endswith("1/1,000 steps")
        assert lines[4:] == ["step 2: loss G 0.985"]
    assert screen(shown.getvalue()) == (lines[:3], True)
    assert "  step 2/1000  loss G 0.985\n" in (tmp_path / "log.txt").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("stop", [lambda: True, lambda: signal.raise_signal(signal.SIGINT)], ids=["asked", "signal"])
def test_a_run_that_was_stopped_by_a_callback_or_during_one_leaves_no_bar(stop, tmp_path, monkeypatch):
    shown = terminal(monkeypatch)
    jaxgan.train(SMALL, out=tmp_path, callbacks=[lambda progress: progress.step == 4 and stop()])
    lines, visible = screen(shown.getvalue())
    text = "".join(lines)
    assert visible
    assert "stopped at step 4 after " in text
    assert not any(mark in text for mark in "━╸╺")
    assert "loss G" not in text


@pytest.mark.parametrize("color", ["", "1"])
def test_a_pipe_gets_plain_lines(tmp_path, capsys, monkeypatch, color):
    monkeypatch.setenv("FORCE_COLOR", color)
    monkeypatch.setenv("TERM", "xterm-256color")
    run = Run(tmp_path, "ring", TINY.recipe, TINY.program, DataShape((2,), 8), None)
    with Log(run, start=0, show="text") as log:
        log.compiling()
        with log.busy("drawing samples"):
            log.note("first")
        log.advance(2, "loss G 0.985")
        log.pace.clock = lambda: 10.0
        log.pace.marks.extend([(5.0, 100), (10.0, 200)])
        log.advance(200, "loss G 0.9")
    assert capsys.readouterr().out == (
        "first\nstep 2/1000  loss G 0.985\nstep 200/1000  1,280 rows/s  loss G 0.9  40 s left\n"
    )


def test_all_times_count_from_one_moment(tmp_path, capsys):
    run = Run(tmp_path, "ring", TINY.recipe, TINY.program, DataShape((2,), 8), None)
    with Log(run, start=0, show="json") as log:
        log.begun -= 66
        log.compiled(0, 1)
        log.begun -= 57
        end(run, 1000, log)
    compiled, finished = map(json.loads, capsys.readouterr().out.splitlines())
    assert compiled["seconds"] == pytest.approx(66, abs=1)
    assert finished["seconds"] == pytest.approx(66 + 57, abs=1)


@pytest.mark.slow
def test_ctrl_c_in_a_terminal_of_80_columns_leaves_no_bar(tmp_path):
    main, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    options = "--steps 100000 --log-every 100 --steps-per-call 1 --sample-every 100000 --checkpoint-every 100000"
    command = [sys.executable, "-m", "jaxgan", "train", "ring", *options.split(), "--out", str(tmp_path)]
    environment = {**os.environ, "TERM": "xterm"}
    program = subprocess.Popen(
        command, stdin=side, stdout=side, stderr=side, env=environment, start_new_session=True, close_fds=True
    )
    os.close(side)
    seen, asked, deadline = "", False, time.monotonic() + 300
    with contextlib.suppress(OSError):  # Linux says so when the other side is closed
        while time.monotonic() < deadline and (piece := os.read(main, 4096)):
            seen += piece.decode(errors="replace")
            if not asked and "rows/s" in seen and "loss G" in seen:
                asked = True
                program.send_signal(signal.SIGINT)
    assert program.wait(60) == 130
    os.close(main)
    assert "━" in seen
    assert " left" in seen
    lines, visible = screen(seen)
    assert visible
    assert not any(mark in "".join(lines) for mark in "━╸╺")
    assert "stopped at step" in "".join(lines)
    assert "goes on from here" in "".join(lines)
