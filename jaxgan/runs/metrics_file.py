"""`metrics.jsonl`: a run's numbers, one JSON object per line. Some lines may be damaged."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from jaxgan.files import json_text, write_whole


class Lines(NamedTuple):
    """Content of the file."""

    records: list[dict[str, Any]]
    """Objects with an integer `step`, in order."""
    unreadable: int
    """Number of lines that also hold something else, or hold only something else."""


def read(path: Path) -> Lines:
    """Read what can be read: joined lines are split; truncated or other content is left out."""
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    records: list[dict[str, Any]] = []
    unreadable = 0
    for line in text.split("\n"):
        found, whole = _objects(line.strip())
        records += found
        unreadable += not whole
    return Lines(records, unreadable)


def append(path: Path, record: dict[str, Any]) -> None:
    """Add a line."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json_text(record) + "\n")


def cut(path: Path, step: int, size: int | None = None) -> int:
    """Remove what a run wrote after the checkpoint of `step`, from which it continues, and what cannot be read.

    Args:
        path: path of the file, which may be missing.
        step: the last one that stays.
        size: bytes that the file had when the checkpoint was written, if what follows them is to be written again.

    Returns:
        The number of lines that could not be read.
    """
    if not path.is_file():
        return 0
    if size is not None and path.stat().st_size > size:
        write_whole(path, path.read_bytes()[:size])
    lines = read(path)
    kept = [record for record in lines.records if record["step"] <= step]
    if lines.unreadable or len(kept) < len(lines.records):
        write_whole(path, "".join(json_text(record) + "\n" for record in kept))
    return lines.unreadable


def _objects(line: str) -> tuple[list[dict[str, Any]], bool]:
    """The records in a line, and whether it holds nothing else."""
    decoder = json.JSONDecoder()
    found: list[dict[str, Any]] = []
    while line:
        try:
            value, end = decoder.raw_decode(line)
        except (ValueError, RecursionError):
            return found, False
        if not isinstance(value, dict) or type(value.get("step")) is not int or value["step"] < 0:
            return found, False
        found.append(value)
        line = line[end:].lstrip()
    return found, True
