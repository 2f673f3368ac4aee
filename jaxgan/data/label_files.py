"""Classes of the images or sounds in a folder, from a file of labels in it."""

import csv
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from jaxgan.checks import require
from jaxgan.data.dataset import NO_LABEL
from jaxgan.data.paths import shown
from jaxgan.data.zip_folder import Place
from jaxgan.errors import InputError

FILE_COLUMNS = ("file_name", "filename", "file", "image", "path")
LABEL_COLUMNS = ("label", "class")
LONGEST_NUMBER = 19
"""Digits of a label; a longer text is a name."""
LARGEST = 2**28
"""Largest size of such a file in bytes."""


class Read(NamedTuple):
    """The classes of files, in their order."""

    labels: np.ndarray
    names: tuple[str, ...]
    notes: tuple[str, ...]


def labels_beside(root: Place, names: list[str], what: str = "images") -> Read | None:
    """Classes from the first of `FILES` that a folder has; None if it has none of them, or the file names no classes.

    | file | as |
    |---|---|
    | `labels.csv`, `metadata.csv` | columns `file_name` (`filename`, `file`, `image`, `path`) and `label` (`class`) |
    | `metadata.jsonl` | the same as keys of an object a line, as in Hugging Face's image folders |
    | `dataset.json` | `{"labels": [[file, label], ...]}`, as StyleGAN's tools write it |

    Labels are whole numbers or names; the classes are those that occur, numbers in their order, names in that of the
    alphabet. What the file does not name has no label.

    Args:
        root: the folder.
        names: paths below it, with slashes.
        what: they lead to.

    Raises:
        ValueError: if the file cannot be understood, or names none of them.
    """
    path = next((root / name for name in FILES if (root / name).is_file()), None)
    if path is None:
        return None
    size = path.stat().st_size if isinstance(path, Path) else path.root.getinfo(path.at).file_size
    require(size <= LARGEST, f"{shown(str(path))}: {size:,} bytes are more than {LARGEST:,}")
    try:
        found = FILES[path.name](path)
    except (ValueError, RecursionError, EOFError, RuntimeError, csv.Error, zipfile.BadZipFile, zlib.error) as error:
        raise InputError(f"{shown(str(path))}: {error}") from error
    if found is None:
        return None
    return _of_files(path, found, names, what)


def _of_files(path: Place, found: dict[str, int | str], names: list[str], what: str) -> Read:
    known = [found.get(name) for name in names]
    missing = sum(label is None for label in known)
    first = shown(next(iter(found), "nothing"))
    require(missing < len(names), f"{shown(str(path))} names none of the {what}: the first that it names is {first}")
    labels, classes = numbered(known)
    notes = [f"{missing} of {len(names)} {what} have no label in {path.name}"] if missing else []
    beyond = len(found) - (len(names) - missing)
    notes += [f"{path.name} names {beyond} that are not among the {what}"] if beyond else []
    return Read(labels, classes, tuple(notes))


def numbered(found: Sequence[int | str | None]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Labels by number and the names of the classes that occur, whole numbers first; None is no label."""
    classes = sorted({label for label in found if label is not None}, key=lambda label: (isinstance(label, str), label))
    number: dict[Any, int] = {label: i for i, label in enumerate(classes)}
    labels = np.array([number.get(label, NO_LABEL) for label in found], np.int32)
    return labels, tuple(shown(str(label)) for label in classes)


def whole_or_name(value: Any, where: str) -> int | str:
    """A label: a whole number, also as text or as 2.0, or a name.

    Raises:
        ValueError: if it is neither; the message begins with `where`.
    """
    whole = isinstance(value, int | str) or (isinstance(value, float) and value.is_integer())
    require(whole and str(value).strip() != "", f"{where}: a label must be a whole number or a name, got {value!r}")
    text = str(value).strip()
    number = not isinstance(value, str) or (text.removeprefix("-").isdecimal() and len(text) < LONGEST_NUMBER)
    return int(value) if number else text


def _csv(path: Place) -> dict[str, int | str] | None:
    with path.open("r", encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file, strict=True)
        columns = [*(rows.fieldnames or [])]
        return _from_rows(columns, ((rows.line_num, row) for row in rows))


def _jsonl(path: Place) -> dict[str, int | str] | None:
    with path.open("r", encoding="utf-8-sig") as file:
        rows = [(i, json.loads(line)) for i, line in enumerate(file, 1) if line.strip()]
    bad = next((i for i, row in rows if not isinstance(row, dict)), None)
    require(bad is None, f"line {bad} is no object")
    return _from_rows([*rows[0][1]] if rows else [], iter(rows))


def _from_rows(columns: list[str], rows: Iterator[tuple[int, dict[str, Any]]]) -> dict[str, int | str] | None:
    """Labels from the rows of a table; None if it has no column of labels."""
    label = next((name for name in LABEL_COLUMNS if name in columns), None)
    if label is None:
        return None
    file = next((name for name in FILE_COLUMNS if name in columns), None)
    if file is None:
        raise InputError(f"one of {', '.join(FILE_COLUMNS)} must name the files; there are {', '.join(columns)}")
    return {_name(row.get(file), line): whole_or_name(row.get(label), f"entry {line}") for line, row in rows}


def _stylegan(path: Place) -> dict[str, int | str] | None:
    content = json.loads(path.read_text(encoding="utf-8"))
    pairs = content.get("labels") if isinstance(content, dict) else content
    if pairs is None:
        return None
    good = isinstance(pairs, list) and all(isinstance(pair, list) and len(pair) == 2 for pair in pairs)
    require(good, '"labels" must be a list of pairs of a file and a label')
    return {_name(file, i): whole_or_name(label, f"entry {i}") for i, (file, label) in enumerate(pairs, 1)}


def _name(value: Any, line: int) -> str:
    require(isinstance(value, str) and value != "", f"entry {line} names no file: {value!r}")
    return value.replace("\\", "/").removeprefix("./")


FILES: dict[str, Callable[[Place], dict[str, int | str] | None]] = {
    "labels.csv": _csv,
    "metadata.csv": _csv,
    "metadata.jsonl": _jsonl,
    "dataset.json": _stylegan,
}
"""Names of label files; the first that the folder has is read."""
