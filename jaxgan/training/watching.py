"""The detectors of `jaxgan.diagnostics` in a run: what they remember, and what they say."""

import json
import os
from collections.abc import Mapping

import numpy as np

from jaxgan.diagnostics import Finding, Watch
from jaxgan.training.log import Log
from jaxgan.training.run_folder import Run


class Watching:
    """A `Watch` that reports to the run's log, and goes on where a checkpoint was taken."""

    def __init__(self, run: Run, log: Log, *, start: int) -> None:
        self.path, self.log = run.folder / "watch.json", log
        self.watch, self.looked = self._saved(start)

    def look(
        self, step: int, info: Mapping[str, float], samples: np.ndarray | None = None, real: np.ndarray | None = None
    ) -> list[Finding]:
        """Feed the detectors, and say what they find."""
        self.watch, findings = self.watch.update(step, info, samples, real)
        for name, _, value, sentence in findings:
            self.log.say("finding", f"step {step}: {name}: {sentence}", step=step, name=name, value=value)
        return findings

    def save(self, step: int, *, looked: bool) -> None:
        """Remember what the detectors know at the checkpoint of `step`.

        Args:
            step: of the checkpoint.
            looked: whether its state has been drawn and evaluated, if it was time to; a resumed run does it otherwise.
        """
        unfinished = self.path.with_suffix(".unfinished")
        unfinished.write_text(
            json.dumps({"step": step, "looked": looked, "watch": self.watch._asdict()}), encoding="utf-8"
        )
        os.replace(unfinished, self.path)

    def _saved(self, step: int) -> tuple[Watch, bool]:
        if not self.path.exists():
            return Watch(), True
        record = json.loads(self.path.read_text(encoding="utf-8"))
        if record["step"] != step:
            return Watch(), True
        return Watch(**record["watch"]), record.get("looked", True)
