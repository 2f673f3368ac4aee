"""Tensors from a safetensors file."""

import json
import math
import struct
from pathlib import Path
from typing import Any

import numpy as np

from jaxgan.errors import InputError

DTYPES = {"F32": "<f4", "I64": "<i8"}


def read_safetensors(path: Path) -> dict[str, np.ndarray]:
    """Read float32 and int64 tensors by name.

    The format: the header's length in 8 bytes, the header in JSON, then the numbers, little-endian, one tensor after
    the other without gaps.

    Raises:
        ValueError: if the file is cut off, or its header does not describe the numbers that follow.
    """
    content = path.read_bytes()
    try:
        if len(content) < 8:
            raise ValueError("it is shorter than 8 bytes" if content else "it is empty")
        (length,) = struct.unpack_from("<Q", content)
        if length > len(content) - 8:
            raise ValueError(f"a header of {length} bytes does not fit into {len(content)}")
        header = json.loads(content[8 : 8 + length])
        entries = sorted(
            ((entry["data_offsets"], name, entry) for name, entry in header.items() if name != "__metadata__"),
            key=lambda item: item[0],
        )
        return _tensors(entries, memoryview(content)[8 + length :])
    except (struct.error, LookupError, ValueError, TypeError, AttributeError) as error:
        raise InputError(f"{path} is not a safetensors file: {error}") from error


def _tensors(entries: list[Any], data: memoryview) -> dict[str, np.ndarray]:
    tensors, position = {}, 0
    for (begin, end), name, entry in entries:
        if entry["dtype"] not in DTYPES:
            raise ValueError(f"tensor {name!r} has dtype {entry['dtype']}, but only {' and '.join(DTYPES)} are read")
        dtype, shape = np.dtype(DTYPES[entry["dtype"]]), entry["shape"]
        if begin != position or end - begin != math.prod(shape) * dtype.itemsize or end > len(data):
            raise ValueError(f"tensor {name!r} of shape {shape} cannot lie at bytes {begin} to {end} of {len(data)}")
        tensors[name] = np.frombuffer(data[begin:end], dtype).reshape(shape)
        position = end
    if position != len(data):
        raise ValueError(f"{len(data) - position} bytes follow the last tensor")
    return tensors
