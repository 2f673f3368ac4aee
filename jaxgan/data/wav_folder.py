"""Data sets of WAV files in a folder."""

from pathlib import Path

from jaxgan.checks import require, require_choice
from jaxgan.data import store, wav
from jaxgan.data.dataset import Dataset, Origin
from jaxgan.data.folder import classes_of, existing, left_out
from jaxgan.data.listing import listing
from jaxgan.data.media.sound import sound
from jaxgan.data.paths import shown
from jaxgan.data.reading import Unusable

SUFFIXES = frozenset([".wav", ".wave"])
CHANNELS = (1, 2)
"""Mono and stereo."""
PARTS = ("first", "all")


def wav_folder(
    path: str | Path,
    *,
    sample_rate: int,
    length: int,
    channels: int,
    parts: str,
    cache_dir: str | Path | None,
    memory_limit: float,
) -> Dataset:
    """Parts of the WAV files under `path`, in the order of the relative paths, see `jaxgan.data.wav.cut`.

    Labels are found as `jaxgan.data.folder.folder` finds those of images: in a file at the top, or as subfolders. Files
    that cannot be used are left out with one warning.

    Args:
        path: searched with all its subfolders, see `listing`.
        sample_rate: samples a second to which sounds are brought.
        length: samples to which they are cut, or filled up with silence.
        channels: 1 mixes all channels, 2 is stereo.
        parts: "first" takes the beginning of each file; "all" takes all whole parts of this length, one after another,
            or a shorter file whole.
        cache_dir: see `store.cache_path`.
        memory_limit: see `store.make`.

    Raises:
        FileNotFoundError: if there is no such folder.
        ValueError: if it holds no WAV file that can be used, or an option is out of its range.
        OSError: from the system.
    """
    low, high = wav.RATES
    fits = isinstance(sample_rate, int) and low <= sample_rate <= high
    require(fits, f"sample_rate must be a whole number from {low:,} to {high:,}, got {sample_rate!r}")
    require(isinstance(length, int) and length >= 1, f"length must be a whole number of at least 1, got {length!r}")
    require_choice("channels", channels, CHANNELS)
    require_choice("parts", parts, PARTS)
    root = existing("wav", path)
    files, others = listing(root, SUFFIXES)
    name = f"wav:{shown(root.resolve().name)}"
    asked = {"sample_rate": sample_rate, "length": length, "channels": channels}
    key = {"wav": str(root.resolve()), "files": files, **asked, **({"parts": parts} if parts == "all" else {})}
    cached = store.cache_path(name, key, cache_dir)
    counts = [_count(root / file.name, asked) if parts == "all" else 1 for file in files]
    places = [(i, part) for i, count in enumerate(counts) for part in range(count)]

    def read_parts(rows: range) -> list[store.Item | Unusable]:
        waves = {i: _wave(root / files[i].name) for i in {places[row][0] for row in rows}}
        return [_item(waves[i], part, asked) for i, part in (places[row] for row in rows)]

    stored = store.find(cached, memory_limit=memory_limit)
    if stored is None:
        stored = store.make(name, len(places), read_parts, path=cached, memory_limit=memory_limit)
    skipped = left_out(
        name, root, files, {places[row][0]: why for row, why in stored.skipped.items()}, others, kind="WAV file"
    )
    used = [files[i].name for row, (i, _) in enumerate(places) if row not in stored.skipped]
    labels, names, notes = classes_of(root, used, "sounds")
    return Dataset(
        name,
        stored.images,
        labels,
        None if names is None else len(names),
        skipped=skipped,
        class_names=names,
        origin=Origin(stored.sizes, others, tuple(f"{name}: {note}" for note in notes), stored.digest),
        medium=sound(sample_rate),
    )


def _count(path: Path, asked: dict[str, int]) -> int:
    return wav.parts(path, sample_rate=asked["sample_rate"], length=asked["length"])


def _wave(path: Path) -> wav.Wave | Unusable:
    try:
        with path.open("rb") as file:
            return wav.read(file)
    except Unusable as why:
        return why


def _item(wave: wav.Wave | Unusable, part: int, asked: dict[str, int]) -> store.Item | Unusable:
    if isinstance(wave, Unusable):
        return wave
    try:
        return store.Item(wav.cut(wave, **asked, part=part), size=str(wave))
    except Unusable as why:
        return why
