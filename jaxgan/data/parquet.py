"""Data sets in tables of encoded images: Parquet files, and the Arrow files of Hugging Face's `datasets`."""

import bisect
import io
import itertools
import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from jaxgan.checks import require
from jaxgan.data.dataset import NO_LABEL, Dataset
from jaxgan.data.encoded_files import Classes, DamagedFileError, encoded_dataset, files_at, readable, relative
from jaxgan.data.images import ImageSize
from jaxgan.data.label_files import LABEL_COLUMNS, numbered, whole_or_name
from jaxgan.data.paths import shown
from jaxgan.data.reading import Unusable

IMAGE_COLUMNS = ("image", "img", "jpg", "png", "webp", "picture")
"""Names of the image column, in order of preference, where several columns hold bytes."""
SUFFIXES = (".parquet", ".arrow")
HELD = 4
"""Number of groups of rows in memory at once."""
GROUP = 1000
"""Number of rows in a group of an Arrow file."""
HUGGING_FACE = b"huggingface"
"""The metadata in which `datasets` names its classes."""


class Table(NamedTuple):
    """A file whose rows are read in groups."""

    path: Path
    schema: pa.Schema
    sizes: tuple[int, ...]
    """Rows of each group."""
    group: Callable[[int, list[str]], pa.Table]
    """`(number of the group, columns) -> its rows`."""


def parquet(
    path: str | Path,
    *,
    image_size: ImageSize | None,
    channels: int | None,
    cache_dir: str | Path | None,
    memory_limit: float,
    image_column: str | None = None,
    label_column: str | None = None,
) -> Dataset:
    """Every image of a `.parquet` or `.arrow` file, or of all such files under a folder, in the order of their names.

    Images are a column of bytes of image files, or of structures with a field `bytes`, as Hugging Face's hub and
    `Dataset.save_to_disk` write them; where there are several, `image`, `img`, `jpg`, `png`, `webp` or `picture`. A
    column `label` or `class` of whole numbers or names says the classes; the names that `datasets` gave them are kept.
    Rows that cannot be used, and files that are damaged, are left out with a warning.

    Args:
        path: path of the file or the folder, or a pattern such as `folder/train-*.parquet`.
        image_size: see `jaxgan.data.encoded.decoded`, as for the others.
        channels: see there.
        cache_dir: see there.
        memory_limit: see there.
        image_column: name of the column of images, if it is not found by itself.
        label_column: name of the column of classes, if it is neither `label` nor `class`.

    Raises:
        FileNotFoundError: if there is no such file or folder.
        ValueError: if each file is damaged, there is no column of images or none of such a name, or no image can be
            used.
    """
    root, paths = files_at("parquet", path, SUFFIXES)
    tables, damaged = readable(paths, _opened)
    column, label = _columns(tables, image_column, label_column)
    groups = [(table, i) for table in tables for i in range(len(table.sizes))]
    starts = list(itertools.accumulate((table.sizes[i] for table, i in groups), initial=0))
    names = [f"{relative(table.path, root)}, row {row}" for table in tables for row in range(sum(table.sizes))]

    @lru_cache(HELD)
    def images_of(group: int) -> list[Any]:
        table, i = groups[group]
        try:
            return _read(table, i, column).to_pylist()
        except DamagedFileError as error:
            raise Unusable(str(error)) from error

    def opened(row: int) -> io.BytesIO:
        group = bisect.bisect_right(starts, row) - 1
        image = images_of(group)[row - starts[group]]
        content = image.get("bytes") if isinstance(image, dict) else image
        if content is None:
            elsewhere = image.get("path") if isinstance(image, dict) else None
            raise Unusable("empty" if elsewhere is None else f"its bytes are elsewhere, in {shown(elsewhere)}")
        return io.BytesIO(content)

    def classes(used: list[int]) -> Classes:
        if label is None:
            return np.zeros(0, np.int32), ()
        needed = {bisect.bisect_right(starts, i) - 1 for i in used}
        values: list[Any] = []
        for group, (table, i) in enumerate(groups):
            rows = table.sizes[i]
            values += _read(table, i, label).to_pylist() if group in needed else [None] * rows
        return _classes([values[i] for i in used], _names(tables[0].schema, label), label)

    others = ", ".join(shown(field) for field in tables[0].schema.names if field != column)
    note = f"no column label or class says the classes; beside {column} there are {others}: name one by label_column"
    return encoded_dataset(
        "parquet",
        root,
        paths,
        names,
        opened,
        classes,
        damaged=damaged,
        notes=(note,) if label is None and others else (),
        key={"column": column},
        image_size=image_size,
        channels=channels,
        cache_dir=cache_dir,
        memory_limit=memory_limit,
    )


