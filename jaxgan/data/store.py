"""Decoded images as one array: in memory if they are few, otherwise in a memory-mapped file of the cache."""

import contextlib
import errno
import hashlib
import io
import json
import os
import shutil
import sys
import uuid
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import PIL

from jaxgan import standard_files
from jaxgan.checks import require
from jaxgan.data.dataset import NO_LABEL
from jaxgan.data.fingerprint import new_digest
from jaxgan.data.paths import expanded
from jaxgan.data.reading import Unusable, without_warnings

MEMORY_LIMIT = 2 * 2**30
"""Largest size in bytes of images that are kept in memory."""

FORMAT = 2
BLOCK = 64


class Item(NamedTuple):
    """An image and its label, from one file or record."""

    image: np.ndarray
    """`[H, W, C]` uint8 or uint16."""
    label: int = NO_LABEL
    size: str = ""
    """Size of the stored image, "WIDTHxHEIGHT"."""


Read = Callable[[range], Sequence[Item | Unusable]]
"""The items of a range, or why one cannot be used; called by several threads."""


class Stored(NamedTuple):
    """Images and labels of a number of items."""

    images: np.ndarray
    """`[N, H, W, C]` uint8 or uint16, in the order of the items."""
    labels: np.ndarray
    """`[N]` int32."""
    skipped: dict[int, str]
    """Items that were skipped, and why."""
    sizes: tuple[tuple[str, int], ...]
    """How many images were stored in each size; the most frequent first."""
    digest: str
    """Digest of the images, see `fingerprint.digest`."""


_CACHE: ContextVar[str | Path | None] = ContextVar("_CACHE", default=None)


@contextmanager
def cache_in(cache_dir: str | Path | None) -> Iterator[None]:
    """Use this cache folder inside the block where no `cache_dir` is given; None changes nothing."""
    before = _CACHE.set(_CACHE.get() if cache_dir is None else cache_dir)
    try:
        yield
    finally:
        _CACHE.reset(before)


def cache_folder(cache_dir: str | Path | None) -> Path:
    """The first of these that is set: `cache_dir`, the folder of `cache_in`, `$XDG_CACHE_HOME/jaxgan`,
    `~/.cache/jaxgan`."""
    cache_dir = _CACHE.get() if cache_dir is None else cache_dir
    default = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "jaxgan"
    return expanded(default if cache_dir is None else cache_dir)


def cache_path(name: str, key: dict[str, Any], cache_dir: str | Path | None) -> Path:
    """File of the images that belong to `key`, which holds plain values.

    Args:
        name: name of the data set, to tell files apart by eye.
        key: everything that decides the images; the versions of Pillow and of the format are added.
        cache_dir: see `cache_folder`.
    """
    decided = json.dumps(key | {"format": FORMAT, "pillow": PIL.__version__}, sort_keys=True)
    plain = "".join(c if c.isalnum() else "-" for c in name)[:60]
    return cache_folder(cache_dir) / f"{plain}-{hashlib.sha256(decided.encode()).hexdigest()[:20]}.npy"


def find(path: Path, *, memory_limit: float) -> Stored | None:
    """The images that `make` wrote to `path`; None if the file is missing or incomplete."""
    try:
        record = json.loads(path.with_suffix(".json").read_bytes())
        whole = path.stat().st_size == record["bytes"]
        images = np.load(path, mmap_mode="r" if record["bytes"] > memory_limit else None) if whole else None
        labels = np.array(record["labels"], np.int32)
        skipped = {int(i): str(why) for i, why in record["skipped"].items()}
        sizes = tuple((str(size), int(count)) for size, count in record["sizes"])
        digest = str(record["digest"])
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return None if images is None or len(images) != len(labels) else Stored(images, labels, skipped, sizes, digest)


