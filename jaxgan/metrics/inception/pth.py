"""Tensors from a state dict by `torch.save`, read without PyTorch and without executing the pickle."""

import pickle
import struct
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from jaxgan.errors import InputError

MAGIC = 0x1950A86A20F9469CFC6C
"""The first number of the format that PyTorch wrote before version 1.6, in which the published weights are."""
STORAGES = {"FloatStorage": "<f4", "LongStorage": "<i8"}


class Storage(NamedTuple):
    """A block of numbers in the file, which tensors share."""

    dtype: str
    key: str
    size: int


class View(NamedTuple):
    """Place of a tensor in its storage, in elements."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


Read = Callable[[Storage], bytes]


def read_pth(path: Path) -> dict[str, np.ndarray]:
    """Read float32 and int64 tensors by name, from the zip format or the one before PyTorch 1.6.

    Raises:
        ValueError: if the file is neither, is cut off, or its pickle asks for anything but the tensors of a state dict.
    """
    try:
        with path.open("rb") as file:
            begin = file.read(4)
            zipped = begin == b"PK\x03\x04"
            if not zipped and begin[:1] != pickle.PROTO:
                raise ValueError("it does not begin as one" if begin else "it is empty")
            file.seek(0)
            views, read = _open_zip(file) if zipped else _open_legacy(file)
            return _tensors(views, read)
    except EOFError as error:
        raise InputError(f"{path} is not a state dict as torch.save writes it: it is cut off") from error
    except Exception as error:  # a damaged pickle may raise anything
        raise InputError(f"{path} is not a state dict as torch.save writes it: {error}") from error


class _Unpickler(pickle.Unpickler):
    """Unpickler that knows the four names of a state dict, and refuses all other imports.

    What it gives out cannot be altered by the pickle: a built-in class, strings, tuples and a bound method.
    """

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return self._view
        if module == "torch" and name in STORAGES:
            return STORAGES[name]
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, which weights have no need of")

    def persistent_load(self, pid: Any) -> Storage:
        kind, dtype, key, _, count = pid[:5]
        if kind != "storage" or dtype not in STORAGES.values() or any(pid[5:]):
            raise pickle.UnpicklingError(f"unknown kind of storage {pid!r}")
        return Storage(dtype, str(key), int(count))

    def _view(self, storage: Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: Any) -> View:
        return View(storage, offset, shape, strides)


def _open_zip(file: BinaryIO) -> tuple[dict[str, View], Read]:
    """The views, and a function that reads their numbers."""
    archive = zipfile.ZipFile(file)
    found = [name for name in archive.namelist() if name.endswith("/data.pkl")]
    if len(found) != 1:
        raise ValueError(f"the archive has {len(found)} files data.pkl, not one")
    (index,) = found
    folder = index.removesuffix("data.pkl")
    order = f"{folder}byteorder"
    if order in archive.namelist() and archive.read(order) != b"little":
        raise ValueError("its numbers are not little-endian")
    views = _views(_Unpickler(BytesIO(archive.read(index))))
    return views, lambda storage: archive.read(f"{folder}data/{storage.key}")


def _open_legacy(file: BinaryIO) -> tuple[dict[str, View], Read]:
    magic, _, system = (_Unpickler(file).load() for _ in range(3))
    if magic != MAGIC or not system["little_endian"]:
        raise ValueError("it does not begin as one, or its numbers are not little-endian")
    views = _views(_Unpickler(file))
    sizes = {view.storage.key: np.dtype(view.storage.dtype).itemsize for view in views.values()}
    data = {}
    for key in _Unpickler(file).load():
        (count,) = struct.unpack("<q", file.read(8))
        data[key] = file.read(count * sizes[key])
    return views, lambda storage: data[storage.key]


def _views(unpickler: _Unpickler) -> dict[str, View]:
    values = unpickler.load()
    for name, value in values.items():
        if not isinstance(value, View):
            raise ValueError(f"{name!r} is {type(value).__name__}, not a tensor")
    return values


def _tensors(views: dict[str, View], read: Read) -> dict[str, np.ndarray]:
    used = {view.storage for view in views.values()}
    storages = {storage: np.frombuffer(read(storage), storage.dtype) for storage in used}
    return {name: _tensor(name, view, storages[view.storage]) for name, view in views.items()}


def _tensor(name: str, view: View, data: np.ndarray) -> np.ndarray:
    """The part of a storage that belongs to a tensor, without a copy."""
    numbers = (view.offset, *view.shape, *view.strides)
    if not all(isinstance(number, int) and number >= 0 for number in numbers):
        raise ValueError(f"tensor {name!r} has offset, shape and strides {numbers}, which must be whole numbers from 0")
    last = view.offset + sum((side - 1) * stride for side, stride in zip(view.shape, view.strides, strict=True))
    if len(data) != view.storage.size or last >= len(data):
        raise ValueError(f"tensor {name!r} reaches out of its storage of {len(data)} numbers")
    strides = [stride * data.itemsize for stride in view.strides]
    return as_strided(data[view.offset :], view.shape, strides, writeable=False)
