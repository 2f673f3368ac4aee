"""Draw from a trained run: scattered samples, interpolations, and a walk through the latents."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int

from jaxgan.checks import require, require_number
from jaxgan.core import Algorithm, Batch, GANState
from jaxgan.data.images import encode
from jaxgan.games import latents
from jaxgan.observe import pictures
from jaxgan.options.conform import conform
from jaxgan.recipes.architectures import Truncation
from jaxgan.recipes.build import build
from jaxgan.recipes.config import SEEDS, Config
from jaxgan.runs import checkpoints, run_folder
from jaxgan.runs.best import Best
from jaxgan.runs.classes import class_names, class_number, with_rows
from jaxgan.runs.run_folder import Run

CHUNK = 256
MOST_CLASSES = 16
FRAMES_PER_SECOND = 25

Checkpoint = Literal["latest", "best"]


@dataclass(frozen=True)
class Sampling:
    """What to draw from a run, and where it goes."""

    n: int | None = None
    """Samples (64); with --interpolate, rows (one a class, or 8); for a .gif, latents on the way (8)."""
    seed: int = 0
    """Of the latents."""
    labels: tuple[str | int, ...] = ()
    """For a conditional run: classes by name, or by number where no class has that name, repeated as often as needed
    (default: every class in turn of which there are data)."""
    step: int | None = None
    """Of a kept checkpoint (default: the newest)."""
    checkpoint: Checkpoint = "latest"
    """The newest state, or that of the best evaluation."""
    truncation: float | None = None
    """Less means more typical, less varied. StyleGAN2: styles come this close to their mean, 1: not at all, 0: wholly.
    The other networks, with normal latents: each number of a latent is kept within this of 0."""
    truncation_layers: int | None = None
    """StyleGAN2: truncate in so many of the first layers (default: in all)."""
    interpolate: bool = False
    """Rows that walk from one latent to another: along the sphere, or straight if the latents are uniform."""
    columns: int | None = None
    """Of the grid (one a class, or 8; for a .gif 5); with --interpolate, steps of the walk (8)."""
    frames: int | None = None
    """Of a .gif, from one latent to the next (24)."""
    out: Path | None = None
    """A .png; an .npz, which --data npz:PATH reads; or a .gif that walks through latents and back to the first, showing
    every class at once (default: RUN/samples/seed-S.png)."""

    def __post_init__(self) -> None:
        conform(self)
        require_number("seed", self.seed, at_least=0, below=SEEDS)
        check_checkpoint(self.step, self.checkpoint)
        require(self.kind in (".png", ".npz", ".gif"), f"out must end in .png, .npz or .gif, got {self.out}")
        animated = self.kind == ".gif"
        if self.n is not None:
            require_number("n", self.n, at_least=2 if animated else 1)
        if self.truncation is not None:
            require_number("truncation", self.truncation, at_least=0)
        require(
            self.truncation_layers is None or self.truncation is not None,
            f"truncation_layers={self.truncation_layers} needs a truncation",
        )
        if self.columns is not None:
            require_number("columns", self.columns, at_least=2 if self.interpolate else 1)
            require(self.interpolate or self.kind != ".npz", f"columns={self.columns} needs a picture, got {self.out}")
        if self.frames is not None:
            require_number("frames", self.frames, at_least=1)
            require(animated, f"frames={self.frames} needs an out that ends in .gif, got {self.out}")
        require(not (self.interpolate and animated), f"interpolate draws a still picture, but {self.out} would move")

    @property
    def kind(self) -> str:
        """Suffix of the file."""
        return ".png" if self.out is None else self.out.suffix


class Drawing(NamedTuple):
    """What the generator is given, row by row, and how its samples are laid out."""

    latents: Float[np.ndarray, "rows size"]
    labels: Int[np.ndarray, "rows"] | None
    columns: int
    frames: int = 1
    class_names: tuple[str, ...] = ()


def sample_run(folder: Path, sampling: Sampling) -> Path:
    """Draw from the averaged generator of a run and write the file that `sampling` asks for.

    A `.png` is a grid of images or a cloud of points. An `.npz` holds `images` as `jaxgan.data.load("npz:...")` reads
    them, and for a conditional run `labels` and `class_names`. A `.gif` is a closed walk through `n` latents.

    Latent i depends on the seed and on i alone. Between latents that are uniform in a box the way is straight, else
    along the sphere (`latents.lerp`, `latents.slerp`).

    Returns:
        The path of the file.

    Raises:
        FileNotFoundError: if there is no run, no checkpoint, none of that step, or no best one.
        ValueError: if an option does not fit the run, or no checkpoint can be read.
    """
    run = run_folder.load(folder)
    _check_fits(sampling, run)
    draw = _walk if sampling.kind == ".gif" else _rows if sampling.interpolate else _scattered
    drawing = draw(sampling, run)
    made = _generate(run, sampling, drawing)
    name = f"{'rows-' if sampling.interpolate else ''}seed-{sampling.seed}.png"
    out = sampling.out or run.samples / name
    out.parent.mkdir(parents=True, exist_ok=True)
    {".png": _write_picture, ".npz": _write_arrays, ".gif": _write_animation}[sampling.kind](out, made, drawing)
    return out


def stored(run: Run, algorithm: Algorithm, *, step: int | None = None, checkpoint: Checkpoint = "latest") -> GANState:
    """A state that a run has kept: its newest, that of a step, or the best.

    Raises:
        FileNotFoundError: if there is none.
        ValueError: if none can be read, or both `step` and `checkpoint` say which.
    """
    check_checkpoint(step, checkpoint)
    any_batch = Batch(jnp.zeros((2, *run.of.shape)), jnp.zeros(2, jnp.int32) if run.config.conditional else None)
    like = jax.eval_shape(algorithm.init, jax.random.key(0), any_batch)
    if checkpoint == "latest":
        with checkpoints.manager(run.checkpoints) as manager:
            return checkpoints.restore(manager, like, step=step).state
    return Best(run.best).restore(like)


def check_checkpoint(step: int | None, checkpoint: Checkpoint) -> None:
    """Raise `ValueError` if both say which state is meant."""
    require(step is None or checkpoint == "latest", f"step={step} and checkpoint={checkpoint} exclude each other")


def generated(
    algorithm: Algorithm,
    state: GANState,
    latents: Float[np.ndarray, "rows size"],
    labels: Int[np.ndarray, "rows"] | None,
) -> Iterator[np.ndarray]:
    """Samples of the averaged generator in chunks of one size, so that one program serves them all; the last is cut."""
    rows, size = len(latents), min(len(latents), CHUNK)
    for start in range(0, rows, size):
        chunk = np.arange(start, start + size) % rows
        given = None if labels is None else labels[chunk]
        made = algorithm.sample(state, jax.random.key(0), size, given, latents[chunk])
        yield np.asarray(made)[: rows - start]


def draw_latents(config: Config, seed: int, n: int, *, truncation: float | None = None) -> Float[np.ndarray, "n size"]:
    """Latents of a run's kind; the i-th depends on the seed and on i alone."""
    key = jax.random.key(seed)
    draw = getattr(latents, config.latent) if truncation is None else latents.truncated(truncation)
    if config.latent_signs:
        draw = latents.with_signs(config.latent_signs, draw)
    return np.asarray(jax.jit(jax.vmap(lambda i: draw(jax.random.fold_in(key, i), config.latent_size)))(np.arange(n)))


