"""The files of one kind in a folder and its subfolders, such as images, and the other files there."""

import errno
import os
import stat
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from jaxgan.data.paths import shown

HIDDEN = "hidden"
NOWHERE = "links that lead nowhere"
AGAIN = "links to folders that were read already"
SPECIAL = "no ordinary files"
UNNAMED = "without suffix"
"""Kinds of ignored files that have no suffix to name them."""

LONGEST_SUFFIX = 12


class File(NamedTuple):
    """A file of a folder."""

    name: str
    """Relative to the folder, with slashes."""
    size: int
    mtime_ns: int


class Listing(NamedTuple):
    """What lies in a folder."""

    files: list[File]
    """Files with a suffix of the kind, in order."""
    others: tuple[tuple[str, int], ...]
    """Number of files of each other kind, which are ignored; the most frequent kind first."""


def listing(root: Path, suffixes: frozenset[str] | None = None) -> Listing:
    """List a folder and all its subfolders. Each counts once, even if links lead to it.

    Hidden folders are one item. A folder that both lies here and is linked to counts where it lies.

    Args:
        root: the folder.
        suffixes: suffixes of the files to look for, in small letters; None: those of images.

    Raises:
        OSError: from the system, such as for a folder that must not be read.
    """
    if suffixes is None:
        suffixes = frozenset(end for end, format in Image.registered_extensions().items() if format in Image.OPEN)
    files, others = [], Counter[str]()
    for name, status in _walk(root):
        suffix = os.path.splitext(name)[1].lower()
        if isinstance(status, str):
            others[status] += 1
        elif suffix in suffixes:
            files.append(File(name, status.st_size, status.st_mtime_ns))
        else:
            others[shown(suffix)[:LONGEST_SUFFIX] or UNNAMED] += 1
    return Listing(sorted(files, key=lambda file: in_order(file.name)), tuple(others.most_common()))


def in_order(name: str) -> tuple[str, str]:
    """The order of names, whatever their case."""
    return name.casefold(), name


def _walk(root: Path) -> Iterator[tuple[str, os.stat_result | str]]:
    """Relative names with slashes, and the status of ordinary files or the kind of anything else."""
    waiting, linked = [""], list[str]()
    seen = set[tuple[int, int]]()
    while waiting or linked:
        above = waiting.pop() if waiting else linked.pop(0)
        folder = root / above
        itself = folder.stat()
        if (itself.st_dev, itself.st_ino) in seen:
            yield above, AGAIN
            continue
        seen.add((itself.st_dev, itself.st_ino))
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
        for entry in found:
            name, status = f"{above}{entry.name}", _status(entry)
            if entry.name.startswith("."):
                yield name, HIDDEN
            elif status is None:
                yield name, NOWHERE
            elif stat.S_ISDIR(status.st_mode):
                (linked if entry.is_symlink() else waiting).append(f"{name}/")
            elif stat.S_ISREG(status.st_mode):
                yield name, status
            else:
                yield name, SPECIAL


def _status(entry: os.DirEntry[str]) -> os.stat_result | None:
    """Status of what the entry leads to; None if it leads nowhere."""
    try:
        return entry.stat()
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            return None
        raise
