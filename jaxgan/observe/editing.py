"""Tables of edited samples: steps along the directions that change samples most, and mixed styles."""

import math
from dataclasses import dataclass
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxgan.checks import require, require_number
from jaxgan.core import GANState
from jaxgan.data.media.images import save_grid
from jaxgan.errors import InputError
from jaxgan.experiment import Experiment
from jaxgan.observe.directions import directions
from jaxgan.observe.latents_file import LatentsFile, read_latents
from jaxgan.observe.requests import classes_in_turn, draw_latents, generated, latent_shapes
from jaxgan.observe.stored import Checkpoint, check_checkpoint, experiment_of, stored
from jaxgan.options.conform import conform
from jaxgan.program.program import SEEDS
from jaxgan.runs import run_folder
from jaxgan.runs.classes import class_names, class_number, with_rows
from jaxgan.runs.run_folder import Run

MOST_IMAGES = 10_000
"""Largest number of images in a table."""
Codes = Float[np.ndarray, "n size"] | Float[np.ndarray, "n layers size"]
"""Latents, or styles for a network that takes styles."""


@dataclass(frozen=True)
class Editing:
    """What to change in samples, and where to write the table."""

    directions: tuple[int, ...] = (0, 1, 2)
    """Numbers of directions, from 0, the strongest. Each sample has a row for each of them."""
    strength: float = 3.0
    """Length of the largest step, to both sides."""
    columns: int = 7
    """Steps in a row; an odd number has the sample itself in the middle."""
    mix: bool = False
    """StyleGAN2: draw a table of mixed styles instead. Each cell shows the sample of its row with the styles of the
    sample of its column in some layers."""
    layers: tuple[int, int] | None = None
    """StyleGAN2: first layer of styles to change, and the one after the last (default: all; with --mix, the first
    half)."""
    n: int | None = None
    """Number of samples (4)."""
    latents: Path | None = None
    """File of latents or styles, and classes, to edit instead of random ones, such as the latents.npz of jaxgan
    invert. n is then their number."""
    labels: tuple[str | int, ...] = ()
    """For a conditional run: classes of the samples, by name or by number, repeated as often as needed (default: every
    class that has data, in turn)."""
    seed: int = 0
    """Seed of the latents."""
    step: int | None = None
    """Step of a kept checkpoint (default: the newest)."""
    checkpoint: Checkpoint = "latest"
    """Use the newest state, or the state of the best evaluation."""
    out: Path | None = None
    """File to write, a .png (default: RUN/samples/edited-seed-S.png, or mixed-seed-S.png)."""

    def __post_init__(self) -> None:
        conform(self)
        default = type(self)
        changed = [
            name for name in ("directions", "strength", "columns") if getattr(self, name) != getattr(default, name)
        ]
        require(not (self.mix and changed), f"{', '.join(changed)}: no effect with mix")
        require(len(self.directions) > 0, "directions must name at least one direction, got none")
        require(min(self.directions) >= 0, f"directions must be at least 0, got {self.directions}")
        require_number("strength", self.strength)
        require_number("columns", self.columns, at_least=2)
        if self.n is not None:
            require_number("n", self.n, at_least=2 if self.mix else 1)
            self.check_size(self.n)
        require_number("seed", self.seed, at_least=0, below=SEEDS)
        check_checkpoint(self.step, self.checkpoint)
        require(self.out is None or self.out.suffix == ".png", f"out must end in .png, got {self.out}")

    def check_size(self, n: int) -> None:
        """Raise `ValueError` if a table of n samples is too large."""
        images = (n + 1) ** 2 if self.mix else n * len(self.directions) * self.columns
        most = math.isqrt(MOST_IMAGES) - 1 if self.mix else MOST_IMAGES // (len(self.directions) * self.columns)
        require(
            images <= MOST_IMAGES,
            f"n={n:,} makes a table of {images:,} images, and a table has at most {MOST_IMAGES:,}"
            + (f": n must be at most {most:,}" if most > 0 else ": take fewer columns"),
        )


def edit_run(folder: Path, editing: Editing) -> Path:
    """Write a table of edited samples of the averaged generator of a run.

    The first layer of most generators is linear, and so are StyleGAN2's maps from the style to each convolution. Their
    weights say in which directions samples change most, see `observe.directions`.

    Returns:
        The path of the picture.

    Raises:
        FileNotFoundError: if there is no run, no such state, or no such file.
        ValueError: if the run makes no images of latents, or an option does not fit it.
    """
    run = run_folder.load(folder)
    experiment = experiment_of(run)
    medium = experiment.data.medium
    require(medium.name == "images", f"{folder} makes {medium.name}, but only images can be edited")
    _check_fits(editing, folder, experiment)
    state = stored(run, experiment, step=editing.step, checkpoint=editing.checkpoint)
    codes = _codes(editing, run, experiment, state)
    table = _mixed if editing.mix else _edited
    images, columns = table(editing, experiment, state, codes)
    out = editing.out or run.samples / f"{'mixed' if editing.mix else 'edited'}-seed-{editing.seed}.png"
    out.parent.mkdir(parents=True, exist_ok=True)
    save_grid(out, images, columns)
    return out