def _check_fits(sampling: Sampling, run: Run) -> None:
    images = len(run.of.shape) == 3
    _check_truncation_fits(sampling, run)
    require(
        run.config.conditional or not sampling.labels,
        f"labels={sampling.labels} given, but {run.folder} is not conditional",
    )
    require(
        images or sampling.kind != ".gif",
        f"a .gif needs images, but the samples of {run.folder} have shape {run.of.shape}",
    )
    require(
        images or sampling.columns is None or sampling.interpolate,
        f"columns={sampling.columns} needs images, but the samples of {run.folder} have shape {run.of.shape}",
    )


def _check_truncation_fits(sampling: Sampling, run: Run) -> None:
    if _has_styles(run.config) or sampling.truncation is None:
        return
    config, layers = run.config, sampling.truncation_layers
    require(
        layers is None,
        f"truncation_layers={layers} needs network=stylegan2, but {run.folder} has network={config.network}",
    )
    require(sampling.truncation > 0, f"truncation must be above 0, got {sampling.truncation}")
    require(
        config.latent == "normal",
        f"truncation={sampling.truncation} needs latent=normal, but {run.folder} has latent={config.latent}",
    )
    require(
        config.latent_signs < config.latent_size,
        f"truncation={sampling.truncation} has no effect, for the latents of {run.folder} are signs alone",
    )


