"""Arrays kept in files that are named by a hash of all that decides them, and that know when they are damaged."""

import hashlib
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import numpy as np
from flax.serialization import msgpack_restore, msgpack_serialize
from jaxtyping import PyTree

from jaxgan.data.store import cache_folder

DIGEST = 64
"""Bytes of a file before the arrays: the SHA-256 of the rest, as hexadecimal digits."""
BLOCK = 2**24


def kept(name: str, key: dict[str, Any], make: Callable[[], PyTree], *, cache_dir: str | Path | None) -> PyTree:
    """What `make` returns, from the cache if it was made before.

    A file whose content does not fit the hash that it begins with is made anew. It is written under another name and
    renamed when whole, so that what is stopped leaves nothing and two processes do no harm.

    Args:
        name: to tell files apart by eye.
        key: plain values that decide the arrays, every one of them.
        make: nested dictionaries of NumPy arrays.
        cache_dir: see `jaxgan.data.store.cache_folder`.

    Raises:
        OSError: if the file cannot be written.
    """
    decided = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()
    plain = "".join(c if c.isalnum() else "-" for c in name)[:60]
    path = cache_folder(cache_dir) / f"{plain}-{decided[:20]}.msgpack"
    content = path.read_bytes() if path.exists() else b""
    if hashlib.sha256(content[DIGEST:]).hexdigest().encode() == content[:DIGEST]:
        return msgpack_restore(content[DIGEST:])
    made = make()
    content = msgpack_serialize(made)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.stem}.{uuid.uuid4().hex}.partial")
    try:
        partial.write_bytes(hashlib.sha256(content).hexdigest().encode() + content)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return made


def digest(arrays: PyTree) -> str:
    """SHA-256 of every array of a tree, its place, dtype and shape included, as hexadecimal digits."""
    sha = hashlib.sha256()
    for place, array in jax.tree.leaves_with_path(arrays):
        sha.update(f"{jax.tree_util.keystr(place)} {array.dtype} {array.shape}".encode())
        rows = np.atleast_1d(array)
        step = max(1, BLOCK // max(1, rows[:1].nbytes))
        for i in range(0, len(rows), step):
            sha.update(rows[i : i + step].tobytes())
    return sha.hexdigest()
