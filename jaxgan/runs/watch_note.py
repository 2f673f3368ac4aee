"""Memory of a run at a checkpoint: that of its detectors, and whether the state was drawn and evaluated."""

import json
from typing import NamedTuple

import orbax.checkpoint as ocp

from jaxgan.diagnostics import Watch
from jaxgan.files import json_text, write_whole
from jaxgan.runs import checkpoints
from jaxgan.runs.run_folder import Run

FILE = "watch.json"
"""File name. The file in a checkpoint has the memory at that time; the file in the run's folder has the memory after
the state was shown."""


class Remembered(NamedTuple):
    """Memory of a run at a checkpoint."""

    watch: Watch = Watch()
    looked: bool = True
    """Whether the state has been drawn and evaluated, if that was due; otherwise a resumed run does it."""
    size: int | None = None
    """Size of `metrics.jsonl` in bytes, before the state was drawn and evaluated."""


def remembered(run: Run, manager: ocp.CheckpointManager, step: int) -> Remembered:
    """Memory of the run at the checkpoint of `step`; empty if nothing can be read."""
    path = run.folder / FILE
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        content = ""
    return _read(content, step) or _read(checkpoints.note(manager, step, FILE) or "", step) or Remembered()


def text(run: Run, step: int, watch: Watch, *, looked: bool) -> str:
    """Memory at the checkpoint of `step` as text, see `Remembered`."""
    size = run.metrics.stat().st_size if run.metrics.exists() else 0
    return json_text({"step": step, "looked": looked, "size": size, "watch": watch._asdict()})


def save_looked(run: Run, step: int, watch: Watch) -> None:
    """Record that the state of a checkpoint has been drawn and evaluated."""
    write_whole(run.folder / FILE, text(run, step, watch, looked=True))


def _read(text: str, step: int) -> Remembered | None:
    """The record in a file; None if it is of another step, or damaged."""
    try:
        record = json.loads(text)
        if record["step"] != step:
            return None
        series, firing = record["watch"]["series"], record["watch"]["firing"]
        numbers = {str(name): [float(value) for value in values] for name, values in series.items()}
        size = record.get("size")
        return Remembered(
            Watch(numbers, [str(name) for name in firing]),
            bool(record.get("looked", True)),
            size if isinstance(size, int) else None,
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