def make(name: str, count: int, read: Read, *, path: Path, memory_limit: float) -> Stored:
    """Read `count` items with a pool of threads.

    Images beyond `memory_limit` bytes go to `path`, where `find` finds them: written under another name and renamed
    when whole, so that what is stopped leaves nothing and two processes do no harm.

    Raises:
        ValueError: if the images differ in shape.
        OSError: if the file cannot be written.
    """
    shape: tuple[int, ...] = ()
    kind = np.dtype(np.uint8)
    labels: list[int] = []
    skipped: dict[int, str] = {}
    sizes, hashed = Counter[str](), new_digest()
    memory = io.BytesIO()
    sink: io.BytesIO | io.BufferedWriter = memory
    partial = path.with_name(f"{path.stem}.{uuid.uuid4().hex}.partial")
    try:
        with contextlib.closing(_items(name, count, read)) as items:
            for i, item in items:
                if isinstance(item, Unusable):
                    skipped[i] = str(item)
                    continue
                image = np.ascontiguousarray(item.image)
                if not labels:
                    shape, kind = image.shape, image.dtype
                    if count * image.nbytes > memory_limit:
                        with _cache_named(path.parent):
                            sink = _created(partial, count * image.nbytes)
                            _write_header(sink, kind, (count, *shape))
                require(
                    image.shape == shape,
                    f"{name} has images of several shapes, such as {shape} and {image.shape}: pass image_size to crop "
                    f"and resize",
                )
                with _cache_named(path.parent):
                    sink.write(image.data)
                hashed.update(image.data)
                labels.append(item.label)
                sizes[item.size] += 1
        images = np.frombuffer(memory.getbuffer(), kind).reshape(-1, *shape)
        stored = Stored(images, np.array(labels, np.int32), skipped, tuple(sizes.most_common()), hashed.hexdigest())
        if sink is memory:
            return stored
        with _cache_named(path.parent):
            sink.seek(0)
            _write_header(sink, kind, (len(labels), *shape))
            sink.flush()
            os.fsync(sink.fileno())
            record = {"bytes": partial.stat().st_size, "labels": labels, "skipped": skipped}
            record |= {"sizes": stored.sizes, "digest": stored.digest}
            partial.replace(path)
            partial.write_text(json.dumps(record), encoding="utf-8")
            partial.replace(path.with_suffix(".json"))
            return stored._replace(images=np.load(path, mmap_mode="r"))
    finally:
        if sink is not memory:
            with contextlib.suppress(OSError):
                sink.close()
            partial.unlink(missing_ok=True)


@contextmanager
def _cache_named(folder: Path) -> Iterator[None]:
    """Make errors of the system name the cache, and say what helps."""
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise
        why = f"{error.strerror}. Decoded images that are not held in memory are kept there: pass another cache_dir"
        raise OSError(error.errno, why, str(folder)) from error


def _items(name: str, count: int, read: Read) -> Generator[tuple[int, Item | Unusable], None, None]:
    """All items in order. A bounded number of blocks is read ahead."""
    from rich.markup import escape
    from rich.progress import track

    blocks = [range(i, min(i + BLOCK, count)) for i in range(0, count, BLOCK)]
    threads = (os.cpu_count() or 1) + 2
    console = standard_files.console(sys.stderr)
    seen = track(blocks, f"reading {escape(name)}", console=console, transient=True, disable=not console.is_terminal)
    pool = ThreadPoolExecutor(threads)
    waiting: deque[Future[Sequence[Item | Unusable]]] = deque()
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
        sizes = f"{size / 2**30:.1f} GiB of images do not fit into the {free / 2**30:.1f} GiB that are free"
        raise OSError(errno.ENOSPC, sizes, str(path.parent))
    return path.open("xb")


def _write_header(file: io.BytesIO | io.BufferedWriter, kind: np.dtype, shape: tuple[int, ...]) -> None:
    """Write NumPy's header, whose length does not depend on the number of rows."""
    np.lib.format.write_array_header_1_0(file, {"descr": kind.str, "fortran_order": False, "shape": shape})
