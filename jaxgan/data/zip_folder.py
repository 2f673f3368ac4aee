"""A zip archive as a folder: images are read from the archive, and nothing is unpacked."""

import os
import zipfile
from collections import Counter
from pathlib import Path

from PIL import Image

from jaxgan.data.listing import HIDDEN, LONGEST_SUFFIX, UNNAMED, File, Listing, in_order
from jaxgan.data.paths import shown
from jaxgan.errors import InputError

Place = Path | zipfile.Path
"""Path of an image, in a folder or in an archive."""
UNREADABLE = "encrypted or of an unknown compression"
SUSPECT = "declared larger than images are"
"""Kinds of ignored files, in addition to those of folders."""
KNOWN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
ENCRYPTED = 1
LARGEST = 2**28
"""Largest size of an image file in bytes."""


def opened(path: Path) -> zipfile.Path:
    """The top folder of an archive.

    Raises:
        ValueError: if it is none.
        OSError: from the system.
    """
    try:
        return zipfile.Path(zipfile.ZipFile(path))
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise InputError(f"folder: {shown(path)} is not a readable zip archive: {error}") from error


def listing_of(archive: zipfile.Path) -> Listing:
    """Like `jaxgan.data.listing.listing`; the checksum of a file replaces the time of its last change."""
    suffixes = {suffix for suffix, format in Image.registered_extensions().items() if format in Image.OPEN}
    files, others = dict[str, File](), Counter[str]()
    for info in archive.root.infolist():
        name, suffix = info.filename, os.path.splitext(info.filename)[1].lower()
        if info.is_dir():
            continue
        if any(part.startswith(".") or part == "__MACOSX" for part in name.split("/")):
            others[HIDDEN] += 1
        elif suffix not in suffixes:
            others[shown(suffix)[:LONGEST_SUFFIX] or UNNAMED] += 1
        elif info.flag_bits & ENCRYPTED or info.compress_type not in KNOWN:
            others[UNREADABLE] += 1
        elif info.file_size > LARGEST:
            others[SUSPECT] += 1
        else:
            files[name] = File(name, info.file_size, info.CRC)
    return Listing(sorted(files.values(), key=lambda file: in_order(file.name)), tuple(others.most_common()))
