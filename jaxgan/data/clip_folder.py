"""Data sets of clips in a folder: animations, videos and subfolders of frames."""

import itertools
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from jaxgan.checks import require, require_choice
from jaxgan.data import store
from jaxgan.data.dataset import Dataset, Origin
from jaxgan.data.folder import classes_of, existing, left_out
from jaxgan.data.images import ImageSize, fitted, to_array
from jaxgan.data.listing import File, in_order, listing
from jaxgan.data.media.clips import clips
from jaxgan.data.paths import shown
from jaxgan.data.reading import MODES, Unusable, read

VIDEOS = frozenset([".mp4", ".mov", ".avi", ".mkv", ".webm"])
"""Suffixes of files that FFmpeg decodes."""
CHANNELS = (1, 3)


class Source(NamedTuple):
    """A clip: an animation or a video, or the pictures of one folder in order."""

    name: str
    """Relative to the folder, with slashes."""
    files: list[str]


class Asked(NamedTuple):
    """Options of the clips."""

    frames: int
    every: int
    image_size: ImageSize
    channels: int


def clip_folder(
    path: str | Path,
    *,
    frames: int,
    every: int,
    image_size: ImageSize,
    channels: int,
    cache_dir: str | Path | None,
    memory_limit: float,
) -> Dataset:
    """The beginning of every clip under `path`, in the order of the relative paths.

    Each GIF is a clip, each video if `imageio-ffmpeg` is installed, and so are the other pictures of each folder, in
    the order of their names. Labels are found as `jaxgan.data.folder.folder` finds those of images: in a file at the
    top that names clips, or as subfolders. Clips that cannot be used, or are too short, are left out with one warning.

    Args:
        path: searched with all its subfolders, see `listing`.
        frames: frames of each clip.
        every: take every n-th frame.
        image_size: pixels a side or (height, width): crop the centre of that shape and resize it.
        channels: 1 for gray, 3 for colours.
        cache_dir: see `store.cache_path`.
        memory_limit: see `store.make`.

    Raises:
        FileNotFoundError: if there is no such folder.
        ValueError: if it holds no clip that can be used, or an option is out of its range.
        OSError: from the system.
    """
    for option, value in (("frames", frames), ("every", every)):
        require(isinstance(value, int) and value >= 1, f"{option} must be a whole number of at least 1, got {value!r}")
    require_choice("channels", channels, CHANNELS)
    root = existing("clips", path)
    pictures = frozenset(end for end, format in Image.registered_extensions().items() if format in Image.OPEN)
    files, others = listing(root, pictures | VIDEOS)
    sources, asked = _sources([file.name for file in files]), Asked(frames, every, image_size, channels)
    name = f"clips:{shown(root.resolve().name)}"
    video = find_spec("imageio_ffmpeg") is not None
    cached = store.cache_path(
        name, {"clips": str(root.resolve()), "files": files, "video": video, **asked._asdict()}, cache_dir
    )

    def read_clips(rows: range) -> list[store.Item | Unusable]:
        return [_read(root, sources[i], asked) for i in rows]

    stored = store.find(cached, memory_limit=memory_limit)
    if stored is None:
        stored = store.make(name, len(sources), read_clips, path=cached, memory_limit=memory_limit)
    named = [File(source.name, 0, 0) for source in sources]
    skipped = left_out(name, root, named, stored.skipped, others, kind="clip")
    used = [source.name for i, source in enumerate(sources) if i not in stored.skipped]
    labels, names, notes = classes_of(root, used, "clips")
    return Dataset(
        name,
        stored.images,
        labels,
        None if names is None else len(names),
        skipped=skipped,
        class_names=names,
        origin=Origin(stored.sizes, others, tuple(f"{name}: {note}" for note in notes), stored.digest),
        medium=clips(),
    )


def _sources(names: list[str]) -> list[Source]:
    """The clips of files in order: each GIF and video, and the pictures of each folder."""
    alone = [name for name in names if Path(name).suffix.lower() in VIDEOS | {".gif"}]
    found = [Source(name, [name]) for name in alone]
    folders: dict[str, list[str]] = {}
    for name in sorted(set(names) - set(alone), key=in_order):
        folders.setdefault(name.rpartition("/")[0] or ".", []).append(name)
    found += [Source(folder, inside) for folder, inside in folders.items()]
    return sorted(found, key=lambda source: in_order(source.name))


def _read(root: Path, source: Source, asked: Asked) -> store.Item | Unusable:
    first, suffix = root / source.files[0], Path(source.name).suffix.lower()
    try:
        if suffix in VIDEOS and source.files == [source.name]:
            taken = list(itertools.islice(_of_video(first, asked), asked.frames))
        elif suffix == ".gif" and source.files == [source.name]:
            taken = list(_of_animation(first, asked))
        else:
            taken = [_of_picture(root / name, asked) for name in source.files[:: asked.every][: asked.frames]]
        if len(taken) < asked.frames:
            apart = f", {asked.every} apart," if asked.every > 1 else ""
            raise Unusable(f"{len(taken)} of the {asked.frames} frames that are needed{apart} can be read")
    except Unusable as why:
        return why
    return store.Item(np.stack([frame for frame, _ in taken]), size=taken[0][1])


def _of_animation(path: Path, asked: Asked) -> Iterator[tuple[np.ndarray, str]]:
    """The frames before the first that is not there or cannot be read."""
    for i in range(asked.frames):
        try:
            yield _of_picture(path, asked, i * asked.every)
        except Unusable:
            if i == 0:
                raise
            return


def _of_picture(path: Path, asked: Asked, frame: int = 0) -> tuple[np.ndarray, str]:
    with path.open("rb") as file:
        return read(file, channels=asked.channels, image_size=asked.image_size, frame=frame)


def _of_video(path: Path, asked: Asked) -> Iterator[tuple[np.ndarray, str]]:
    if find_spec("imageio_ffmpeg") is None:
        raise Unusable("videos need a decoder: pip install 'jaxgan[video]'")
    from imageio_ffmpeg import read_frames

    reader = read_frames(str(path), pix_fmt="rgb24")
    try:
        width, height = next(reader)["size"]
        for content in itertools.islice(reader, 0, None, asked.every):
            image = Image.frombytes("RGB", (width, height), content).convert(MODES[asked.channels])
            yield to_array(fitted(image, asked.image_size)), f"{width}x{height}"
    except (OSError, RuntimeError, StopIteration, KeyError) as error:
        raise Unusable("no video that FFmpeg can read") from error
    finally:
        reader.close()