def moved(
    codes: Codes, vectors: Float[np.ndarray, "directions size"], strengths: Float[np.ndarray, "steps"], layers: slice
) -> Float[np.ndarray, "n directions steps ..."]:
    """Every code with every step along every direction, in some layers if it has layers."""
    steps = strengths[:, None] * vectors[:, None]
    if codes.ndim == 2:
        return codes[:, None, None] + steps
    changed = np.zeros((*steps.shape[:2], *codes.shape[1:]), codes.dtype)
    changed[:, :, layers] = steps[:, :, None]
    return codes[:, None, None] + changed


def mixed(styles: Float[np.ndarray, "n layers size"], layers: slice) -> Float[np.ndarray, "n n layers size"]:
    """Styles i with those of j in some layers, at [i, j]."""
    table = np.repeat(styles[:, None], len(styles), axis=1)
    table[:, :, layers] = styles[None, :, layers]
    return table


def _edited(editing: Editing, experiment: Experiment, state: GANState, codes: LatentsFile) -> tuple[np.ndarray, int]:
    assert experiment.latent_weights is not None
    weights = jax.device_get(experiment.latent_weights(state))
    size = codes.latents.shape[-1]
    require(max(editing.directions) < size, f"directions must be below {size} for this run, got {editing.directions}")
    layers = _layers(editing, codes.latents)
    found = directions(weights[layers] if codes.latents.ndim == 3 else weights)
    vectors = found.vectors[list(editing.directions)].astype(np.float32)
    steps = np.linspace(-editing.strength, editing.strength, editing.columns, dtype=np.float32)
    table = moved(codes.latents, vectors, steps, layers)
    times = len(vectors) * len(steps)
    return _images(experiment, state, table.reshape(-1, *codes.latents.shape[1:]), codes.labels, times), len(steps)


def _mixed(editing: Editing, experiment: Experiment, state: GANState, codes: LatentsFile) -> tuple[np.ndarray, int]:
    """The samples themselves are the first row and the first column."""
    n = len(codes.latents)
    own = _images(experiment, state, codes.latents, codes.labels, 1)
    table = mixed(codes.latents, _layers(editing, codes.latents))
    images = _images(experiment, state, table.reshape(-1, *codes.latents.shape[1:]), codes.labels, n)
    rows = np.concatenate([own[:, None], images.reshape(n, n, *own.shape[1:])], axis=1)
    first = np.concatenate([np.ones_like(own[:1]), own])
    return np.concatenate([first, rows.reshape(-1, *own.shape[1:])]), n + 1


def _images(
    experiment: Experiment, state: GANState, codes: Codes, labels: np.ndarray | None, times: int
) -> Float[np.ndarray, "n height width channels"]:
    """Samples of codes, of which that many in a row have one label."""
    condition = None if labels is None else labels.repeat(times)
    return np.concatenate(list(generated(experiment.algorithm, state, len(codes), condition=condition, latents=codes)))


def _layers(editing: Editing, codes: Codes) -> slice:
    if codes.ndim == 2:
        return slice(None)
    count = codes.shape[1]
    first, end = editing.layers or (0, count // 2 if editing.mix else count)
    require(
        0 <= first < end <= count,
        f"layers must be a first layer and the one after the last, from 0 to {count}, got {editing.layers}",
    )
    return slice(first, end)


def _check_fits(editing: Editing, folder: Path, experiment: Experiment) -> None:
    told = experiment.conditional == "classes"
    require(
        experiment.latents is not None and experiment.conditional != "rows",
        f"the samples of {folder} are not made from latents",
    )
    require(
        editing.mix or experiment.latent_weights is not None,
        f"{folder} has no layer that alone reads the latents, so that no directions are known",
    )
    for option in ("mix", "layers"):
        require(
            experiment.styled is not None or not getattr(editing, option),
            f"{option} needs a network with styles, as StyleGAN2's, and {folder} has none",
        )
    require(
        told or not editing.labels,
        f"labels={editing.labels} given, but the samples of {folder} are not conditioned on classes",
    )


def _codes(editing: Editing, run: Run, experiment: Experiment, state: GANState) -> LatentsFile:
    """Latents, or styles if the network takes them, with the classes of the samples."""
    told = experiment.conditional == "classes"
    file = None
    if editing.latents is not None:
        file = read_latents(editing.latents, latent_shapes(experiment), run.of.num_classes if told else None)
    n = editing.n or (4 if file is None else len(file.latents))
    require(n >= 2 or not editing.mix, f"mix needs at least two latents, got {n}")
    editing.check_size(n)
    labels = None
    if told:
        asked = [class_number(each, class_names(run), unlabelled=experiment.unlabelled) for each in editing.labels]
        known = file.labels if file is not None and not asked else None
        labels = classes_in_turn(known if known is not None else asked or with_rows(run), n)
    if experiment.latents is None:
        raise InputError("the samples are not made from latents")
    latents = (
        draw_latents(experiment.latents, editing.seed, n)
        if file is None
        else file.latents[np.arange(n) % len(file.latents)]
    )
    if experiment.styled is not None and latents.ndim == 2:
        latents = np.asarray(experiment.styled(state, jnp.asarray(latents), labels))
    return LatentsFile(latents, labels)
