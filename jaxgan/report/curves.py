"""Curves of a run's numbers as small SVG panels, one per unit."""

import json
import math
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

from jaxgan.runs import metrics_file
from jaxgan.runs.quantities import quantity, words

MOST_POINTS = 1000
FIRST = ("loss", "logits", "penalty", "images_per_second")
"""Units that come first; the others follow by name."""

WIDTH, HEIGHT = 360, 196
LEFT, RIGHT, TOP, BOTTOM = 46, 342, 8, 166

Points = list[tuple[int, float]]


class Numbers(NamedTuple):
    """Content of `metrics.jsonl`."""

    curves: dict[str, Points]
    """Lists of `(step, value)` by name, in the order of steps; values are finite."""
    unreadable: int
    """Number of lines that are not a JSON object with a step."""
    infinite: dict[str, int]
    """First step at which a value was not finite, by name."""

    @property
    def last_step(self) -> int:
        """The last step with a number, or 0."""
        return max((points[-1][0] for points in self.curves.values()), default=0)


def read_numbers(metrics: Path) -> Numbers:
    """Read `metrics.jsonl`, which may be missing or truncated while it is written. Values that are no numbers are
    skipped."""
    curves: dict[str, dict[int, float]] = {}
    infinite: dict[str, int] = {}
    records, unreadable = metrics_file.read(metrics)
    for record in records:
        step = record.pop("step")
        for name, value in record.items():
            if isinstance(value, bool) or not isinstance(value, int | float | None):
                continue
            if value is not None and math.isfinite(value):
                curves.setdefault(name, {})[step] = float(value)
            else:
                infinite.setdefault(name, step)
    return Numbers({name: sorted(points.items()) for name, points in curves.items()}, unreadable, infinite)


def thin(points: Points, most: int = MOST_POINTS) -> Points:
    """Reduce a curve to at most `most` points: both ends, and the lowest and highest point of equal stretches between
    them."""
    if len(points) <= most:
        return points
    inner, stretches = points[1:-1], (most - 2) // 2
    kept = [points[0]]
    for i in range(stretches):
        part = inner[i * len(inner) // stretches : (i + 1) * len(inner) // stretches]
        kept += sorted({min(part, key=lambda point: point[1]), max(part, key=lambda point: point[1])})
    return [*kept, points[-1]]


class Series(NamedTuple):
    """A line of a panel."""

    style: str
    """Its class in the style sheet."""
    label: str
    points: Points


def panels(numbers: Numbers) -> str:
    """HTML with one figure per unit. Names that differ only in the player (`loss_generator`, `real_logits`) share
    one."""
    units: dict[str, list[Series]] = {}
    for name in sorted(numbers.curves, key=lambda name: (quantity(name).role == "discriminator", name)):
        unit, role, label = quantity(name)
        units.setdefault(unit, []).append(Series(role, label, numbers.curves[name]))
    return "\n".join(panel(words(unit), units[unit], numbers.last_step) for unit in ordered(units))


def panel(title: str, series: Sequence[Series], last_step: int) -> str:
    """HTML of a figure with lines over steps, and a legend with their last values.

    Args:
        title: what is drawn, in words.
        series: the lines, at least one, none of them empty.
        last_step: the end of the axis.
    """
    values = [value for one in series for _, value in one.points]
    x = _Scale(0, max(last_step, 1), LEFT, RIGHT)
    y = _vertical(min(values), max(values))
    lines, keys = [], []
    for style, label, points in series:
        places = [(x(step), y(value)) for step, value in thin(points)]
        end = "cx='{}' cy='{}'".format(*places[-1])
        spots = " ".join(f"{across},{down}" for across, down in places)
        lines.append(f"<polyline class='{style}' points='{spots}'/><circle class='{style}' r='2.5' {end}/>")
        keys.append(f"<span class='key {style}'>{escape(label)} <output>{number(points[-1][1])}</output></span>")
    title += ", logarithmic" if y.log else ""
    return (
        f"<figure class='panel'><figcaption><b>{escape(title)}</b><br>{' '.join(keys)}</figcaption>\n"
        f"<svg viewBox='0 0 {WIDTH} {HEIGHT}' role='img' aria-label='{escape(title)} by step' "
        f"data-x='{_scale(x)}' data-y='{_scale(y)}'>\n{_grid(x, y)}\n{''.join(lines)}\n"
        f"<line class='mark' y1='{TOP}' y2='{BOTTOM}'/><line class='cursor' y1='{TOP}' y2='{BOTTOM}'/>"
        f"<text class='at' x='{WIDTH}' y='{HEIGHT - 4}' text-anchor='end'></text></svg></figure>"
    )


def ordered(units: Iterable[str]) -> list[str]:
    """The units in the order of their panels."""
    return sorted(units, key=lambda unit: (FIRST.index(unit) if unit in FIRST else len(FIRST), unit))


def number(value: float) -> str:
    """Three digits, or whole thousands."""
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e9 else f"{value:.3g}"


class _Scale(NamedTuple):
    """Scale from values to places."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        low, high, value = (math.log10(v) if self.log else v for v in (self.low, self.high, value))
        return round(self.start + (value - low) / (high - low) * (self.end - self.start), 1)

    def ticks(self) -> list[float]:
        """A few round numbers within."""
        if self.log:
            first, last = math.ceil(math.log10(self.low)), math.floor(math.log10(self.high))
            return [10.0**power for power in range(first, last + 1, 1 + (last - first) // 5)]
        rough = (self.high - self.low) / 5
        unit = 10.0 ** math.floor(math.log10(rough))
        step = next(unit * k for k in (1, 2, 5, 10) if unit * k >= rough)
        return [i * step for i in range(math.ceil(self.low / step), math.floor(self.high / step) + 1)]


def _vertical(low: float, high: float) -> _Scale:
    if low > 0 and high / low >= 1000:
        return _Scale(low, high, BOTTOM, TOP, log=True)
    margin = 0.06 * (high - low) or 0.5 * abs(high) or 1.0
    floor = 0.0 if 0 <= low < 0.3 * high else low - margin
    return _Scale(floor, high + margin, BOTTOM, TOP)


def _grid(x: _Scale, y: _Scale) -> str:
    across = [
        f"<line class='grid' x1='{LEFT}' x2='{RIGHT}' y1='{y(tick)}' y2='{y(tick)}'/>"
        f"<text x='{LEFT - 6}' y='{y(tick) + 3.5:.1f}' text-anchor='end'>{_tick(tick)}</text>"
        for tick in y.ticks()
    ]
    along = [f"<text x='{x(tick)}' y='{BOTTOM + 16}' text-anchor='middle'>{_tick(tick)}</text>" for tick in x.ticks()]
    name = f"<text x='{(LEFT + RIGHT) / 2:g}' y='{HEIGHT - 4}' text-anchor='middle'>step</text>"
    return "".join([*across, *along, name])


def _tick(value: float) -> str:
    for unit, suffix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= max(unit, 1e4):
            return f"{value / unit:.4g}{suffix}"
    return f"{value:.4g}"


def _scale(scale: _Scale) -> str:
    """Scale for the page's script, which computes values from places."""
    return escape(json.dumps(scale._asdict()))
