"""Data sets of image files in a folder."""

import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from jaxgan.checks import require
from jaxgan.data import store
from jaxgan.data.dataset import Dataset
from jaxgan.data.reading import Unusable, common_channels, read
from jaxgan.errors import NotFoundError

NAMED = 10
"""How many left out files a message names."""


class SkippedFiles(UserWarning):
    """Files of a folder that cannot be used are left out; all of them are in `Dataset.skipped`."""


class File(NamedTuple):
    """An image file of a folder."""

    name: str
    """Relative to the folder, with slashes."""
    size: int
    mtime_ns: int


def folder(
    path: str | Path,
    *,
    image_size: int | None,
    channels: int | None,
    cache_dir: str | Path | None,
    memory_limit: float,
) -> Dataset:
    """Every image under `path`, in the order of the relative paths.

    If each image lies in a subfolder and there are two subfolders or more, their names in order are the labels. Hidden
    files, and those whose suffix Pillow does not know, are not looked at; files that cannot be used are left out with
    one warning.

    Args:
        path: searched with all its subfolders.
        image_size: crop the centre square and resize it to this; None keeps images of one common shape as they are.
        channels: 1, 3 or 4; None takes 1 if every readable image is grayscale, else 3.
        cache_dir: see `store.cache_path`.
        memory_limit: see `store.make`.

    Raises:
        FileNotFoundError: if there is no such folder.
        ValueError: if it holds no usable image, or they differ in shape and no `image_size` is given.
    """
    root = Path(path).expanduser()
    if not root.exists():
        raise NotFoundError(f"folder: no folder {root}")
    require(root.is_dir(), f"folder: {root} is not a folder")
    name = f"folder:{root.resolve().name}"
    files, others = _listing(root)
    key = {"folder": str(root.resolve()), "files": files, "image_size": image_size, "channels": channels}
    cached = store.cache_path(name, key, cache_dir)
    stored = store.find(cached, memory_limit=memory_limit)
    if stored is None:
        if channels is None:
            channels = common_channels((root / file.name).open("rb") for file in files)

        def read_files(rows: range) -> list[tuple[np.ndarray, int] | Unusable]:
            return [_read(root / files[i].name, channels, image_size) for i in rows]

        stored = store.make(name, len(files), read_files, path=cached, memory_limit=memory_limit)
    skipped = tuple((files[i].name, why) for i, why in stored.skipped.items())
    named = "; ".join(f"{file}: {why}" for file, why in skipped[:NAMED])
    named += f"; and {len(skipped) - NAMED} more" if len(skipped) > NAMED else ""
    require(
        len(skipped) < len(files),
        f"folder: no usable image under {root}: {len(files)} image files{' (' + named + ')' if named else ''}, and "
        f"{others} files that are hidden or have another suffix",
    )
    if skipped:
        warnings.warn(
            f"{name}: {len(skipped)} of {len(files)} image files are left out: {named}", SkippedFiles, stacklevel=3
        )
    labels, classes = _labels([file.name for i, file in enumerate(files) if i not in stored.skipped])
    return Dataset(name, stored.images, labels, classes, skipped=skipped)


def _listing(root: Path) -> tuple[list[File], int]:
    """The image files by their suffix, in order, and how many others there are."""
    suffixes = {suffix for suffix, format in Image.registered_extensions().items() if format in Image.OPEN}
    found = list(_walk(root, "", ()))
    visible = [(name, entry) for name, entry in found if not any(part.startswith(".") for part in name.split("/"))]
    images = [(name, entry) for name, entry in visible if os.path.splitext(name)[1].lower() in suffixes]
    files = [File(name, entry.stat().st_size, entry.stat().st_mtime_ns) for name, entry in images]
    return sorted(files, key=lambda file: _order(file.name)), len(found) - len(files)


def _walk(folder: Path, above: str, parents: tuple[str, ...]) -> Iterator[tuple[str, os.DirEntry]]:
    """Relative names of all files; links are followed, but not to a folder that the link lies in."""
    real = os.path.realpath(folder)
    if real in parents:
        return
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _walk(folder / entry.name, f"{above}{entry.name}/", (*parents, real))
            elif entry.is_file():
                yield f"{above}{entry.name}", entry


def _order(name: str) -> tuple[str, str]:
    return name.casefold(), name


def _read(path: Path, channels: int, image_size: int | None) -> tuple[np.ndarray, int] | Unusable:
    try:
        with path.open("rb") as file:
            return read(file, channels=channels, image_size=image_size), -1
    except Unusable as why:
        return why


def _labels(names: list[str]) -> tuple[np.ndarray | None, int | None]:
    tops = [name.partition("/")[0] for name in names if "/" in name]
    classes = sorted(set(tops), key=_order)
    if len(tops) < len(names) or len(classes) < 2:
        return None, None
    number = {top: i for i, top in enumerate(classes)}
    return np.array([number[top] for top in tops], np.int32), len(classes)
