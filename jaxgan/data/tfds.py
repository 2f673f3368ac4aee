"""Prepared TensorFlow Datasets, read through `tfds.data_source`, which needs no TensorFlow."""

import io

import numpy as np
from PIL import Image

from jaxgan.checks import require
from jaxgan.data.dataset import Dataset
from jaxgan.data.images import square, to_array


def tfds(name: str, *, data_dir: str | None, split: str, image_size: int | None) -> Dataset:
    """Read the features "image" and, if there, "label" of a prepared data set into memory.

    Args:
        name: as TFDS spells it, such as "mnist" or "mnist:3.0.1".
        data_dir: where it was prepared; TFDS's own default (`~/tensorflow_datasets`) if None.
        split: such as "train" or "train[:10%]".
        image_size: crop the centre square and resize to this; None keeps images of one common size as they are.

    Raises:
        ValueError: if the set is not prepared there (the message says what to run), has no images, or they differ in
            size and no `image_size` is given.
    """
    import tensorflow_datasets

    try:
        source = tensorflow_datasets.data_source(
            name,
            split=split,
            data_dir=data_dir,
            decoders={"image": tensorflow_datasets.decode.SkipDecoding()},
            download=False,
        )
    except Exception as error:
        raise ValueError(_how_to_prepare(name, data_dir, error)) from error
    features = source.dataset_info.features
    require("image" in features, f"tfds:{name} has no feature 'image'; it has {sorted(features)}")
    labelled = "label" in features and hasattr(features["label"], "num_classes")
    records = source.__getitems__(list(range(len(source))))
    images = [_read(record["image"], image_size) for record in records]
    shapes = sorted({image.shape for image in images})
    require(
        len(shapes) == 1,
        f"tfds:{name} has images of {len(shapes)} shapes, among them {shapes[:3]}: pass image_size to crop and resize",
    )
    labels = np.array([record["label"] for record in records], np.int32) if labelled else None
    return Dataset(f"tfds:{name}", np.stack(images), labels, features["label"].num_classes if labelled else None)


def _read(encoded: bytes, image_size: int | None) -> np.ndarray:
    with Image.open(io.BytesIO(encoded)) as image:
        return to_array(image if image_size is None else square(image, image_size))


def _how_to_prepare(name: str, data_dir: str | None, error: Exception) -> str:
    where = f" --data_dir={data_dir}" if data_dir else ""
    reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return (
        f"tfds:{name} cannot be read from {data_dir or '~/tensorflow_datasets'} ({reason}). Prepare it once, "
        f"which needs TensorFlow:\n"
        f"  pip install 'jaxgan[prepare]'\n"
        f"  tfds build {name} --file_format=array_record{where}"
    )
