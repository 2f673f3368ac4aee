"""What a run says while it goes: to people, to programs, and to its folder."""

import sys
import time
from collections.abc import Mapping
from typing import Any, Literal

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from jaxgan import standard_files
from jaxgan.files import json_text
from jaxgan.runs import metrics_file
from jaxgan.runs.run_folder import Run
from jaxgan.runs.tensorboard import TensorBoard

Show = Literal["auto", "text", "json", "none"]
"""What goes to the standard output: lines to read, one JSON object a line, nothing; auto: lines on a terminal or in a
notebook, JSON elsewhere."""


SHOWN = (
    ("loss_generator", "loss G", ".3f"),
    ("loss_discriminator", "D", ".3f"),
    ("real_logits", "D(real)", "+.2f"),
    ("fake_logits", "D(fake)", "+.2f"),
)
"""Numbers of a step that are said where there are any, in what words, and how."""


class Log:
    """The run's `log.txt`, `metrics.jsonl` and TensorBoard events, and its standard output. A context manager.

    Args:
        run: of which.
        start: step from which the run goes on.
        size: bytes of `metrics.jsonl` at the checkpoint of that step, if what follows them is to be written again.
        show: what to print.
    """

    def __init__(self, run: Run, *, start: int, size: int | None = None, show: Show = "auto") -> None:
        self.run, self.steps = run, run.program.steps
        self.output = standard_files.Unbreakable(sys.stdout)
        console = standard_files.console(self.output, soft_wrap=True)
        people = console.is_terminal or console.is_jupyter
        self.show = show if show != "auto" else "text" if people else "json"
        self.progress = Progress(
            BarColumn(bar_width=24),
            TextColumn("{task.description}", markup=False),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
            disable=self.show != "text" or not console.is_terminal,
        )
        self.task = self.progress.add_task(f"step {start}/{self.steps}, compiling", total=self.steps, completed=start)
        self.first, self.begun = start, time.perf_counter()
        self.unreadable = metrics_file.cut(run.metrics, start, size)
        """Lines of `metrics.jsonl` that could not be read and were left out."""
        self.tensorboard = TensorBoard(run.tensorboard, start=start)

    def __enter__(self) -> "Log":
        self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()
        self.tensorboard.close()

    def say(self, event: str, text: str, **fields: Any) -> None:
        """Say `text` to people, and `{"event": event, **fields}` to programs."""
        self._write(text)
        if self.show == "json":
            print(json_text({"event": event, **fields}), file=self.output, flush=True)
        elif self.show == "text":
            self.progress.console.print(text)

    def note(self, text: str) -> None:
        """Say something that is to be known, in the words of people also to programs."""
        self.say("note", text, note=text)

    def compiled(self, step: int) -> None:
        """Note that the first call is over: speed counts from here."""
        now = time.perf_counter()
        seconds = now - self.begun
        text = f"compiled and took the first {step - self.first} step(s) in {seconds:.1f} s"
        self.say("compiled", text, step=step, seconds=round(seconds, 1))
        self.first, self.begun = step, now

    def numbers(self, step: int, info: dict[str, float]) -> None:
        """Report a step's numbers."""
        images = self.speed(step) * self.run.program.batch_size
        self.record(step, {"images_per_second": round(images, 1), **info})
        shown = [f"{words} {info[name]:{form}}" for name, words, form in SHOWN if name in info]
        text = "  ".join([f"{images:,.0f} rows/s", *shown])
        self.advance(step, text, **info)

    def speed(self, step: int) -> float:
        """Steps a second since the first call, 0 before."""
        return (step - self.first) / (time.perf_counter() - self.begun) if step > self.first else 0.0

    def advance(self, step: int, text: str, **fields: Any) -> None:
        """Move the bar and say what the step showed."""
        speed, text = self.speed(step), f"step {step}/{self.steps}  {text}"
        left = (self.steps - step) / speed if speed else 0.0
        self.progress.update(self.task, completed=step, description=text)
        if self.progress.disable:
            self.say("step", f"{text}  {left:.0f} s left", step=step, seconds_left=round(left), **fields)
        else:
            self._write(text)

    def record(self, step: int, values: Mapping[str, Any], *, curves: Mapping[str, float] | None = None) -> None:
        """Keep numbers as a line of `metrics.jsonl` and as TensorBoard curves; the curves of values that are no numbers
        are given."""
        metrics_file.append(self.run.metrics, {"step": step, **values})
        self.tensorboard.numbers(step, values if curves is None else curves)

    def go_back(self, step: int) -> None:
        """Forget the numbers after `step`, from which the run goes on."""
        metrics_file.cut(self.run.metrics, step)
        self.tensorboard.go_back(step)
        self.first, self.begun = step, time.perf_counter()

    def flush(self) -> None:
        """Hand everything to the operating system: what follows may be killed."""
        self.tensorboard.flush()

    def _write(self, text: str) -> None:
        with self.run.log.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')}  {text}\n")
