"""Load data sets by a short description of their source, or from arrays."""

import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, overload

import jax
import numpy as np

from jaxgan.checks import require, require_choice, require_number
from jaxgan.core import Batch
from jaxgan.data.arrays import arrays
from jaxgan.data.dataset import Dataset, DoubtfulData
from jaxgan.data.images import ImageSize
from jaxgan.data.iterable import IterableDataset
from jaxgan.data.planar import PLANAR, planar
from jaxgan.data.reading import CHANNELS
from jaxgan.data.store import MEMORY_LIMIT
from jaxgan.data.translations import DIGIT_TRANSLATIONS, IMAGE_TRANSLATIONS, TRANSLATIONS

DIGITS = ("digits", "stacked_digits")
IMAGES = ("folder", "parquet", "webdataset")
FOLDERS = (*IMAGES, "pairs", "unpaired")
WITHOUT_PATH = (*DIGITS, *PLANAR, "stacked_mnist", *TRANSLATIONS, "tones", "grammar", "oracle", "moving_digits")
"""Sources that need no path."""
SPECS = (
    f"{', '.join(WITHOUT_PATH)}, tfds:NAME, folder:PATH, parquet:PATH, webdataset:PATH, npz:PATH, pairs:PATH, "
    "unpaired:PATH, wav:PATH, clips:PATH, lines:PATH"
)

SAMPLE_RATE, LENGTH = 16_000, 16_384
"""Sample rate and length of sounds in files: as long as those of WaveGAN, about a second."""
FRAMES, SIDE = 16, 64
"""Frames, and pixels a side, of clips in files: those of MoCoGAN."""

Rows = np.ndarray | jax.Array

OPTIONS = {
    "frames": ("moving_digits", "clips"),
    "every": ("clips",),
    "image_size": (
        *DIGITS,
        "moving_digits",
        "clips",
        "stacked_mnist",
        *DIGIT_TRANSLATIONS,
        "tfds",
        *FOLDERS,
        "npz",
        "arrays",
    ),
    "channels": ("tfds", *FOLDERS, "wav", "clips"),
    "mirror": ("digits", *IMAGE_TRANSLATIONS, "tfds", *FOLDERS, "npz", "arrays"),
    "crop": ("digits", *IMAGE_TRANSLATIONS, "tfds", *FOLDERS, "npz", "arrays"),
    "direction": ("pairs", "unpaired"),
    "data_dir": ("tfds", "stacked_mnist"),
    "split": ("tfds", "stacked_mnist", "pairs", "unpaired"),
    "cache_dir": ("tfds", *FOLDERS, "wav", "clips"),
    "memory_limit": ("tfds", *FOLDERS, "wav", "clips"),
    "num_classes": ("arrays", "iterables"),
    "sample_rate": ("wav",),
    "image_column": ("parquet",),
    "label_column": ("parquet",),
    "length": ("tones", "wav", "oracle", "lines"),
    "parts": ("wav",),
    "vocabulary_size": ("oracle", "lines"),
    "unit": ("lines",),
}
"""Kinds of sources that take each option."""


@overload
def load(
    source: str | Rows | tuple[Rows, Rows] | Mapping[str, Rows],
    *,
    image_size: ImageSize | None = None,
    channels: int | None = None,
    mirror: bool = False,
    crop: ImageSize | None = None,
    direction: str = "AtoB",
    data_dir: str | None = None,
    split: str = "train",
    cache_dir: str | Path | None = None,
    memory_limit: float = MEMORY_LIMIT,
    num_classes: int | None = None,
    sample_rate: int = SAMPLE_RATE,
    length: int | None = None,
    image_column: str | None = None,
    label_column: str | None = None,
    vocabulary_size: int | None = None,
    unit: str = "words",
    frames: int | None = None,
    every: int = 1,
    parts: str = "first",
) -> Dataset: ...


@overload
def load(source: Iterable[Batch], *, num_classes: int | None = None) -> IterableDataset: ...


