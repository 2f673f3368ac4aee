"""What a run says while it goes: one line that explains itself, and the same numbers as JSON."""

import json
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn


class Log:
    """A progress line on a terminal, plain lines elsewhere; `metrics.jsonl` in both cases. A context manager."""

    def __init__(self, metrics: Path, *, start: int, steps: int, images_per_step: int) -> None:
        self.metrics, self.steps, self.images_per_step = metrics, steps, images_per_step
        self.console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
        self.progress = Progress(
            BarColumn(bar_width=24),
            TextColumn("{task.description}"),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=self.console,
            disable=not self.console.is_terminal,
        )
        self.task = self.progress.add_task(f"step {start}/{steps}, compiling", total=steps, completed=start)
        self.first, self.begun = start, time.perf_counter()
        _drop_after(metrics, start)

    def __enter__(self) -> "Log":
        self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()

    def say(self, text: str) -> None:
        """Print a line."""
        self.console.print(text, markup=False)

    def compiled(self, step: int) -> None:
        """Note that the first call is over: speed counts from here."""
        now = time.perf_counter()
        self.say(f"compiled and took the first {step - self.first} step(s) in {now - self.begun:.1f} s")
        self.first, self.begun = step, now

    def numbers(self, step: int, info: dict[str, Any]) -> None:
        """Report a step's numbers."""
        seconds = time.perf_counter() - self.begun
        speed = (step - self.first) / seconds if step > self.first else 0.0
        images = speed * self.images_per_step
        record = {"step": step, "images_per_second": round(images, 1), **info}
        with self.metrics.open("a") as file:
            file.write(json.dumps(record) + "\n")
        text = (
            f"step {step}/{self.steps}  {images:,.0f} images/s  loss G {info['loss_generator']:.3f} "
            f"D {info['loss_discriminator']:.3f}  D(real) {info['real_logits']:+.2f} D(fake) {info['fake_logits']:+.2f}"
        )
        self.progress.update(self.task, completed=step, description=text)
        if self.progress.disable:
            left = (self.steps - step) / speed if speed else 0.0
            self.say(f"{text}  {left:.0f} s left")


def _drop_after(metrics: Path, step: int) -> None:
    """Forget what a run wrote after the checkpoint from which it goes on, a line cut short included."""
    if metrics.exists():
        whole = [line for line in metrics.read_text().splitlines(keepends=True) if line.endswith("}\n")]
        metrics.write_text("".join(line for line in whole if json.loads(line)["step"] <= step))
