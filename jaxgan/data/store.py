"""Decoded images as one array: in memory while they are few, in a memory-mapped file of the cache otherwise."""

import contextlib
import hashlib
import io
import json
import os
import shutil
import sys
import uuid
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import PIL
from rich.markup import escape
from rich.progress import track

from jaxgan import standard_files
from jaxgan.checks import require
from jaxgan.data.reading import Unusable, without_warnings

MEMORY_LIMIT = 2 * 2**30
"""Bytes of images that are held in memory."""

FORMAT = 1
BLOCK = 64

Read = Callable[[range], Sequence["tuple[np.ndarray, int] | Unusable"]]
"""Images `[H, W, C]` uint8 and their labels of a range of items, or why one has none; called by several threads."""


class Stored(NamedTuple):
    """What became of a number of items."""

    images: np.ndarray
    """`[N, H, W, C]` uint8, in the order of the items."""
    labels: np.ndarray
    """`[N]` int32."""
    skipped: dict[int, str]
    """The items that are not among them, and why."""


def cache_folder(cache_dir: str | Path | None) -> Path:
    """`cache_dir`, or `$XDG_CACHE_HOME/jaxgan`, or `~/.cache/jaxgan`: the first that is given."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "jaxgan" if cache_dir is None else Path(cache_dir)
    return folder.expanduser()


def cache_path(name: str, key: dict[str, Any], cache_dir: str | Path | None) -> Path:
    """The file for the images that `key`, of plain values, decides.

    Args:
        name: of the data set, to tell files apart by eye.
        key: everything that decides the images; the versions of Pillow and of the format are added.
        cache_dir: see `cache_folder`.
    """
    decided = json.dumps(key | {"format": FORMAT, "pillow": PIL.__version__}, sort_keys=True)
    plain = "".join(c if c.isalnum() else "-" for c in name)[:60]
    return cache_folder(cache_dir) / f"{plain}-{hashlib.sha256(decided.encode()).hexdigest()[:20]}.npy"


def find(path: Path, *, memory_limit: float) -> Stored | None:
    """What `make` left at `path`, if it is whole; otherwise it is removed."""
    record_path = path.with_suffix(".json")
    try:
        record = json.loads(record_path.read_text(encoding="utf-8"))
        whole = path.stat().st_size == record["bytes"]
    except (FileNotFoundError, ValueError):
        return None
    if not whole:
        path.unlink()
        record_path.unlink()
        return None
    images = np.load(path, mmap_mode="r" if record["bytes"] > memory_limit else None)
    return Stored(images, np.array(record["labels"], np.int32), {int(i): why for i, why in record["skipped"].items()})


def make(name: str, count: int, read: Read, *, path: Path, memory_limit: float) -> Stored:
    """Read `count` items by a pool of threads.

    Images beyond `memory_limit` bytes go to `path`, where `find` finds them: written under another name and renamed
    when whole, so that what is stopped leaves nothing and two processes do no harm.

    Raises:
        ValueError: if the images differ in shape.
        OSError: if the file cannot be written.
    """
    shape: tuple[int, ...] = ()
    labels: list[int] = []
    skipped: dict[int, str] = {}
    memory = io.BytesIO()
    sink: io.BytesIO | io.BufferedWriter = memory
    partial = path.with_name(f"{path.stem}.{uuid.uuid4().hex}.partial")
    try:
        with contextlib.closing(_items(name, count, read)) as items:
            for i, item in items:
                if isinstance(item, Unusable):
                    skipped[i] = str(item)
                    continue
                image, label = item
                if not labels:
                    shape = image.shape
                    if count * image.size > memory_limit:
                        sink = _created(partial, count * image.size)
                        _write_header(sink, (count, *shape))
                require(
                    image.shape == shape,
                    f"{name} has images of several shapes, such as {shape} and {image.shape}: pass image_size to crop "
                    f"and resize",
                )
                sink.write(np.ascontiguousarray(image).data)
                labels.append(label)
        if sink is memory:
            images = np.frombuffer(memory.getbuffer(), np.uint8).reshape(len(labels), *shape)
            return Stored(images, np.array(labels, np.int32), skipped)
        sink.seek(0)
        _write_header(sink, (len(labels), *shape))
        sink.flush()
        os.fsync(sink.fileno())
        record = {"bytes": partial.stat().st_size, "labels": labels, "skipped": skipped}
        partial.replace(path)
        partial.write_text(json.dumps(record), encoding="utf-8")
        partial.replace(path.with_suffix(".json"))
        return Stored(np.load(path, mmap_mode="r"), np.array(labels, np.int32), skipped)
    finally:
        if sink is not memory:
            sink.close()
            partial.unlink(missing_ok=True)


def _items(name: str, count: int, read: Read) -> Generator[tuple[int, "tuple[np.ndarray, int] | Unusable"], None, None]:
    """Every item in order, read a bounded number of blocks ahead."""
    blocks = [range(i, min(i + BLOCK, count)) for i in range(0, count, BLOCK)]
    threads = (os.cpu_count() or 1) + 2
    console = standard_files.console(sys.stderr)
    seen = track(blocks, f"reading {escape(name)}", console=console, transient=True, disable=not console.is_terminal)
    pool = ThreadPoolExecutor(threads)
    waiting: deque[Future[Sequence[tuple[np.ndarray, int] | Unusable]]] = deque()
    unread = iter(blocks)
    try:
        with without_warnings():
            for block in seen:
                while len(waiting) < 2 * threads and (following := next(unread, None)) is not None:
                    waiting.append(pool.submit(read, following))
                yield from zip(block, waiting.popleft().result(), strict=True)
    finally:
        pool.shutdown(cancel_futures=True)


def _created(path: Path, size: int) -> io.BufferedWriter:
    path.parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(path.parent).free
    if size > free:
        raise OSError(
            f"{size / 2**30:.1f} GiB of images do not fit into {path.parent}, where {free / 2**30:.1f} GiB are free: "
            f"pass another cache_dir"
        )
    return path.open("xb")


def _write_header(file: io.BytesIO | io.BufferedWriter, shape: tuple[int, ...]) -> None:
    """NumPy's own, whose length does not depend on the number of rows."""
    np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})
