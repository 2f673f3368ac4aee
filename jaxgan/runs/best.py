"""The best state of a run by its evaluations, stored apart from its checkpoints."""

import json
from pathlib import Path
from typing import Any

from jaxgan.core import GANState
from jaxgan.errors import NotFoundError
from jaxgan.runs import checkpoints

RECORD = "evaluation.json"
"""File in the state's folder with the record that made it the best."""


class Best:
    """The best state in `folder`, with its record.

    A better one is written whole, state and record together, before the one before is deleted: whenever the program is
    killed there is one, and its record is its own. The folders are numbered; the largest that is whole is the best.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.record: dict[str, Any] | None = None
        """What the best state was found to be, or None while there is none."""
        if folder.is_dir():
            with checkpoints.manager(folder) as manager:
                number, _ = checkpoints.newest_whole(manager, manager.all_steps())
            self.record = (
                None if number is None else json.loads((folder / str(number) / RECORD).read_text(encoding="utf-8"))
            )

    def replace(self, state: GANState, record: dict[str, Any]) -> None:
        """Replace the stored state by this one."""
        with checkpoints.manager(self.folder) as manager:
            before = list(manager.all_steps())
            checkpoints.write(manager, 1 + max(before, default=-1), state, {RECORD: json.dumps(record, indent=2)})
            for number in before:
                manager.delete(number)
        self.record = record

    def restore(self, like: GANState) -> GANState:
        """The best state.

        Args:
            like: arrays or shapes: the structure that it must have.

        Raises:
            FileNotFoundError: if there is none.
            ValueError: if it is damaged, or has another structure than `like`.
        """
        if self.record is None:
            raise NotFoundError(f"no best state in {self.folder}: train with evaluate_every above 0")
        with checkpoints.manager(self.folder) as manager:
            return checkpoints.restore(manager, like).state
