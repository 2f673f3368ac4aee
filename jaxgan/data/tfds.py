"""Prepared TensorFlow Datasets. They are read by `tfds.data_source`, which needs no TensorFlow."""

import io
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jaxgan.checks import require
from jaxgan.data import store
from jaxgan.data.dataset import NO_LABEL, Dataset, Origin
from jaxgan.data.images import ImageSize
from jaxgan.data.paths import shown
from jaxgan.data.reading import CHANNELS, Unusable, common_channels, read
from jaxgan.errors import InputError


def tfds(
    name: str,
    *,
    data_dir: str | None,
    split: str,
    image_size: ImageSize | None,
    channels: int | None,
    cache_dir: str | Path | None,
    memory_limit: float,
) -> Dataset:
    """The features "image" and, if there, "label" of a prepared data set.

    Args:
        name: as TFDS spells it, such as "mnist" or "mnist:3.0.1".
        data_dir: where it was prepared; TFDS's own default (`~/tensorflow_datasets`) if None.
        split: such as "train" or "train[:10%]".
        image_size: pixels a side or (height, width): crop the centre of that shape and resize it; None keeps images of
            one common shape as they are.
        channels: 1, 3 or 4; None takes 1 if every image is grayscale, else 3.
        cache_dir: see `store.cache_path`.
        memory_limit: see `store.make`.

    Raises:
        ValueError: if the set is not prepared there (the message says what to run), has no images, a record cannot be
            read, or images differ in shape and no `image_size` is given.
    """
    import tensorflow_datasets

    logger = logging.getLogger("absl")
    level = logger.level
    logger.setLevel(logging.ERROR)  # its warning about a missing folder says less than the error below
    try:
        source = tensorflow_datasets.data_source(
            name,
            split=split,
            data_dir=data_dir,
            decoders={"image": tensorflow_datasets.decode.SkipDecoding()},
            download=False,
        )
    except Exception as error:
        raise InputError(_how_to_prepare(name, data_dir, error)) from error
    finally:
        logger.setLevel(level)
    info = source.dataset_info
    features = info.features
    require("image" in features, f"tfds:{name} has no feature 'image'; it has {sorted(features)}")
    labelled = "label" in features and hasattr(features["label"], "num_classes")
    folder = Path(info.data_dir)
    files = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in sorted(folder.iterdir())]
    key = {"tfds": info.full_name, "split": split, "folder": str(folder.resolve()), "files": files}
    key |= {"image_size": image_size, "channels": channels}
    cached = store.cache_path(f"tfds:{name}", key, cache_dir)
    stored = store.find(cached, memory_limit=memory_limit)
    if stored is None:
        if channels is None:
            channels = _channels(source, features["image"])

        def read_records(rows: range) -> list[store.Item | Unusable]:
            return [
                _read(record, f"tfds:{name}, split {split}, record {i}", labelled, channels, image_size)
                for i, record in zip(rows, source.__getitems__(list(rows)), strict=True)
            ]

        stored = store.make(f"tfds:{name}", len(source), read_records, path=cached, memory_limit=memory_limit)
    origin = Origin(stored.sizes, digest=stored.digest)
    if not labelled:
        return Dataset(f"tfds:{name}", stored.images, origin=origin)
    classes, names = features["label"].num_classes, getattr(features["label"], "names", None)
    return Dataset(
        f"tfds:{name}",
        stored.images,
        stored.labels,
        classes,
        class_names=None if names is None else tuple(map(shown, names)),
        origin=origin,
    )


def _channels(source: Sequence[dict[str, Any]], feature: Any) -> int:
    declared = (getattr(feature, "shape", None) or (None,))[-1]
    if declared in CHANNELS:
        return 1 if declared == 1 else 3
    return common_channels(io.BytesIO(source[i]["image"]) for i in range(len(source)))


def _read(
    record: dict[str, Any], where: str, labelled: bool, channels: int, image_size: ImageSize | None
) -> store.Item | Unusable:
    try:
        image, size = read(io.BytesIO(record["image"]), channels=channels, image_size=image_size)
        return store.Item(image, int(record["label"]) if labelled else NO_LABEL, size)
    except Unusable as why:
        raise InputError(f"{where} cannot be read: {why}") from why


def _how_to_prepare(name: str, data_dir: str | None, error: Exception) -> str:
    where = f" --data_dir={data_dir}" if data_dir else ""
    reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return (
        f"tfds:{name} cannot be read from {data_dir or '~/tensorflow_datasets'} ({reason}). Prepare it once, "
        f"which needs TensorFlow:\n"
        f"  pip install 'jaxgan[prepare]'\n"
        f"  tfds build {name} --file_format=array_record{where}"
    )
