"""The detectors of `jaxgan.diagnostics` in a run: what they remember, and what they say."""

import json
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import orbax.checkpoint as ocp

from jaxgan.diagnostics import Finding, Watch
from jaxgan.files import json_text, write_whole
from jaxgan.runs import checkpoints
from jaxgan.runs.log import Log
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
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        text = ""
    return _read(text, step) or _read(checkpoints.note(manager, step, FILE) or "", step) or Remembered()


class Watching:
    """A `Watch` that reports to the run's log, and goes on where a checkpoint was taken."""

    def __init__(self, run: Run, log: Log, watch: Watch) -> None:
        self.run, self.log, self.watch = run, log, watch

    def look(
        self, step: int, info: Mapping[str, float], samples: np.ndarray | None = None, real: np.ndarray | None = None
    ) -> list[Finding]:
        """Feed the detectors; say and keep what they find."""
        self.watch, findings = self.watch.update(step, info, samples, real)
        for name, _, value, sentence in findings:
            self.log.record(step, {"finding": name, "sentence": sentence}, curves={})
            text = f"step {step}: {name}: {sentence}"
            self.log.say("finding", text, step=step, name=name, value=value, sentence=sentence)
        return findings

    def text(self, step: int, *, looked: bool) -> str:
        """What is to be remembered at the checkpoint of `step`, see `Remembered`."""
        size = self.run.metrics.stat().st_size if self.run.metrics.exists() else 0
        return json_text({"step": step, "looked": looked, "size": size, "watch": self.watch._asdict()})

    def save_looked(self, step: int) -> None:
        """Remember that the state of a checkpoint has been looked at."""
        write_whole(self.run.folder / FILE, self.text(step, looked=True))


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
