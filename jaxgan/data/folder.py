"""Data sets of image files in a folder."""

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from jaxgan.checks import require
from jaxgan.data import store
from jaxgan.data.dataset import Dataset, Origin
from jaxgan.data.encoded import decoded
from jaxgan.data.images import ImageSize
from jaxgan.data.label_files import labels_beside
from jaxgan.data.listing import File, in_order, listing
from jaxgan.data.paths import expanded, shown
from jaxgan.data.reading import Half, Opened, Unusable
from jaxgan.data.zip_folder import Place, listing_of, opened
from jaxgan.errors import NotFoundError

NAMED = 10
"""Number of skipped files that a message names."""

SPLITS = frozenset(["train", "training", "test", "testing", "val", "valid", "validation", "dev", "eval"])
"""Names of folders that hold splits of a data set, not classes."""


class SkippedFiles(UserWarning):
    """Warning that some files of a folder cannot be used and are skipped; `Dataset.skipped` lists all of them."""


class Labels(NamedTuple):
    """The classes of a folder."""

    labels: np.ndarray | None
    names: tuple[str, ...] | None
    notes: tuple[str, ...] = ()
    """Why subfolders are not taken as classes."""


def folder(
    path: str | Path,
    *,
    image_size: ImageSize | None,
    channels: int | None,
    cache_dir: str | Path | None,
    memory_limit: float,
) -> Dataset:
    """Every image under `path`, in the order of the relative paths.

    A file of labels at the top of the folder says the classes, see `labels_beside`. Without one, if each image lies in
    a subfolder and there are two subfolders or more, their names in order are the classes, unless all are names of
    splits, such as train and test. Hidden files, and those whose suffix Pillow does not know, are not
    looked at; files that cannot be used are left out with one warning. `Dataset.origin` says what else was found.

    Args:
        path: searched with all its subfolders, see `listing`; or a `.zip` archive, which is read as it is.
        image_size: pixels a side or (height, width): crop the centre of that shape and resize it; None keeps images of
            one common shape as they are.
        channels: 1, 3 or 4; None takes 1 if every readable image is grayscale, else 3. Where each is of 16-bit gray and
            one channel is taken, the data are uint16.
        cache_dir: see `store.cache_path`.
        memory_limit: see `store.make`.

    Raises:
        FileNotFoundError: if there is no such folder.
        ValueError: if it holds no usable image, they differ in shape and no `image_size` is given, or it is a file that
            is no archive.
        OSError: from the system, such as for a file that must not be read.
    """
    place = expanded(path)
    if place.suffix.lower() == ".zip" and place.is_file():
        archive = opened(place)
        root: Place = archive
        files, others = listing_of(archive)
    else:
        root = place = existing("folder", path)
        files, others = listing(place)
    name = f"folder:{shown(place.resolve().name)}"
    stored = stored_images(
        name, root, files, image_size=image_size, channels=channels, cache_dir=cache_dir, memory_limit=memory_limit
    )
    skipped = left_out(name, root, files, stored.skipped, others)
    used = [file.name for i, file in enumerate(files) if i not in stored.skipped]
    labels, names, notes = classes_of(root, used, "images")
    notes = tuple(f"{name}: {note}" for note in notes)
    origin = Origin(stored.sizes, others, notes, stored.digest)
    count = None if names is None else len(names)
    return Dataset(name, stored.images, labels, count, skipped=skipped, class_names=names, origin=origin)


def existing(kind: str, path: str | Path) -> Path:
    """The folder of a source of this kind.

    Raises:
        FileNotFoundError: if there is none.
        ValueError: if it is no folder.
    """
    root = expanded(path)
    if not root.exists():
        raise NotFoundError(f"{kind}: there is no folder {shown(root)}")
    require(root.is_dir(), f"{kind}: {shown(root)} is not a folder")
    return root