def load(
    source: Any,
    *,
    image_size: ImageSize | None = None,
    channels: int | None = None,
    mirror: bool = False,
    crop: ImageSize | None = None,
    direction: str = "AtoB",
    data_dir: str | None = None,
    split: str = "train",
    cache_dir: str | Path | None = None,
    memory_limit: float = MEMORY_LIMIT,
    num_classes: int | None = None,
    sample_rate: int = SAMPLE_RATE,
    length: int | None = None,
    image_column: str | None = None,
    label_column: str | None = None,
    vocabulary_size: int | None = None,
    unit: str = "words",
    frames: int | None = None,
    every: int = 1,
    parts: str = "first",
) -> Dataset | IterableDataset:
    """Load a data set. Warn with `DoubtfulData` of what may be a mistake: floats of another range, labels with gaps,
    subfolders that are no classes.

    | source | what |
    |---|---|
    | `"digits"` | 1,797 bundled handwritten digits, 10 classes |
    | `"ring"`, `"grid"`, `"rotated_grid"` | 8, 25 and 25 Gaussians in the plane |
    | `"large_grid"`, `"unequal_modes"` | 100 of them, and 12 that hold unequal shares of the data |
    | `"spirals"`, `"swiss_roll"` | curves in the plane, with noise |
    | `"stacked_digits"`, `"stacked_mnist"` | digits, or TFDS's MNIST, in three channels: 1000 classes |
    | `"tfds:NAME"` | a prepared TFDS image set, read without TensorFlow |
    | `"folder:PATH"` | the images under a folder, see `jaxgan.data.folder` |
    | `"parquet:PATH"` | Parquet files, or Hugging Face's Arrow files, of encoded images, see `jaxgan.data.parquet` |
    | `"webdataset:PATH"` | WebDataset's tar shards, see `jaxgan.data.webdataset` |
    | `"pairs:PATH"` | pairs of images: side by side in files, or of the same name in two folders |
    | `"unpaired:PATH"` | images in two folders `trainA` and `trainB`, without pairs, see `jaxgan.data.two_domains` |
    | `"edges_to_digits"`, `"coarse_to_fine_digits"` | pairs made of the bundled digits |
    | `"inverted_digits"`, `"rotated_digits"`, `"edges_and_digits"`, `"ring_and_grid"` | two domains without pairs |
    | `"tones"` | 4,800 made sounds: plucked strings, chirps and drums, see `jaxgan.data.tones` |
    | `"moving_digits"` | 5,391 made clips of digits that move and bounce, see `jaxgan.data.moving_digits` |
    | `"wav:PATH"` | the WAV files under a folder, see `jaxgan.data.wav_folder` |
    | `"clips:PATH"` | the clips under a folder, as GIF, video or subfolders of frames, see `jaxgan.data.clip_folder` |
    | `"grammar"` | 10,000 made sentences of a context-free grammar, see `jaxgan.data.grammar` |
    | `"oracle"` | 10,000 sequences of an LSTM with random weights, see `jaxgan.data.oracle` |
    | `"lines:PATH"` | the lines of a text file as words or characters, see `jaxgan.data.lines` |
    | `"npz:PATH"` | arrays `images` and `labels` of a NumPy archive, see `jaxgan.data.arrays` |
    | `images`, `(images, labels)`, or a dictionary of both | arrays at hand, as in an archive |
    | an iterable of `Batch` | batches at hand, see `jaxgan.data.iterable` |

    Args:
        source: one of the above.
        image_size: pixels a side, or (height, width); of the bundled digits 8, 16, 28 or 32 a side (default 32), of
            `moving_digits` 16 or 32 (default 16), of `clips:` any (default 64); of others: crop the centre of that
            shape and resize it (default as stored, of one common shape).
        channels: 1, 3 or 4 for `tfds:` and images in files; by default 1 where all images are grayscale, else 3; for
            each domain by itself. Of `wav:` 1, the mean of all channels (default), or 2. Of `clips:` 1 or 3 (default).
        mirror: count every image twice, once flipped left to right; both images of a pair alike.
        crop: pixels a side or (height, width) of the part that a batch takes of each image, anew each time and the same
            of both images of a pair: `image_size=286, crop=256` as in pix2pix. See `Dataset.crop`.
        direction: direction of `pairs:` and `unpaired:`, "AtoB" or "BtoA".
        data_dir: where TFDS sets lie.
        split: split of a TFDS set, or of the folders of `pairs:` and `unpaired:`.
        cache_dir: where the decoded images of a large set of files or of TFDS are kept; `$XDG_CACHE_HOME/jaxgan` or
            `~/.cache/jaxgan` by default.
        memory_limit: bytes of decoded images from which on they are kept there and memory-mapped.
        num_classes: number of classes of arrays (default: as many as labels occur) and of batches.
        sample_rate: samples a second to which the sounds of `wav:` are brought.
        parts: "first" takes the beginning of each file of `wav:`, "all" every whole part of `length`.
        length: samples to which sounds are cut or filled up with silence (default: 1,024 of `tones`, 16,384 of `wav:`);
            tokens of the sequences of `oracle` (default: 20), and to which `lines:` are cut (default: 40).
        image_column: column of the images of `parquet:` (default: see `jaxgan.data.parquet`).
        label_column: column of their classes (default: label or class).
        vocabulary_size: number of different tokens of `oracle`, and the largest number of `lines:` (default: 5,000).
        unit: what a token of `lines:` is, "words" or "characters".
        frames: frames of the clips of `moving_digits` and `clips:` (default: 16).
        every: of the clips of `clips:`, take every n-th frame.

    Raises:
        ValueError: for an unknown source, an option that it does not take, or data that is not as it must be.
        FileNotFoundError: if the path does not exist.

    Examples:
        >>> ring = jaxgan.data.load("ring")
        >>> next(ring.batches(batch_size=4, seed=0)).real.shape
        (4, 2)
        >>> jaxgan.data.load(np.zeros([10, 8, 8, 1], np.uint8))
        Dataset('arrays', 10 images of shape (8, 8, 1))
    """
    kind = _kind(source)
    for name, value, default in (
        ("image_size", image_size, None),
        ("channels", channels, None),
        ("mirror", mirror, False),
        ("crop", crop, None),
        ("direction", direction, "AtoB"),
        ("data_dir", data_dir, None),
        ("split", split, "train"),
        ("cache_dir", cache_dir, None),
        ("memory_limit", memory_limit, MEMORY_LIMIT),
        ("num_classes", num_classes, None),
        ("sample_rate", sample_rate, SAMPLE_RATE),
        ("length", length, None),
        ("image_column", image_column, None),
        ("label_column", label_column, None),
        ("vocabulary_size", vocabulary_size, None),
        ("unit", unit, "words"),
        ("frames", frames, None),
        ("every", every, 1),
        ("parts", parts, "first"),
    ):
        require(
            value == default or kind in OPTIONS[name],
            f"{name} is for {', '.join(OPTIONS[name])} alone, got {name}={value!r} for "
            f"{source if isinstance(source, str) else kind}",
        )
    if channels is not None and kind not in ("wav", "clips"):
        require_choice("channels", channels, CHANNELS)
    if image_size is not None and kind not in (*DIGITS, *DIGIT_TRANSLATIONS, "moving_digits"):
        image_size = _size("image_size", image_size)
    if crop is not None:
        crop = _size("crop", crop)
    require_number("memory_limit", memory_limit, at_least=0)
    if kind == "iterables":
        batches = IterableDataset(kind, source, num_classes)
        _warn(batches.origin.notes)
        return batches
    dataset: Dataset
    path = source.partition(":")[2] if isinstance(source, str) else ""
    if kind == "arrays":
        dataset = arrays(kind, _named(source), num_classes=num_classes, image_size=image_size)
    elif kind == "npz":
        from jaxgan.data.npz import npz

        dataset = npz(path, image_size=image_size)
    elif kind in DIGITS:
        from jaxgan.data.digits import digits

        dataset = digits(32 if image_size is None else image_size)
    elif kind in IMAGES:
        reader = _reader(kind)
        if kind == "parquet":
            reader = partial(reader, image_column=image_column, label_column=label_column)
        dataset = reader(path, image_size=image_size, channels=channels, cache_dir=cache_dir, memory_limit=memory_limit)
    elif kind in ("pairs", "unpaired"):
        from jaxgan.data.two_domains import pairs_in, unpaired_in

        read = pairs_in if kind == "pairs" else unpaired_in
        dataset = read(
            path,
            direction=direction,
            split=split,
            image_size=image_size,
            channels=channels,
            cache_dir=cache_dir,
            memory_limit=memory_limit,
        )
    elif kind == "wav":
        from jaxgan.data.wav_folder import wav_folder

        dataset = wav_folder(
            path,
            sample_rate=sample_rate,
            length=LENGTH if length is None else length,
            channels=1 if channels is None else channels,
            parts=parts,
            cache_dir=cache_dir,
            memory_limit=memory_limit,
        )
    elif kind == "clips":
        from jaxgan.data.clip_folder import clip_folder

        dataset = clip_folder(
            path,
            frames=FRAMES if frames is None else frames,
            every=every,
            image_size=SIDE if image_size is None else image_size,
            channels=3 if channels is None else channels,
            cache_dir=cache_dir,
            memory_limit=memory_limit,
        )
    elif kind == "tones":
        from jaxgan.data.tones import tones

        dataset = tones() if length is None else tones(length)
    elif kind == "moving_digits":
        from jaxgan.data.moving_digits import moving_digits

        side: Any = 16 if image_size is None else image_size
        dataset = moving_digits(side, FRAMES if frames is None else frames)
    elif kind == "grammar":
        from jaxgan.data.grammar import grammar

        dataset = grammar()
    elif kind in ("oracle", "lines"):
        sizes = {"length": length, "vocabulary_size": vocabulary_size}
        given = {name: size for name, size in sizes.items() if size is not None}
        if kind == "oracle":
            from jaxgan.data.oracle import oracle

            dataset = oracle(**given)
        else:
            from jaxgan.data.lines import lines

            dataset = lines(path, unit=unit, **given)
    elif kind in TRANSLATIONS:
        dataset = TRANSLATIONS[kind]() if image_size is None else DIGIT_TRANSLATIONS[kind](image_size)
    elif kind in ("tfds", "stacked_mnist"):
        from jaxgan.data.tfds import tfds

        dataset = tfds(
            path or "mnist",
            data_dir=data_dir,
            split=split,
            image_size=image_size,
            channels=channels,
            cache_dir=cache_dir,
            memory_limit=memory_limit,
        )
    else:
        dataset = planar(kind)
    if kind.startswith("stacked"):
        from jaxgan.data.stacked import stacked

        dataset = stacked(kind, dataset)
    _warn(dataset.origin.notes)
    return replace(dataset, mirror=mirror, crop=crop) if mirror or crop is not None else dataset


