"""The last two lines of a terminal during a run: a bar with speed and remaining time, and the newest numbers."""

import contextlib
import sys
import time
from collections import deque
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from jaxgan.runs.pace import Pace
from jaxgan.standard_files import Unbreakable

PER_SECOND = 4
"""Number of times per second that the lines are drawn."""
WIDEST = 40
NARROWEST = 8
"""Smallest width of the bar in characters; with less room it is left out."""
SPARE = 4
"""Number of characters at the right that stay free, for the `^C` that a terminal shows at the cursor."""


class Bar:
    """A bar that draws itself in its own thread, and vanishes when it is stopped.

    It knows which steps are done without waiting for the device: it asks whether their numbers are there.

    Args:
        console: console of the terminal.
        steps: number of steps of the whole run.
        start: the step from which it goes on.
        rows: number of rows of a step.
    """

    def __init__(self, console: Console, *, steps: int, start: int, rows: int) -> None:
        self.steps, self.done, self.rows = steps, start, rows
        self.numbers = ""
        """The newest, in words."""
        self.compiled = False
        self.pace = Pace()
        self.pending: deque[tuple[int, Any]] = deque()
        self.spinner = Spinner("line")
        self.activity = ("getting ready", time.perf_counter())
        self.live = Live(
            console=console,
            get_renderable=lambda: self,
            refresh_per_second=PER_SECOND,
            transient=True,
            redirect_stderr=Unbreakable(sys.stderr).isatty(),  # what goes to a file stays there
        )

    def wait(self, words: str) -> None:
        """Show what the run is waiting for until the first step is done."""
        self.activity = (words, time.perf_counter())

    def begin(self, step: int) -> None:
        """Show the bar: the first step is done."""
        self.done, self.compiled, self.activity = step, True, ("", 0.0)

    def dispatched(self, step: int, infos: Mapping[str, Any]) -> None:
        """Note a step that was sent to the device, with its future numbers."""
        self.pending.append((step, next(iter(infos.values()), None)))

    def go_back(self, step: int) -> None:
        """Show an earlier step, from which the run continues."""
        self.pending, self.done = deque(), step

    @contextlib.contextmanager
    def busy(self, words: str) -> Iterator[None]:
        """Show what the run is doing, instead of the newest numbers."""
        before, self.activity = self.activity, (words, time.perf_counter())
        try:
            yield
        finally:
            self.activity = before

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        width = options.max_width - SPARE
        words, begun = self.activity
        waiting = Table.grid(padding=(0, 1))
        waiting.add_row(self.spinner, _line(f"{words}, {_clock(time.perf_counter() - begun)}", width - 2))
        if not self.compiled:
            yield waiting
            return
        yield Group(self._bar(width), waiting if words else _line(self.numbers, width))

    def _look(self) -> None:
        pending = self.pending
        while pending and (pending[0][1] is None or pending[0][1].is_ready()):
            self.done = pending.popleft()[0]
        self.pace.mark(self.done)

    def words(self) -> list[str]:
        """Number of steps, speed and remaining time, as far as they are known now."""
        self._look()
        speed = self.pace.speed
        known = [] if speed is None else [f"{speed * self.rows:>7,.0f} rows/s", f"{_clock(self._left(speed))} left"]
        steps = f"{self.steps:,}"
        return [f"{self.done:>{len(steps)},}/{steps} steps", *known]

    def _bar(self, width: int) -> RenderableType:
        words = "  ".join(self.words())
        room = min(WIDEST, width - len(words) - 2)
        if room < NARROWEST:
            return _line(words, width)
        line = Table.grid(padding=(0, 2))
        line.add_row(ProgressBar(total=self.steps, completed=self.done, width=room), Text(words))
        return line

    def _left(self, speed: float) -> float:
        return (self.steps - self.done) / speed


def _line(text: str, width: int) -> Text:
    line = Text(text, no_wrap=True)
    line.truncate(max(1, width), overflow="ellipsis")
    return line


def _clock(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))