def stored_images(
    name: str,
    root: Place,
    files: list[File],
    *,
    half: Half | None = None,
    image_size: ImageSize | None,
    channels: int | None,
    cache_dir: str | Path | None,
    memory_limit: float,
) -> store.Stored:
    """The images of these files, or one half of each, in their order; see `folder` for the options."""
    place = str(root.resolve() if isinstance(root, Path) else Path(str(root.root.filename)).resolve())
    key = {"folder": place, "files": files, "image_size": image_size, "channels": channels}
    key |= {} if half is None else {"half": half}
    return decoded(
        name,
        key,
        len(files),
        lambda i: _bytes_of(root / files[i].name),
        where=lambda i: str(root / files[i].name),
        half=half,
        image_size=image_size,
        channels=channels,
        cache_dir=cache_dir,
        memory_limit=memory_limit,
    )


def left_out(
    name: str,
    root: Place,
    files: list[File],
    skipped: Mapping[int, str],
    others: tuple[tuple[str, int], ...],
    *,
    kind: str = "image",
) -> tuple[tuple[str, str], ...]:
    """The files that cannot be used, and why; one warning names them.

    Args:
        name: name of the data set.
        root: where the files lie.
        files: all of this kind.
        skipped: why one cannot be used, by its place.
        others: files that are not looked at.
        kind: what a file is to be.

    Raises:
        ValueError: if none can be used.
    """
    reasons = tuple((shown(files[i].name), why) for i, why in skipped.items())
    named = "; ".join(f"{file}: {why}" for file, why in reasons[:NAMED])
    named += f"; and {len(reasons) - NAMED} more" if len(reasons) > NAMED else ""
    of_kind = f"{kind.removesuffix(' file')} files"
    require(
        len(reasons) < len(files),
        f"{name.partition(':')[0]}: no usable {kind} under {shown(str(root))}: {len(files)} {of_kind}"
        f"{' (' + named + ')' if named else ''}" + "".join(f", {count} {kind}" for kind, count in others),
    )
    if reasons:
        warnings.warn(
            f"{name}: {len(reasons)} of {len(files)} {of_kind} are left out: {named}", SkippedFiles, stacklevel=4
        )
    return reasons


def _bytes_of(path: Place) -> Opened:
    """The opened file. A file of an archive is read as a whole, so that its checksum is compared."""
    if isinstance(path, Path):
        return path.open("rb")
    try:
        return io.BytesIO(path.read_bytes())
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise Unusable(str(error) or type(error).__name__) from error


def classes_of(root: Place, names: list[str], what: str) -> Labels:
    """The classes of the files of these names below a folder, see `folder`.

    Args:
        root: the folder.
        names: relative to it, with slashes.
        what: the files are, such as "images".
    """
    beside = labels_beside(root, names, what)
    return _labels(names, what) if beside is None else Labels(*beside)


def _labels(names: list[str], what: str) -> Labels:
    above = [name.partition("/")[0] for name in names if "/" in name]
    tops = sorted(set(above), key=in_order)
    if len(tops) < 2:
        return Labels(None, None)
    if alone := [name for name in names if "/" not in name]:
        files = f"{len(alone)} {what} lie" if len(alone) > 1 else f"1 {what[:-1]} lies"
        why = f"{files} beside them, {shown(alone[0])}. Move files without a class elsewhere"
        return Labels(None, None, (f"its {len(tops)} subfolders do not count as classes, because {why}",))
    if {top.casefold() for top in tops} <= SPLITS:
        named = shown(", ".join(tops))
        why = f"they have the names of splits: {named}. All of them are read; folder:PATH/{shown(tops[0])} is one alone"
        return Labels(None, None, (f"its subfolders do not count as classes, because {why}",))
    number = {top: i for i, top in enumerate(tops)}
    return Labels(np.array([number[top] for top in above], np.int32), tuple(map(shown, tops)))


def several_splits(name: str, files: list[str]) -> tuple[str, ...]:
    """A note where the names of files begin with those of several splits, as `train-00000.parquet` or `test/0.tar`."""
    parts = {re.split(r"[^a-z]", part, maxsplit=1)[0] for file in files for part in file.lower().split("/")}
    splits = sorted(parts & SPLITS)
    if len(splits) < 2:
        return ()
    return (f"{name}: files of {' and '.join(splits)} are read as one set; name one file, or a folder of one split",)
