"""The best state of a run by what it was evaluated for, kept apart from its checkpoints."""

import json
from pathlib import Path
from typing import Any

import orbax.checkpoint as ocp

from jaxgan.core import GANState
from jaxgan.training import checkpoints

RECORD = "evaluation.json"
"""In the folder of the state: what made it the best."""


class Best:
    """The best state in `folder`, with its record. A context manager.

    A better one is written whole, state and record together, before the one before is deleted: whenever the program is
    killed there is one, and its record is its own. The folders are numbered; the largest that is whole is the best.
    """

    def __init__(self, folder: Path) -> None:
        self.manager: ocp.CheckpointManager = checkpoints.manager(folder)
        number, _ = checkpoints.newest_whole(self.manager, self.manager.all_steps())
        self.record: dict[str, Any] | None = None
        """What the best state was found to be, or None while there is none."""
        if number is not None:
            self.record = json.loads((folder / str(number) / RECORD).read_text())

    def __enter__(self) -> "Best":
        return self

    def __exit__(self, *_: object) -> None:
        self.manager.close()

    def replace(self, state: GANState, record: dict[str, Any]) -> None:
        """Keep this state, and no other."""
        before = list(self.manager.all_steps())
        checkpoints.write(self.manager, 1 + max(before, default=-1), state, {RECORD: json.dumps(record, indent=2)})
        for number in before:
            self.manager.delete(number)
        self.record = record

    def restore(self, like: GANState) -> GANState:
        """The best state.

        Args:
            like: arrays or shapes: the structure that it must have.

        Raises:
            FileNotFoundError: if there is none.
            ValueError: if it is damaged, or has another structure than `like`.
        """
        return checkpoints.restore(self.manager, like).state
