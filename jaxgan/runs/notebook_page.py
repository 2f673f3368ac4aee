"""The output of a notebook's cell during a run: a bar, curves of the losses, the newest picture."""

import base64
import time
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from jaxgan import notebook
from jaxgan.runs.bar import Bar

SECONDS = 0.5
"""Time between two updates while steps are taken."""
CURVES = {
    "loss_generator": ("loss of the generator", "#1f77b4"),
    "loss_discriminator": ("of the discriminator", "#d62728"),
}
"""Curves, with their words and colours."""
WIDTH, HEIGHT = 480, 120
MOST_POINTS = 400
KINDS = {".png": "image/png", ".gif": "image/gif"}


class NotebookPage:
    """One output that is updated in place, and the newest picture below it. It waits for the device no more than a bar.

    Args:
        bar: steps, speed and words; it does not draw itself.
    """

    def __init__(self, bar: Bar) -> None:
        self.bar = bar
        self.curves: dict[str, list[tuple[int, float]]] = {name: [] for name in CURVES}
        self.drawn = 0.0
        self.above: notebook.Output | None = None
        self.below: notebook.Output | None = None

    def begin(self) -> None:
        """Begin an output of the present cell."""
        self.above, self.below = notebook.Output(), notebook.Output()
        self.update()

    def close(self) -> None:
        """Show the last numbers, and stop."""
        self.update()
        self.above = self.below = None

    def add(self, step: int, numbers: Mapping[str, Any]) -> None:
        """Continue the curves."""
        for name, points in self.curves.items():
            if name in numbers:
                points.append((step, float(numbers[name])))

    def go_back(self, step: int) -> None:
        """Forget what came after a step."""
        self.curves = {name: [point for point in points if point[0] <= step] for name, points in self.curves.items()}

    def show_picture(self, path: Path) -> None:
        """Show a picture instead of the one before."""
        if self.below is not None and path.suffix in KINDS:
            content = base64.b64encode(path.read_bytes()).decode()
            self.below.replace(f'<img alt="{path.stem}" src="data:{KINDS[path.suffix]};base64,{content}">')

    def refresh(self) -> None:
        """Update, if the last time is long enough ago."""
        if time.perf_counter() - self.drawn >= SECONDS:
            self.update()

    def update(self) -> None:
        """Show how far the run is now."""
        if self.above is not None:
            self.drawn = time.perf_counter()
            self.above.replace(self.html())

    def html(self) -> str:
        """The bar, its words and the curves."""
        bar, (waiting, _) = self.bar, self.bar.activity
        words = " &nbsp; ".join([escape(part) for part in [*bar.words(), waiting or bar.numbers] if part])
        progress = (
            f'<progress value="{bar.done}" max="{bar.steps}" style="width: 100%; max-width: {WIDTH}px"></progress>'
        )
        return f"<div>{progress}<br><small>{words}</small></div>{curves(self.curves)}"


def curves(lines: Mapping[str, list[tuple[int, float]]]) -> str:
    """SVG of lines over steps; empty before they have two points."""
    finite = {name: [point for point in points if abs(point[1]) < float("inf")] for name, points in lines.items()}
    shown = {name: points[:: 1 + len(points) // MOST_POINTS] for name, points in finite.items() if len(points) > 1}
    if not shown:
        return ""
    steps = [step for points in shown.values() for step, _ in points]
    values = [value for points in shown.values() for _, value in points]
    low, high, first, last = min(values), max(values), min(steps), max(steps)
    across, up = WIDTH / (last - first), (HEIGHT - 10) / ((high - low) or 1.0)
    drawn, legend = [], []
    for name, points in shown.items():
        words, color = CURVES[name]
        places = " ".join(f"{(x - first) * across:.1f},{HEIGHT - 5 - (y - low) * up:.1f}" for x, y in points)
        drawn.append(f'<polyline fill="none" stroke="{color}" stroke-width="1.5" points="{places}"/>')
        legend.append(f'<span style="color: {color}">{words} {points[-1][1]:.3g}</span>')
    label = f"{', '.join(legend)}; from {low:.3g} to {high:.3g}, steps {first:,} to {last:,}"
    head = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" style="width: 100%; max-width: {WIDTH}px" role="img">'
    return f"<div>{head}{''.join(drawn)}</svg><br><small>{label}</small></div>"
