"""Output of a run in progress: for people, for programs, and for its folder."""

import contextlib
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from jaxgan import notebook, standard_files
from jaxgan.files import json_text
from jaxgan.runs import metrics_file
from jaxgan.runs.bar import Bar
from jaxgan.runs.notebook_page import NotebookPage
from jaxgan.runs.pace import Pace
from jaxgan.runs.run_folder import Run
from jaxgan.runs.tensorboard import TensorBoard

Show = Literal["auto", "text", "json", "none"]
"""What goes to the standard output: text, one JSON object per line, or nothing; auto: text on a terminal, text below a
bar with curves and the newest picture in a notebook, JSON elsewhere."""


SHOWN = (
    ("loss_generator", "loss G", ".3f"),
    ("loss_discriminator", "D", ".3f"),
    ("real_logits", "D(real)", "+.2f"),
    ("fake_logits", "D(fake)", "+.2f"),
)
"""Numbers of a step that are printed if they exist, with their words and their formats."""


class Log:
    """The run's `log.txt`, `metrics.jsonl` and TensorBoard events, and its standard output. A context manager.

    On a terminal a bar stands below the lines while the run goes. A notebook has a bar, curves and the newest picture
    above the lines. A pipe or a file gets lines alone.

    Args:
        run: the run.
        start: step from which the run goes on.
        size: bytes of `metrics.jsonl` at the checkpoint of that step, if what follows them is to be written again.
        show: what to print.
        members: runs that are trained at once.
    """

    def __init__(self, run: Run, *, start: int, size: int | None = None, show: Show = "auto", members: int = 1) -> None:
        self.run, self.steps, self.rows = run, run.program.steps, run.program.batch_size * members
        self.output = standard_files.Unbreakable(sys.stdout)
        self.console = standard_files.console(self.output, soft_wrap=True)
        terminal = self.output.isatty()
        in_notebook = show == "auto" and notebook.shell() is not None
        people = terminal or in_notebook or self.console.is_jupyter
        self.show = show if show != "auto" else "text" if people else "json"
        self.begun, self.pace = time.perf_counter(), Pace()
        shows_bar = self.show == "text" and (in_notebook or (terminal and not self.console.is_dumb_terminal))
        self.bar = Bar(self.console, steps=self.steps, start=start, rows=self.rows) if shows_bar else None
        self.page = NotebookPage(self.bar) if self.bar is not None and in_notebook else None
        self.unreadable = metrics_file.cut(run.metrics, start, size)
        """Lines of `metrics.jsonl` that could not be read and were left out."""
        self.tensorboard = TensorBoard(run.tensorboard, start=start)

    def __enter__(self) -> "Log":
        if self.page is not None:
            self.page.begin()
        elif self.bar is not None:
            self.bar.live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.hide()
        self.tensorboard.close()

    def hide(self) -> None:
        """Remove the bar permanently; that of a notebook stays as it is at the end."""
        if self.page is not None:
            self.page.close()
        elif self.bar is not None:
            self.bar.live.stop()

    @property
    def seconds(self) -> float:
        """Seconds since the log was opened; every printed time counts from there."""
        return time.perf_counter() - self.begun

    def say(self, event: str, text: str, **fields: Any) -> None:
        """Print `text` for people, and `{"event": event, **fields}` for programs."""
        self._write(text)
        if self.show == "json":
            print(json_text({"event": event, **fields}), file=self.output, flush=True)
        elif self.page is not None:
            print(text, file=self.output, flush=True)
        elif self.show == "text":
            self.console.print(text)

    def note(self, text: str) -> None:
        """Print a note; programs get the same words."""
        self.say("note", text, note=text)

    @contextlib.contextmanager
    def busy(self, words: str) -> Iterator[None]:
        """Show on a terminal or in a notebook what the run is doing."""
        with contextlib.nullcontext() if self.bar is None else self.bar.busy(words):
            self._turn()
            yield
        self._turn()

    def dispatched(self, step: int, infos: Mapping[str, Any]) -> None:
        """Tell the bar about a step that was sent to the device; nothing waits for it."""
        if self.bar is not None:
            self.bar.dispatched(step, infos)
        if self.page is not None:
            self.page.refresh()

    def compiling(self) -> None:
        """Show on a terminal that the next step is being compiled."""
        if self.bar is not None:
            self.bar.wait("compiling the step")
        self._turn()

    def compiled(self, first: int, step: int) -> None:
        """Note that the first call, from one step to another, is done."""
        taken = "the first step was" if step - first == 1 else f"the first {step - first} steps were"
        seconds = self.seconds
        self.say("compiled", f"{taken} compiled and taken after {seconds:.0f} s", step=step, seconds=round(seconds, 1))
        self.pace.mark(step)
        if self.bar is not None:
            self.bar.begin(step)
        self._turn()

    def numbers(self, step: int, info: dict[str, float]) -> None:
        """Report a step's numbers."""
        self.record(step, {**self.speed(step), **info})
        text = "  ".join(f"{words} {info[name]:{form}}" for name, words, form in SHOWN if name in info)
        self.advance(step, text, **info)

    def speed(self, step: int) -> dict[str, float]:
        """Rows per second over the last seconds, for a step that is done now; empty if unknown."""
        self.pace.mark(step)
        speed = self.pace.speed
        return {} if speed is None else {"images_per_second": round(speed * self.rows, 1)}

    def advance(self, step: int, text: str, **fields: Any) -> None:
        """Print the numbers of a step."""
        speed = self.pace.speed
        shown = [f"step {step}/{self.steps}", *([] if speed is None else [f"{speed * self.rows:,.0f} rows/s"]), text]
        line = "  ".join(shown)
        if self.bar is not None:
            self.bar.numbers = f"step {step:,}: {text}"
        if self.page is not None:
            self.page.add(step, fields)
        if self.bar is not None and step < self.steps:
            self._write(line)
            return
        left = {} if speed is None else {"seconds_left": round((self.steps - step) / speed)}
        ending = "".join(f"  {seconds} s left" for seconds in left.values() if step < self.steps)
        self.say("step", line + ending, step=step, **left, **fields)

    def record(self, step: int, values: Mapping[str, Any], *, curves: Mapping[str, float] | None = None) -> None:
        """Save numbers as a line of `metrics.jsonl` and as TensorBoard curves. Curves of values that are no numbers
        must be passed."""
        metrics_file.append(self.run.metrics, {"step": step, **values})
        self.tensorboard.numbers(step, values if curves is None else curves)

    def go_back(self, step: int) -> None:
        """Forget the numbers after `step`, from which the run continues."""
        metrics_file.cut(self.run.metrics, step)
        self.tensorboard.go_back(step)
        if self.bar is not None:
            self.bar.go_back(step)
        if self.page is not None:
            self.page.go_back(step)

    def picture(self, step: int, path: Path) -> None:
        """Show a picture of samples in TensorBoard, and in a notebook."""
        self.tensorboard.picture("samples", step, path)
        if self.page is not None:
            self.page.show_picture(path)

    def flush(self) -> None:
        """Pass everything to the operating system, because the process may be killed next."""
        self.tensorboard.flush()

    def _turn(self) -> None:
        if self.page is not None:
            self.page.update()

    def _write(self, text: str) -> None:
        with self.run.log.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')}  {text}\n")
