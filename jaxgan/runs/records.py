"""Records of evaluations, and the JSON file where a run stores them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jaxgan.checks import require
from jaxgan.errors import InputError
from jaxgan.files import json_text, write_whole

Record = dict[str, Any]
"""A metric, its value, and everything that it depends on: the step of the state, samples, seed, data and features."""
FOUND = ("classifier_accuracy", "value", "deviation", "step", "ema")
"""Fields of a record that are results; the others describe what was measured."""


def question(record: Record) -> Record:
    """Fields that two records must share, so that their values can be compared."""
    return {name: value for name, value in record.items() if name not in FOUND}


def read(path: Path) -> list[Record]:
    """Records of a file; none if there is no file.

    Raises:
        ValueError: if it holds no JSON list.
    """
    if not path.exists():
        return []
    try:
        records = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not a list of records: {error}") from error
    require(isinstance(records, list), f"{path} is not a list of records")
    return records


def check(path: Path) -> None:
    """Check that records can be added to a file, before they are made.

    Raises:
        ValueError: if the file holds something else.
        OSError: if it cannot be written.
    """
    require(not path.is_dir(), f"records go into a file, but {path} is a folder")
    read(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    probe = path.with_name(f"{path.name}.unfinished")
    probe.touch()
    probe.unlink()


def add(path: Path, records: Sequence[Record]) -> None:
    """Append these records to a file; a record that is already there moves to the end.

    Raises:
        ValueError: if the file holds something else.
    """
    kept = [record for record in read(path) if record not in records]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json_text([*kept, *records], indent=2) + "\n")
