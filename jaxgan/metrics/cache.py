"""A cache of arrays in files. A hash of everything that decides the arrays names the file, and a checksum shows
damage."""

import contextlib
import hashlib
import inspect
import json
import uuid
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import jax
import numpy as np
from flax.serialization import msgpack_restore, msgpack_serialize
from jaxtyping import PyTree

from jaxgan import failures
from jaxgan.data.store import cache_folder

DIGEST = 64
"""Number of bytes before the arrays: the SHA-256 of the rest, in hexadecimal digits."""
BLOCK = 2**24


class NotKept(UserWarning):
    """Warning that the cache cannot be written. The only loss is the time to compute its content again."""


def kept(name: str, key: dict[str, Any], make: Callable[[], PyTree], *, cache_dir: str | Path | None) -> PyTree:
    """The result of `make`, from the cache if it is there.

    A file whose content does not fit the hash that it begins with is made anew. It is written under another name and
    renamed when whole, so that what is stopped leaves nothing and two processes do no harm. Where the cache cannot be
    written, `NotKept` is warned of, and where it cannot be read either, the arrays are made anew.

    Args:
        name: to tell files apart by eye.
        key: plain values that decide the arrays, every one of them.
        make: nested dictionaries of NumPy arrays.
        cache_dir: see `jaxgan.data.store.cache_folder`.
    """
    decided = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()
    plain = "".join(c if c.isalnum() else "-" for c in name)[:60]
    path = cache_folder(cache_dir) / f"{plain}-{decided[:20]}.msgpack"
    content = b""
    with contextlib.suppress(OSError):
        content = path.read_bytes()
    if hashlib.sha256(content[DIGEST:]).hexdigest().encode() == content[:DIGEST]:
        return msgpack_restore(content[DIGEST:])
    made = make()
    content = msgpack_serialize(made)
    try:
        _write(path, hashlib.sha256(content).hexdigest().encode() + content)
    except OSError as error:
        text = f"the cache cannot be written, so {name} will be computed again next time: {failures.sentence(error)}"
        warnings.warn(text, NotKept, stacklevel=2)
    return made


def program(*modules: ModuleType) -> str:
    """SHA-256 of the source of modules, for cache keys of their results."""
    return hashlib.sha256("".join(map(inspect.getsource, modules)).encode()).hexdigest()


def digest(arrays: PyTree) -> str:
    """SHA-256 of every array of a tree, with its place, dtype and shape, in hexadecimal digits."""
    sha = hashlib.sha256()
    for place, array in jax.tree.leaves_with_path(arrays):
        sha.update(f"{jax.tree_util.keystr(place)} {array.dtype} {array.shape}".encode())
        rows = np.atleast_1d(array)
        step = max(1, BLOCK // max(1, rows[:1].nbytes))
        for i in range(0, len(rows), step):
            sha.update(rows[i : i + step].tobytes())
    return sha.hexdigest()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.stem}.{uuid.uuid4().hex}.partial")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    finally:
        with contextlib.suppress(OSError):
            partial.unlink()
