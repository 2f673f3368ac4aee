"""Translate the pictures of a folder with a trained run."""

import itertools
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import jax
import numpy as np
from jaxtyping import PyTree
from PIL import Image

from jaxgan.checks import require, require_number
from jaxgan.core import Batch
from jaxgan.data.dataset import Dataset
from jaxgan.data.listing import listing
from jaxgan.data.media import Medium, images
from jaxgan.data.paths import shown
from jaxgan.data.reading import Unusable, all_deep, read
from jaxgan.data.unpaired import Unpaired
from jaxgan.errors import InputError, NotFoundError
from jaxgan.experiment import Experiment
from jaxgan.observe.requests import CHUNK, generated
from jaxgan.observe.stored import Checkpoint, check_checkpoint, experiment_of, stored
from jaxgan.options.conform import conform
from jaxgan.program.program import SEEDS
from jaxgan.runs import run_folder

DIRECTIONS = ("AtoB", "BtoA")


@dataclass(frozen=True)
class Translation:
    """How pictures are translated, and where the results go."""

    out: Path | None = None
    """Folder for the translated pictures (default: RUN/translated)."""
    direction: Literal["AtoB", "BtoA"] = "AtoB"
    """Direction, for a run on two domains without pairs."""
    seed: int = 0
    """Seed of what the generator draws, if it draws anything."""
    step: int | None = None
    """Step of a kept checkpoint (default: the newest)."""
    checkpoint: Checkpoint = "latest"
    """Use the newest state, or the state of the best evaluation."""

    def __post_init__(self) -> None:
        conform(self)
        require_number("seed", self.seed, at_least=0, below=SEEDS)
        check_checkpoint(self.step, self.checkpoint)


class Translated(NamedTuple):
    """Result of a folder."""

    out: Path
    pictures: int
    skipped: tuple[tuple[str, str], ...]
    """Files that cannot be used, and why."""


class Sides(NamedTuple):
    """Inputs and outputs of a run's generator."""

    source: np.ndarray
    """Rows as they are stored."""
    shape: tuple[int, ...]
    """Shape of one source as the generator sees it."""
    source_medium: Medium
    medium: Medium
    without_pairs: bool
    directions: tuple[str, ...]
    """Directions that have a generator."""


def translate_folder(folder: Path, pictures: Path, translation: Translation) -> Translated:
    """Translate every picture in a folder with the averaged generator of a run.

    A picture is cropped at its centre to the shape of the run's sources and resized to it. What comes of it is a PNG of
    that size, at the same place below `out`, with the same name; if `x.jpg` and `x.png` are both there, that of the
    former is `x.jpg.png`.

    Args:
        folder: folder of the run, whose samples are asked for by images: translation with pairs or without.
        pictures: folder of pictures, searched with all its subfolders.
        translation: see there.

    Raises:
        FileNotFoundError: if there is no run, no such state, or no such folder.
        ValueError: if the run translates no images, an option does not fit it, or no picture can be used.
    """
    run = run_folder.load(folder)
    require(pictures.is_dir() or not pictures.exists(), f"{shown(pictures)} is not a folder of pictures")
    if not pictures.exists():
        raise NotFoundError(f"there is no folder {shown(pictures)}")
    experiment = experiment_of(run)
    sides = _sides(folder, experiment)
    require(
        translation.direction in sides.directions,
        f"direction={translation.direction} is for runs with a generator for each direction; {folder} has one for AtoB",
    )
    state = stored(run, experiment, step=translation.step, checkpoint=translation.checkpoint)
    out = translation.out or run.folder / "translated"
    require(
        not out.resolve().is_relative_to(pictures.resolve()),
        f"out={shown(out)} lies in {shown(pictures)}, so that the next call would translate the results too: name a "
        f"folder elsewhere with --out",
    )
    found = [file.name for file in listing(pictures).files]
    results, names, skipped, count = _results(found), iter(found), [], 0
    while chunk := list(itertools.islice(names, CHUNK)):
        read_ones = {name: _read(pictures / name, sides) for name in chunk}
        skipped += [(shown(name), str(why)) for name, why in read_ones.items() if isinstance(why, Unusable)]
        rows = {name: one for name, one in read_ones.items() if not isinstance(one, Unusable)}
        if rows:
            samples = _translated(experiment, state, sides, np.stack(list(rows.values())), translation)
            gray_16 = sides.medium.encode(samples[:1]).dtype == np.uint16 and samples.shape[-1] == 1
            encode = sides.medium.encode if gray_16 else images.encode  # what a PNG by Pillow holds
            for name, image in zip(rows, encode(samples), strict=True):
                _save(out / results[name], image)
            count += len(rows)
    why = "".join(f"; {name}: {reason}" for name, reason in skipped[:3])
    require(count > 0, f"{shown(pictures)} holds no usable picture{why}")
    return Translated(out, count, tuple(skipped))


def _results(names: list[str]) -> dict[str, Path]:
    """Where the result of each picture goes: to the same name as a PNG, or, if several would go there, to the whole
    name with `.png` behind it."""
    pngs = {name: Path(name).with_suffix(".png") for name in names}
    times = Counter(str(path).casefold() for path in pngs.values())
    alone = {name for name, path in pngs.items() if times[str(path).casefold()] == 1 or name == str(path)}
    return {name: path if name in alone else Path(f"{name}.png") for name, path in pngs.items()}


def _sides(folder: Path, experiment: Experiment) -> Sides:
    data, sides = experiment.data, None
    if experiment.conditional == "rows" and isinstance(data, Dataset):
        if isinstance(data.real, Unpaired):
            asked = experiment.ask(Batch(Unpaired(np.zeros(1), np.zeros(1))))
            directions = DIRECTIONS if isinstance(asked, tuple) else DIRECTIONS[:1]
            sides = Sides(data.real.a, data.shape.a, data.medium, data.medium, True, directions)
        elif data.condition_medium is not None:
            medium = experiment.medium or data.medium
            sides = Sides(data.condition, data.condition_shape, data.condition_medium, medium, False, DIRECTIONS[:1])
    if sides is None:
        raise InputError(f"{folder} cannot translate pictures: its generator does not take any")
    both = sides.source_medium.name, sides.medium.name
    require(
        both == ("images", "images") and isinstance(sides.source, np.ndarray),
        f"{folder} cannot translate pictures: it makes {both[1]} of {both[0]}",
    )
    return sides


def _read(path: Path, sides: Sides) -> np.ndarray | Unusable:
    height, width, channels = sides.shape
    sixteen = sides.source.dtype == np.uint16
    deep = sixteen and channels == 1 and all_deep([path.open("rb")])
    try:
        with path.open("rb") as file:
            image = read(file, channels=channels, image_size=(height, width), deep=deep)[0]
    except Unusable as why:
        return why
    return image.astype(np.uint16) * np.uint16(257) if sixteen and not deep else image


def _translated(
    experiment: Experiment, state: PyTree, sides: Sides, pictures: np.ndarray, translation: Translation
) -> np.ndarray:
    images = np.asarray(sides.source_medium.decode(pictures))
    batch = Batch(Unpaired(images, images)) if sides.without_pairs else Batch(images, images)
    condition = jax.device_get(experiment.ask(batch))
    chunks = list(generated(experiment.algorithm, state, len(images), condition=condition, seed=translation.seed))
    samples = jax.tree.map(lambda *parts: np.concatenate(parts), *chunks)
    return np.asarray(samples[sides.directions.index(translation.direction)] if len(sides.directions) > 1 else samples)


def _save(path: Path, image: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image).save(path)