def _opened(path: Path) -> Table:
    try:
        if path.suffix.lower() == ".arrow":
            return _arrow(path)
        file = pq.ParquetFile(path)
        sizes = tuple(file.metadata.row_group(i).num_rows for i in range(file.metadata.num_row_groups))
        return Table(path, file.schema_arrow, sizes, lambda i, columns: file.read_row_group(i, columns=columns))
    except (pa.ArrowException, ValueError, OverflowError, FileNotFoundError) as error:
        raise DamagedFileError(f"parquet: {shown(path)} is not a readable table: {_why(error)}") from error


def _arrow(path: Path) -> Table:
    """Open a file of the stream format, which `datasets` writes, or of the file format, and map it into memory."""
    mapped = pa.memory_map(str(path))
    try:
        table = pa.ipc.open_stream(mapped).read_all()
    except pa.ArrowInvalid:
        table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
    sizes = tuple(min(GROUP, table.num_rows - start) for start in range(0, table.num_rows, GROUP))
    return Table(path, table.schema, sizes, lambda i, columns: table.select(columns).slice(i * GROUP, GROUP))


def _read(table: Table, group: int, column: str) -> pa.ChunkedArray:
    try:
        return table.group(group, [column]).column(column)
    except (pa.ArrowException, ValueError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise DamagedFileError(f"parquet: {shown(table.path)} is damaged: {_why(error)}") from error


def _why(error: Exception) -> str:
    return shown((str(error).splitlines() or [type(error).__name__])[0])


def _columns(tables: list[Table], images: str | None, labels: str | None) -> tuple[str, str | None]:
    """The column of images, and that of labels if there is one, by their names if they are given; every table must have
    them."""
    schema = tables[0].schema
    found = [field.name for field in schema if _holds_images(field.type)]
    kinds = ", ".join(f"{shown(field.name)} ({field.type})" for field in schema)
    require(len(found) > 0, f"parquet: {shown(tables[0].path)} has no column of encoded images; it has {kinds}")
    for option, name, there in (("image_column", images, found), ("label_column", labels, schema.names)):
        require(
            name is None or name in there,
            f"parquet: {option} must be one of {', '.join(map(shown, there))} of {shown(tables[0].path)}; got {name!r}",
        )
    column = images or next((name for name in IMAGE_COLUMNS if name in found), found[0])
    label = labels or next((name for name in LABEL_COLUMNS if name in schema.names), None)
    for table in tables:
        for name in (column, label):
            here = name is None or name in table.schema.names
            require(here, f"parquet: {shown(table.path)} has no column {name}, which {tables[0].path.name} has")
    return column, label


def _holds_images(kind: pa.DataType) -> bool:
    if pa.types.is_struct(kind):
        return kind.get_field_index("bytes") >= 0
    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind)


def _names(schema: pa.Schema, label: str) -> tuple[str, ...]:
    """Names of the classes as `datasets` stores them, if there are any."""
    try:
        about = json.loads((schema.metadata or {})[HUGGING_FACE])["info"]["features"][label]["names"]
    except (KeyError, TypeError, ValueError, RecursionError):
        return ()
    return tuple(about) if isinstance(about, list) and all(isinstance(name, str) for name in about) else ()


def _classes(values: list[Any], names: tuple[str, ...], column: str) -> Classes:
    """Labels by number and the classes; none of either if no row has a label."""
    found = [None if _is_missing(value) else whole_or_name(value, f"parquet: column {column}") for value in values]
    found = [None if label == NO_LABEL else label for label in found]
    if not names or any(isinstance(label, str) for label in found):
        return numbered(found)
    labels = np.array([NO_LABEL if label is None else label for label in found], np.int64)
    low, high = int(labels.min()), int(labels.max())
    require(
        low >= NO_LABEL and high < len(names),
        f"parquet: labels must be in [0, {len(names)}), for the file names so many classes; got {low} to {high}",
    )
    return labels.astype(np.int32), tuple(map(shown, names))


def _is_missing(value: Any) -> bool:
    return (
        value is None or (isinstance(value, float) and value != value) or (isinstance(value, str) and not value.strip())
    )
