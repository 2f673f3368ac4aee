"""Data sets of encoded images in files that hold many of them each, such as tables and shards."""

import re
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from jaxgan.checks import require
from jaxgan.data.dataset import Dataset, Origin
from jaxgan.data.encoded import decoded
from jaxgan.data.folder import NAMED, SkippedFiles, left_out, several_splits
from jaxgan.data.images import ImageSize
from jaxgan.data.listing import File, in_order
from jaxgan.data.paths import expanded, shown
from jaxgan.data.reading import Opened
from jaxgan.errors import InputError, NotFoundError

T = TypeVar("T")
Classes = tuple[np.ndarray, tuple[str, ...]]
"""Labels `[N]` and the names of the classes; no names where no row has a label."""
Damaged = tuple[Path, str]
"""A file of many images that cannot be read at all, and why."""
MOST = 10**6
"""Largest number of files of a pattern."""


def files_at(kind: str, path: str | Path, suffixes: Sequence[str]) -> tuple[Path, list[Path]]:
    """The path, and the file there or all files with these suffixes under the folder there, in order.

    The last part of the path may be a pattern: `train-*.parquet`, or `{000..099}.tar` for a hundred files. The path is
    then the folder above.

    Raises:
        FileNotFoundError: if there is no such path, no file of the pattern, or not each of its numbers.
        ValueError: if the folder holds no such file.
    """
    root = expanded(path)
    if not root.exists() and (found := _of_pattern(root)):
        missing = next((one for one in found if not one.is_file()), None)
        if missing is not None:
            raise NotFoundError(f"{kind}: there is no file {shown(missing)}, which {shown(root.name)} asks for")
        return root.parent, found
    if not root.exists():
        raise NotFoundError(f"{kind}: there is no file and no folder {shown(root)}")
    under = (one for one in root.rglob("*") if one.suffix.lower() in suffixes)
    paths = [root] if root.is_file() else sorted(under, key=lambda one: in_order(str(one)))
    require(len(paths) > 0, f"{kind}: {shown(root)} holds no {' and no '.join(suffixes)} file")
    return root, paths


def _of_pattern(path: Path) -> list[Path]:
    """Files that a name with `{first..last}`, `*`, `?` or `[...]` stands for, in order."""
    numbers = re.search(r"\{(\d+)\.\.(\d+)\}", path.name)
    if numbers is None:
        files = (one for one in path.parent.glob(path.name) if one.is_file())
        return sorted(files, key=lambda one: in_order(str(one)))
    first, last = numbers.groups()
    before, after = path.name[: numbers.start()], path.name[numbers.end() :]
    count = min(int(last) - int(first) + 1, MOST)
    return [path.with_name(f"{before}{int(first) + i:0{len(first)}d}{after}") for i in range(count)]


def relative(path: Path, root: Path) -> str:
    """The name of a file at or under the root, with slashes."""
    return path.name if path == root else path.relative_to(root).as_posix()


class DamagedFileError(InputError):
    """A file of many images that cannot be read."""


def readable(paths: list[Path], read: Callable[[Path], T]) -> tuple[list[T], list[Damaged]]:
    """What is read from each file, and the files that are damaged.

    Raises:
        ValueError: if all are damaged: what is wrong with the first.
    """
    found, damaged = list[T](), list[Damaged]()
    first: DamagedFileError | None = None
    for path in paths:
        try:
            found.append(read(path))
        except DamagedFileError as error:
            first = first or error
            damaged.append((path, str(error)))
    if first is not None and not found:
        raise first
    return found, damaged


def encoded_dataset(
    kind: str,
    root: Path,
    paths: list[Path],
    names: list[str],
    opened: Callable[[int], Opened],
    classes: Callable[[list[int]], Classes],
    *,
    damaged: Sequence[Damaged] = (),
    notes: tuple[str, ...] = (),
    key: dict[str, Any],
    image_size: ImageSize | None,
    channels: int | None,
    cache_dir: str | Path | None,
    memory_limit: float,
) -> Dataset:
    """The images that can be used, with their classes; one warning names the others.

    Args:
        kind: kind of the source, such as "parquet".
        root: path of the source.
        paths: its files.
        names: name of each image in messages.
        opened: the i-th image, see `encoded.decoded`.
        classes: from the numbers of the images that can be used to their classes.
        damaged: files that are left out as a whole.
        notes: what is to be said of the data.
        key: what else decides the images, see `encoded.decoded`, as for the others.
        image_size: see there.
        channels: see there.
        cache_dir: see there.
        memory_limit: see there.

    Raises:
        ValueError: if no image can be used, or they differ in shape and no `image_size` is given.
    """
    name = f"{kind}:{shown(root.resolve().name)}"
    status = [(str(one.resolve()), one.stat().st_size, one.stat().st_mtime_ns) for one in paths]
    stored = decoded(
        name,
        {kind: status, "image_size": image_size, "channels": channels, **key},
        len(names),
        opened,
        where=lambda i: names[i],
        image_size=image_size,
        channels=channels,
        cache_dir=cache_dir,
        memory_limit=memory_limit,
    )
    skipped = left_out(name, root, [File(each, 0, 0) for each in names], stored.skipped, ())
    if damaged:
        whole = "; ".join(f"{relative(path, root)}: {why}" for path, why in damaged[:NAMED])
        warnings.warn(f"{name}: {len(damaged)} of {len(paths)} files are left out: {whole}", SkippedFiles, stacklevel=3)
        skipped += tuple((shown(relative(path, root)), why) for path, why in damaged)
    labels, class_names = classes([i for i in range(len(names)) if i not in stored.skipped])
    told = (*several_splits(name, names), *(f"{name}: {note}" for note in notes))
    origin = Origin(stored.sizes, (), told, stored.digest)
    if not class_names:
        return Dataset(name, stored.images, skipped=skipped, origin=origin)
    count = len(class_names)
    return Dataset(name, stored.images, labels, count, skipped=skipped, class_names=class_names, origin=origin)