def _has_styles(config: Config) -> bool:
    return config.network == "stylegan2"


def _scattered(sampling: Sampling, run: Run) -> Drawing:
    """Latents on their own."""
    n, classes = sampling.n or 64, _classes(sampling, run)
    columns = len(classes) if not sampling.labels and 1 < len(classes) <= MOST_CLASSES else 8
    labels = np.resize(classes, n) if run.config.conditional else None
    return Drawing(_latents(sampling, run, n), labels, min(sampling.columns or columns, n), 1, class_names(run))


def _rows(sampling: Sampling, run: Run) -> Drawing:
    """In row i the way from latent 2i to latent 2i + 1, both included, with one label."""
    classes = _classes(sampling, run, most=MOST_CLASSES)
    columns = sampling.columns or 8
    n = sampling.n or (len(classes) if run.config.conditional else 8)
    ends = _latents(sampling, run, 2 * n)
    labels = np.resize(classes, n).repeat(columns) if run.config.conditional else None
    way = _between(run, ends[::2], ends[1::2], np.linspace(0, 1, columns))
    return Drawing(way, labels, columns, 1, class_names(run))


def _walk(sampling: Sampling, run: Run) -> Drawing:
    """From each latent to the next and from the last to the first; every class goes the same way."""
    classes = _classes(sampling, run, most=MOST_CLASSES)
    require(
        sampling.columns is None or len(classes) > 1,
        f"columns={sampling.columns} has no effect: a .gif shows one image a class, here one in all",
    )
    steps = sampling.frames or 24
    stops = _latents(sampling, run, sampling.n or 8)
    way = _between(run, stops, np.roll(stops, -1, axis=0), np.arange(steps) / steps)
    labels = np.tile(classes, len(way)) if run.config.conditional else None
    columns = min(sampling.columns or 5, len(classes))
    return Drawing(way.repeat(len(classes), axis=0), labels, columns, frames=len(way))


def _classes(sampling: Sampling, run: Run, most: int | None = None) -> Int[np.ndarray, "classes"]:
    """Those asked for, else the first `most` with data; one that stands for none if the run is not conditional."""
    if not run.config.conditional:
        return np.zeros(1, np.int32)
    asked = [class_number(label, run) for label in sampling.labels]
    return np.array(asked or with_rows(run)[:most], np.int32)


def _latents(sampling: Sampling, run: Run, n: int) -> Float[np.ndarray, "n size"]:
    truncation = None if _has_styles(run.config) else sampling.truncation
    return draw_latents(run.config, sampling.seed, n, truncation=truncation)


def _between(
    run: Run, start: Float[np.ndarray, "n size"], end: Float[np.ndarray, "n size"], t: Float[np.ndarray, "steps"]
) -> Float[np.ndarray, "n*steps size"]:
    way = latents.lerp if run.config.latent == "uniform" else latents.slerp
    return np.asarray(jax.jit(way)(start[:, None], end[:, None], t)).reshape(-1, start.shape[-1])


def _generate(run: Run, sampling: Sampling, drawing: Drawing) -> np.ndarray:
    psi = 1.0 if sampling.truncation is None else sampling.truncation
    algorithm = build(run.config, run.of, truncation=Truncation(psi, sampling.truncation_layers))
    state = stored(run, algorithm, step=sampling.step, checkpoint=sampling.checkpoint)
    return np.concatenate(list(generated(algorithm, state, drawing.latents, drawing.labels)))


def _write_picture(out: Path, made: np.ndarray, drawing: Drawing) -> None:
    pictures.save_picture(out, made, columns=drawing.columns)


def _write_arrays(out: Path, made: np.ndarray, drawing: Drawing) -> None:
    images = encode(made) if made.ndim == 4 else made
    if drawing.labels is None:
        np.savez_compressed(out, images=images)
    else:
        np.savez_compressed(out, images=images, labels=drawing.labels, class_names=np.array(drawing.class_names))


def _write_animation(out: Path, made: np.ndarray, drawing: Drawing) -> None:
    frames = made.reshape(drawing.frames, -1, *made.shape[1:])
    pictures.save_animation(out, frames, columns=drawing.columns, frames_per_second=FRAMES_PER_SECOND)
