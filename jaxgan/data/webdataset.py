"""Data sets in WebDataset's shards: tar archives, where the files of a sample have one name and several suffixes."""

import io
import json
import os
import tarfile
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from jaxgan.checks import require
from jaxgan.data.dataset import NO_LABEL, Dataset
from jaxgan.data.encoded_files import DamagedFileError, encoded_dataset, files_at, readable, relative
from jaxgan.data.images import ImageSize
from jaxgan.data.label_files import LABEL_COLUMNS, numbered, whole_or_name
from jaxgan.data.paths import shown
from jaxgan.data.reading import Unusable
from jaxgan.errors import InputError

LARGEST = 2**28
"""Largest size of an image file in bytes."""
LONGEST_LABEL = 2**20
"""Largest size of a file of labels in bytes."""


class Member(NamedTuple):
    """A file of a sample, and the place of its bytes."""

    shard: Path
    start: int
    size: int


class Sample(NamedTuple):
    """The files of one name."""

    name: str
    image: Member
    label: int | str | None


def webdataset(
    path: str | Path,
    *,
    image_size: ImageSize | None,
    channels: int | None,
    cache_dir: str | Path | None,
    memory_limit: float,
) -> Dataset:
    """Every image of a `.tar` shard, or of all shards under a folder, in their order; nothing is unpacked.

    The files `seven/000.jpg` and `seven/000.cls` are one sample: its image, of any format that Pillow reads, and its
    class, a whole number or a name; `000.json` with a key `label` or `class` says the class too. Images that cannot
    be used, and shards that are damaged, are left out with a warning.

    Args:
        path: path of the shard or the folder, or a pattern such as `folder/{000..099}.tar`.
        image_size: see `jaxgan.data.encoded.decoded`, as for the others.
        channels: see there.
        cache_dir: see there.
        memory_limit: see there.

    Raises:
        FileNotFoundError: if there is no such file or folder.
        ValueError: if each shard is damaged or compressed as a whole, one holds a label that is none, or no image can
            be used.
    """
    root, paths = files_at("webdataset", path, [".tar"])
    found, damaged = readable(paths, _samples)
    samples = [sample for shard in found for sample in shard]

    def opened(i: int) -> io.BytesIO:
        shard, start, size = samples[i].image
        if size > LARGEST:
            raise Unusable(f"{size:,} bytes are more than {LARGEST:,}")
        with shard.open("rb") as file:
            file.seek(start)
            content = file.read(size)
        if len(content) < size:
            raise Unusable("cut short")
        return io.BytesIO(content)

    return encoded_dataset(
        "webdataset",
        root,
        paths,
        [f"{relative(one.image.shard, root)}/{one.name}" for one in samples],
        opened,
        lambda used: numbered([samples[i].label for i in used]),
        damaged=damaged,
        key={},
        image_size=image_size,
        channels=channels,
        cache_dir=cache_dir,
        memory_limit=memory_limit,
    )


def _samples(shard: Path) -> list[Sample]:
    """Samples that have an image. A member belongs to the name before the first dot of its file name."""
    suffixes = {suffix for suffix, format in Image.registered_extensions().items() if format in Image.OPEN}
    images, labels = dict[str, Member](), dict[str, int | str]()
    try:
        with tarfile.TarFile(shard) as archive:
            for member in archive:
                above, file = os.path.split(member.name)
                stem, _, suffix = file.partition(".")
                if not member.isreg() or member.issparse() or stem == "":
                    continue
                name, place = os.path.join(above, stem), Member(shard, member.offset_data, member.size)
                if f".{suffix.lower()}" in suffixes:
                    images[name] = place
                elif suffix.lower() in ("cls", "json"):
                    label = _label(archive, member, suffix.lower())
                    labels |= {} if label is None else {name: label}
    except (tarfile.TarError, EOFError) as error:
        why = f"{error}. A shard is not compressed as a whole"
        raise DamagedFileError(f"webdataset: {shown(shard)} is not a readable tar archive: {why}") from error
    return [Sample(name, image, labels.get(name)) for name, image in images.items()]


def _label(archive: tarfile.TarFile, member: tarfile.TarInfo, suffix: str) -> int | str | None:
    where = f"{shown(str(archive.name))}, {shown(member.name)}"
    fits = member.size <= LONGEST_LABEL
    require(fits, f"webdataset: {where} has {member.size:,} bytes, too many for a label")
    file = archive.extractfile(member)
    try:
        content = "" if file is None else file.read().decode("utf-8").strip()
        about = json.loads(content) if suffix == "json" else {LABEL_COLUMNS[0]: content}
    except (ValueError, RecursionError) as error:
        raise InputError(f"webdataset: {where}: the label cannot be read: {error}") from error
    value = next((about[key] for key in LABEL_COLUMNS if key in about), None) if isinstance(about, dict) else None
    label = None if value is None else whole_or_name(value, f"webdataset: {where}")
    return None if label == NO_LABEL else label