def _reader(kind: str) -> Callable[..., Dataset]:
    """Reader of images in files."""
    if kind == "parquet":
        from jaxgan.data.parquet import parquet

        return parquet
    if kind == "webdataset":
        from jaxgan.data.webdataset import webdataset

        return webdataset
    from jaxgan.data.folder import folder

    return folder


def _size(name: str, image_size: Any) -> ImageSize:
    """Turn a pair of equal numbers into one number, so that both find the same images in the cache."""
    sides = image_size if isinstance(image_size, tuple | list) else (image_size, image_size)
    require(
        len(sides) == 2 and all(isinstance(side, int) and side >= 1 for side in sides),
        f"{name} must be a whole number of at least 1, or (height, width), got {image_size!r}",
    )
    height, width = sides
    return height if height == width else (height, width)


def _warn(notes: tuple[str, ...]) -> None:
    for note in notes:
        warnings.warn(note, DoubtfulData, stacklevel=3)


def _kind(source: Any) -> str:
    if isinstance(source, str):
        kind, _, path = source.partition(":")
        known = source in WITHOUT_PATH or (kind in ("tfds", "npz", "wav", "clips", "lines", *FOLDERS) and path != "")
        require(known, f"data must be one of {SPECS}; got {source!r}")
        return kind
    pair = isinstance(source, tuple) and len(source) == 2 and all(isinstance(x, Rows) for x in source)
    if isinstance(source, Rows | Mapping) or pair:
        return "arrays"
    listed = isinstance(source, list | tuple) and len(source) > 0 and not isinstance(source[0], Batch)
    kinds = f" of {', '.join(dict.fromkeys(type(each).__name__ for each in source))}" if listed else ""
    require(
        isinstance(source, Iterable) and not isinstance(source, Batch) and not listed,
        f"data must be one of {SPECS}; NumPy arrays, as images or (images, labels); or an iterable of Batch; got "
        f"{type(source).__name__}{kinds}",
    )
    return "iterables"


def _named(source: Any) -> dict[str, np.ndarray]:
    if isinstance(source, Rows):
        source = {"images": source}
    if isinstance(source, tuple):
        source = dict(zip(("images", "labels"), source, strict=True))
    return {name: np.asarray(array) for name, array in source.items()}
