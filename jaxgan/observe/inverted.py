"""Inversion of the pictures of a folder: find their latents and write them to a file for `jaxgan sample`."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from jaxgan.checks import require
from jaxgan.data.listing import listing
from jaxgan.data.media.images import decode, save_grid
from jaxgan.data.paths import shown
from jaxgan.data.reading import Unusable, read
from jaxgan.errors import NotFoundError
from jaxgan.experiment import Experiment
from jaxgan.observe.inversion import Inversion, inverter
from jaxgan.observe.latents_file import LatentsFile, write_latents
from jaxgan.observe.stored import experiment_of, stored
from jaxgan.runs import run_folder
from jaxgan.runs.classes import class_names, class_number, with_rows
from jaxgan.runs.run_folder import Run

SHOWN = 16
"""Number of pictures to draw."""
FILE, PICTURE = "latents.npz", "inverted.png"


class Inverted(NamedTuple):
    """Result of a folder of pictures."""

    out: Path
    names: tuple[str, ...]
    psnr: Float[np.ndarray, "pictures"]
    skipped: tuple[tuple[str, str], ...]
    """Files that cannot be used, and why."""


def invert_pictures(folder: Path, pictures: Path, inversion: Inversion) -> Inverted:
    """Find the inputs from which the averaged generator of a run makes these pictures, and write them.

    `latents.npz` holds `names`, `psnr`, `latents` or `styles`, and of a conditional run `labels`; `jaxgan sample RUN
    --latents FILE` draws from them. `inverted.png` has columns of picture, sample and four times their difference.

    Args:
        folder: folder of the run, which makes images of latents.
        pictures: a picture, or a folder that is searched with all its subfolders. Each is cropped at its centre to the
            shape of the run's images and resized.
        inversion: see there.

    Raises:
        FileNotFoundError: if there is no run, no such state, or no such picture.
        ValueError: if the run makes no images of latents, an option does not fit it, or no picture can be used.
    """
    run = run_folder.load(folder)
    experiment = experiment_of(run)
    medium = experiment.data.medium
    require(medium.name == "images", f"{folder} makes {medium.name}, but only images can be inverted")
    if not pictures.exists():
        raise NotFoundError(f"there is no picture and no folder {shown(pictures)}")
    state = stored(run, experiment, step=inversion.step, checkpoint=inversion.checkpoint)
    invert = inverter(experiment, state, inversion, _classes(run, experiment, inversion.labels))
    targets, skipped = _read(pictures, run.of.shape)
    images = decode(np.stack(list(targets.values())))
    found = invert(images)
    out = inversion.out or run.folder / "inverted"
    out.mkdir(parents=True, exist_ok=True)
    write_latents(out / FILE, LatentsFile(found.latents, found.labels), names=tuple(targets), psnr=found.psnr)
    images = images[:SHOWN]
    error = np.clip(4 * np.abs(found.samples[:SHOWN] - images) - 1, -1, 1)
    save_grid(out / PICTURE, np.concatenate([images, found.samples[:SHOWN], error]), columns=len(images))
    return Inverted(out, tuple(targets), found.psnr, tuple(skipped))


def _classes(run: Run, experiment: Experiment, labels: Sequence[str | int]) -> list[int]:
    told = experiment.conditional == "classes"
    require(
        told or not labels, f"labels={labels} given, but the samples of {run.folder} are not conditioned on classes"
    )
    asked = [class_number(label, class_names(run), unlabelled=experiment.unlabelled) for label in labels]
    return (asked or with_rows(run)) if told else []


def _read(pictures: Path, shape: tuple[int, ...]) -> tuple[dict[str, np.ndarray], list[tuple[str, str]]]:
    height, width, channels = shape
    names = [file.name for file in listing(pictures).files] if pictures.is_dir() else [pictures.name]
    root = pictures if pictures.is_dir() else pictures.parent
    images, skipped = {}, []
    for name in names:
        try:
            with (root / name).open("rb") as file:
                images[name] = read(file, channels=channels, image_size=(height, width))[0]
        except Unusable as why:
            skipped.append((shown(name), str(why)))
    reasons = "".join(f"; {name}: {reason}" for name, reason in skipped[:3])
    require(bool(images), f"{shown(pictures)} holds no usable picture{reasons}")
    return images, skipped
