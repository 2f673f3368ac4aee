"""What a run knew at a checkpoint: what its detectors remember, and whether the state was looked at."""

import json
from typing import NamedTuple

import orbax.checkpoint as ocp

from jaxgan.diagnostics import Watch
from jaxgan.files import json_text, write_whole
from jaxgan.runs import checkpoints
from jaxgan.runs.run_folder import Run

FILE = "watch.json"
"""In a checkpoint: as it was when that was written. In the folder of the run: as it was after its state was shown."""


class Remembered(NamedTuple):
    """What a run knew at a checkpoint."""

    watch: Watch = Watch()
    looked: bool = True
    """Whether the state has been drawn and evaluated, if it was time to; a resumed run does it otherwise."""
    size: int | None = None
    """Bytes of `metrics.jsonl`, before it was looked at."""


def remembered(run: Run, manager: ocp.CheckpointManager, step: int) -> Remembered:
    """What the run knew at the checkpoint of `step`; nothing where nothing can be read."""
    path = run.folder / FILE
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        content = ""
    return _read(content, step) or _read(checkpoints.note(manager, step, FILE) or "", step) or Remembered()


def text(run: Run, step: int, watch: Watch, *, looked: bool) -> str:
    """What is to be remembered at the checkpoint of `step`, see `Remembered`."""
    size = run.metrics.stat().st_size if run.metrics.exists() else 0
    return json_text({"step": step, "looked": looked, "size": size, "watch": watch._asdict()})


def save_looked(run: Run, step: int, watch: Watch) -> None:
    """Remember that the state of a checkpoint has been looked at."""
    write_whole(run.folder / FILE, text(run, step, watch, looked=True))


def _read(text: str, step: int) -> Remembered | None:
    """None if it is of another step, or damaged."""
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
