"""Data sets from a NumPy archive."""

import errno
import math
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy

from jaxgan.checks import require
from jaxgan.data.arrays import NAMES, arrays
from jaxgan.data.dataset import Dataset
from jaxgan.data.images import ImageSize
from jaxgan.data.paths import expanded, shown
from jaxgan.errors import InputError, NotFoundError
from jaxgan.memory import memory

MOST_EXPANSION = 100
UNSUSPECTED = 2**28
"""Size in bytes beyond which an array may be at most `MOST_EXPANSION` times as large as its compressed bytes."""

NAMED = 10


def npz(path: str | Path, *, image_size: ImageSize | None = None) -> Dataset:
    """Read the arrays `images` and, if there, the others that `arrays` takes from an `.npz` file.

    What the archive declares is looked at before anything is unpacked: an array must fit into the memory of the
    machine, and one of more than 256 MiB may be at most 100 times as large as its compressed bytes, as images are.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is no such archive, or its arrays are not as they must be; the message says which and how.
    """
    return arrays(f"npz:{shown(Path(path).name)}", plain_arrays(path, NAMES, any_of=("images",)), image_size=image_size)


def plain_arrays(path: str | Path, names: Sequence[str], *, any_of: Sequence[str]) -> dict[str, np.ndarray]:
    """The arrays of these names that an `.npz` file has; it must have one of `any_of`. See `npz` for the checks.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is no such archive.
    """
    path = expanded(path)
    if not path.is_file():
        raise NotFoundError(f"npz: there is no file {shown(path)}")
    try:
        with path.open("rb") as file:
            return _arrays(file, names, any_of)
    except _MissingArray as error:
        raise InputError(f"npz: {shown(path)} {error}") from error
    except Exception as error:  # readers of damaged archives raise many kinds
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):  # that is a place before the file
            raise
        why = str(error).strip() or type(error).__name__
        raise InputError(f"npz: {shown(path)} is not a readable .npz archive of plain arrays: {why}") from error


class _MissingArray(Exception):
    """An archive without an array that is needed; the message says what it has."""


def _arrays(file: IO[bytes], names: Sequence[str], any_of: Sequence[str]) -> dict[str, np.ndarray]:
    require(file.read(len(npy.MAGIC_PREFIX)) != npy.MAGIC_PREFIX, "it is a single array; numpy.savez makes archives")
    with zipfile.ZipFile(file) as archive:
        members = {info.filename: info for info in archive.infolist()}
        if not any(f"{name}.npy" in members for name in any_of):
            there = sorted(shown(name.removesuffix(".npy")) for name in members)
            more = f" and {len(there) - NAMED} more" if len(there) > NAMED else ""
            missing = " or ".join(repr(name) for name in any_of)
            raise _MissingArray(f"has no array {missing}; it has {', '.join(there[:NAMED]) or 'nothing'}{more}")
        found = {name: info for name in names if (info := members.get(f"{name}.npy")) is not None}
        for name, info in found.items():
            _check_size(name, info)
        return {name: _array(archive, name, info) for name, info in found.items()}


def _check_size(name: str, info: zipfile.ZipInfo) -> None:
    size, packed = info.file_size, info.compress_size
    require(size <= memory(), f"'{name}' declares {_gib(size)}, and this machine has {_gib(memory())} of memory")
    require(
        size <= max(UNSUSPECTED, MOST_EXPANSION * packed),
        f"'{name}' declares {_gib(size)} and has {packed:,} bytes; more than {MOST_EXPANSION} times as much is no data",
    )


def _array(archive: zipfile.ZipFile, name: str, info: zipfile.ZipInfo) -> np.ndarray:
    with archive.open(info) as member:
        version = npy.read_magic(member)
        require(version in ((1, 0), (2, 0)), f"'{name}' is an array of format version {version}")
        read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, by_columns, dtype = read_header(member)
        require(not dtype.hasobject and dtype.itemsize > 0, f"'{name}' is of {dtype}, not of numbers")
        require(all(length >= 0 for length in shape), f"'{name}' has shape {shape}")
        size, there = math.prod(shape) * dtype.itemsize, info.file_size - member.tell()
        require(size <= there, f"'{name}' of shape {shape} and {dtype} needs {size:,} bytes, and has {there:,}")
        content = member.read(size)
        require(len(content) == size, f"'{name}' is cut short")
        member.read(1)  # the checksum is compared at the end
    return np.frombuffer(content, dtype).reshape(shape, order="F" if by_columns else "C")


def _gib(size: int) -> str:
    return f"{size / 2**30:,.1f} GiB"
