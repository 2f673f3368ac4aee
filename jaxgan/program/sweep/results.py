"""Results of a sweep: read from its numbers, as a table, and as files."""

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from rich.table import Table

from jaxgan import standard_files
from jaxgan.checks import require
from jaxgan.files import write_whole
from jaxgan.metrics.clips import OF_CLIPS
from jaxgan.metrics.points import OF_MODES, OF_POINTS
from jaxgan.metrics.sounds import OF_SOUNDS
from jaxgan.metrics.summary import summarize
from jaxgan.metrics.texts import OF_TEXTS
from jaxgan.program.sweep.plot import plot
from jaxgan.program.sweep.settings import Sweep
from jaxgan.runs import metrics_file
from jaxgan.runs.log import Show
from jaxgan.runs.run_folder import Run

OF_OTHERS = ("loss_generator", "loss_discriminator", "pairwise", "nearest")


class Results(NamedTuple):
    """The numbers at the last step."""

    sweep: Sweep
    values: dict[str, np.ndarray]
    """Arrays `[settings, seeds]`; NaN where a member diverged."""
    finite: np.ndarray
    """`[settings, seeds]` bool: members that did not diverge."""

    def shown(self) -> dict[str, np.ndarray]:
        """Numbers of the table and the picture."""
        measured = [name for name in (*OF_MODES, *OF_POINTS, *OF_SOUNDS, *OF_CLIPS, *OF_TEXTS) if name in self.values]
        names = measured or [name for name in OF_OTHERS if name in self.values]
        return {name: self.values[name] for name in names}


def conclude(run: Run, sweep: Sweep, *, show: Show = "auto") -> Results:
    """Read the results of a finished sweep, write its files, and show a table or, for programs, a JSON object."""
    results = read(run, sweep)
    files = write(results, run.folder)
    shown = show if show != "auto" else "text" if sys.stdout.isatty() else "json"
    if shown == "text":
        standard_files.console().print(table(results), f"written to {', '.join(map(str, files))}")
    elif shown == "json":
        print(json.dumps({"event": "results", **_settings(results), "files": list(map(str, files))}), flush=True)
    return results


def read(run: Run, sweep: Sweep) -> Results:
    """Read the results from the lines of `metrics.jsonl` at the last step.

    Raises:
        ValueError: if there is none.
    """
    last = [record for record in metrics_file.read(run.metrics).records if record["step"] == sweep.program.steps]
    require(bool(last), f"{run.metrics} has no line of step {sweep.program.steps}")
    shape = (len(sweep.settings()), sweep.seeds)
    lists = {name: value for line in last for name, value in line.items() if isinstance(value, list)}
    values = {name: np.array(value, float).reshape(shape) for name, value in lists.items()}
    measures = {*OF_MODES, *OF_POINTS, *OF_SOUNDS, *OF_CLIPS, *OF_TEXTS}
    moved = [np.isfinite(value) for name, value in values.items() if name not in measures]
    measured = [np.isfinite(value) for name, value in values.items() if name in measures]  # some may have no value
    finite = np.all([*moved, *([np.any(measured, axis=0)] if measured else [])], axis=0)
    return Results(sweep, {name: np.where(finite, value, np.nan) for name, value in values.items()}, finite)


def table(results: Results) -> Table:
    """One line per setting: mean ± standard error over the seeds that did not diverge, and the number that did."""
    sweep = results.sweep
    made = Table(title=f"mean ± standard error of {sweep.seeds} seeds after {sweep.program.steps} steps")
    for name in [*(axis.name for axis in sweep.axes), *results.shown(), "diverged"]:
        made.add_column(name.replace("_", " "), justify="right")
    for i, setting in enumerate(sweep.settings()):
        told = [summarize(values[i]) for values in results.shown().values()]
        lost = int((~results.finite[i]).sum())
        made.add_row(
            *(f"{value:g}" for value in setting),
            *(f"{one.mean:.4g} ± {one.standard_error:.2g}" for one in told),
            f"{lost}/{sweep.seeds}",
        )
    return made


def write(results: Results, folder: Path) -> list[Path]:
    """Write `results.json` (settings), `results.csv` (members) and, over at most two axes, `sweep.png`.

    Ctrl-C while the picture is drawn only leaves the picture out.
    """
    files = [folder / "results.json", folder / "results.csv"]
    write_whole(files[0], json.dumps(_settings(results), indent=2) + "\n")
    lines = io.StringIO(newline="")
    csv.writer(lines).writerows(_members(results))
    write_whole(files[1], lines.getvalue())
    try:
        figure = plot(results.sweep, results.shown())
        if figure is None:
            return files
        picture = io.BytesIO()
        figure.savefig(picture, dpi=100)
    except KeyboardInterrupt:
        text = f"jaxgan: Ctrl-C: no picture of the sweep; its results are in {folder}"
        print(text, file=standard_files.Unbreakable(sys.stderr), flush=True)
        return files
    files.append(folder / "sweep.png")
    write_whole(files[-1], picture.getvalue())
    return files


def _settings(results: Results) -> dict[str, Any]:
    sweep = results.sweep
    rows = []
    for i, setting in enumerate(sweep.settings()):
        row: dict[str, Any] = {axis.name: value for axis, value in zip(sweep.axes, setting, strict=True)}
        row["diverged"] = int((~results.finite[i]).sum())
        for name, values in results.values.items():
            told = summarize(values[i])
            numbers = {"mean": told.mean, "standard_error": told.standard_error}
            row[name] = {key: _number(value) for key, value in numbers.items()}
            row[name]["members"] = [_number(value) for value in told.members]
        rows.append(row)
    return {"steps": sweep.program.steps, "seeds": sweep.seeds, "settings": rows}


def _members(results: Results) -> list[list[Any]]:
    sweep = results.sweep
    rows: list[list[Any]] = [[*(axis.name for axis in sweep.axes), "seed", "diverged", *results.values]]
    for i, setting in enumerate(sweep.settings()):
        for j in range(sweep.seeds):
            numbers = (values[i, j] for values in results.values.values())
            rows.append([*setting, sweep.program.seed + j, not results.finite[i, j], *numbers])
    return rows


def _number(value: np.ndarray | float) -> float | None:
    """A value for JSON, which has no NaN."""
    return float(value) if np.isfinite(value) else None
