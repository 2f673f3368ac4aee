"""Draw from a trained run: scattered samples, interpolations, and a walk through the latents."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import jax
import numpy as np
from jaxtyping import Float, Int, PyTree

from jaxgan.checks import require, require_number
from jaxgan.core import Batch
from jaxgan.data.dataset import Dataset
from jaxgan.data.media import View
from jaxgan.data.media.images import save_animation
from jaxgan.data.media.video import check_video, save_video
from jaxgan.errors import InputError
from jaxgan.experiment import Experiment, Latents
from jaxgan.observe.latents_file import LatentsFile, read_latents
from jaxgan.observe.refinement import check_refinement, refined
from jaxgan.observe.requests import classes_in_turn, draw_latents, example, generated, latent_shapes
from jaxgan.observe.sample_count import check_count
from jaxgan.observe.stored import Checkpoint, check_checkpoint, check_ema, experiment_of, stored
from jaxgan.options.conform import conform
from jaxgan.program.program import SEEDS
from jaxgan.runs import run_folder
from jaxgan.runs.classes import class_names, class_number, with_rows
from jaxgan.runs.run_folder import Run

MOST_CLASSES = 16
FRAMES_PER_SECOND = 25
MOST_ON_PATHS = 100_000
"""Largest number of images on the ways between latents: over an hour of one image."""
MOVING = {".gif": "a .gif", ".mp4": "an .mp4"}
"""Suffixes of files that move, with their articles."""


@dataclass(frozen=True)
class Sampling:
    """What to draw from a run, and where to write it."""

    n: int | None = None
    """Number of samples (64); with --interpolate, of rows (one per class, or 8); for a .gif or .mp4 of images, of
    latents on the path (8)."""
    seed: int = 0
    """Seed of the latents."""
    latents: Path | None = None
    """File of latents or styles, and classes, to use instead of random ones: the latents.npz of jaxgan invert, or
    another .npz with an array named latents. n is then their number. With --interpolate, each row takes the next two,
    and an odd last one walks to the first."""
    labels: tuple[str | int, ...] = ()
    """For a conditional run: classes by name, or by number where no class has that name, repeated as often as needed
    (default: every class that has data, in turn)."""
    step: int | None = None
    """Step of a kept checkpoint (default: the newest)."""
    checkpoint: Checkpoint = "latest"
    """Use the newest state, or the state of the best evaluation."""
    ema: float | None = None
    """Length of the generator's average relative to the steps so far, made after training from the averages that
    --ema-lengths kept (default: the average of training)."""
    truncation: float | None = None
    """Lower values give more typical, less varied samples. StyleGAN2: styles move towards their mean; 1: not at all, 0:
    all the way. Other networks, with normal latents: each number of a latent stays within this distance of 0."""
    truncation_layers: int | None = None
    """StyleGAN2: number of first layers to truncate in (default: all)."""
    refine: Literal["none", "langevin", "metropolis"] = "none"
    """Move the latents, with the help of the discriminator, to those of better samples: by Langevin sampling, or by
    many proposals."""
    refine_steps: int | None = None
    """With --refine: steps, or proposals, for each sample (100)."""
    refine_rate: float | None = None
    """With --refine langevin: size of a step (0.1)."""
    interpolate: bool = False
    """Draw rows that walk from one latent to another: along the sphere, or in a straight line if the latents are
    uniform."""
    columns: int | None = None
    """Columns of the grid (one per class, or 8; for a .gif or .mp4 of images 5); with --interpolate, steps of the walk
    (8)."""
    frames: int | None = None
    """Frames of a .gif or .mp4 of images from one latent to the next (24)."""
    out: Path | None = None
    """File to write: a .png; an .npz, which --data npz:PATH reads; or a .gif or .mp4: clips in motion, or
    images on a walk through latents and back to the first, with all classes side by side (default:
    RUN/samples/seed-S.png)."""

    def __post_init__(self) -> None:
        conform(self)
        require_number("seed", self.seed, at_least=0, below=SEEDS)
        check_checkpoint(self.step, self.checkpoint)
        check_ema(self.ema)
        kinds = (".png", ".npz", *MOVING)
        require(self.kind in kinds, f"out must end in {', '.join(kinds[:-1])} or {kinds[-1]}, got {self.out}")
        animated = self.kind in MOVING
        if self.n is not None:
            require_number("n", self.n, at_least=2 if animated else 1)
        self._check_refine()
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
            require(animated, f"frames={self.frames} needs an out that ends in .gif or .mp4, got {self.out}")
        require(
            self.latents is None or self.truncation is None,
            f"truncation={self.truncation} has no effect on the latents of a file",
        )
        require(not (self.interpolate and animated), f"interpolate draws a still picture, but {self.out} would move")

    def _check_refine(self) -> None:
        for name in ("refine_steps", "refine_rate"):
            value = getattr(self, name)
            fits = self.refine == "langevin" or (name == "refine_steps" and self.refine == "metropolis")
            require(value is None or fits, f"{name}={value} has no effect with refine={self.refine}")
        if self.refine_steps is not None:
            require_number("refine_steps", self.refine_steps, at_least=1)
        if self.refine_rate is not None:
            require_number("refine_rate", self.refine_rate)
            require(self.refine_rate > 0, f"refine_rate must be above 0, got {self.refine_rate}")
        others = {"latents": self.latents is not None, "truncation": self.truncation is not None}
        others |= {"interpolate": self.interpolate, f"out={self.out}": self.kind in MOVING}
        for name, used in others.items():
            require(self.refine == "none" or not used, f"refine={self.refine} cannot be combined with {name}")

    @property
    def kind(self) -> str:
        """Suffix of the file."""
        return ".png" if self.out is None else self.out.suffix


class Drawing(NamedTuple):
    """Inputs of the generator, row by row, and the layout of its samples."""

    n: int
    columns: int
    latents: Float[np.ndarray, "n size"] | Float[np.ndarray, "n layers style"] | None = None
    condition: PyTree = None
    rows: Batch | None = None
    """Rows of the data, where the samples are asked for by rows."""
    frames: int = 1


def sample_run(folder: Path, sampling: Sampling) -> Path:
    """Draw from the averaged generator of a run and write the file that `sampling` asks for.

    A `.png` shows the samples as the medium of the data does, which may write other files beside it. A `.gif` or `.mp4`
    shows clips in motion. An `.npz` holds them as
    `jaxgan.data.load("npz:...")` reads them, with `labels` and `class_names` if the run has classes. A `.gif` or
    `.mp4` of images is a closed walk through `n` latents.

    Latent i depends on the seed and on i alone. Between latents that are uniform in a box the way is straight, else
    along the sphere (`latents.lerp`, `latents.slerp`).

    Returns:
        The path of the file.

    Raises:
        FileNotFoundError: if there is no run, no checkpoint, none of that step, or no best one.
        ValueError: if an option does not fit the run, or no checkpoint can be read.
    """
    run = run_folder.load(folder)
    experiment = experiment_of(run)
    _check_fits(sampling, run, experiment)
    medium = experiment.medium or experiment.data.medium
    walk = sampling.kind in MOVING and medium.name == "images"
    draw = _walk if walk else _rows if sampling.interpolate else _scattered
    drawing = draw(sampling, run, experiment)
    samples = _generate(run, experiment, sampling, drawing)
    out = sampling.out or run.samples / f"{'rows-' if sampling.interpolate else ''}seed-{sampling.seed}.png"
    out.parent.mkdir(parents=True, exist_ok=True)
    if sampling.kind == ".npz":
        return _write_arrays(out, samples, drawing, run, experiment)
    if walk:
        frames = samples.reshape(drawing.frames, -1, *samples.shape[1:])
        save = save_animation if sampling.kind == ".gif" else save_video
        save(out, frames, columns=drawing.columns, frames_per_second=FRAMES_PER_SECOND)
        return out
    shown = samples if drawing.rows is None else jax.device_get(experiment.view(drawing.rows, samples))
    if sampling.kind == ".mp4":
        rate = medium.frames_per_second or FRAMES_PER_SECOND
        save_video(out, shown.swapaxes(0, 1), columns=drawing.columns, frames_per_second=rate)
        return out
    saved = medium.save(out.with_suffix(""), shown, View(columns=drawing.columns))
    return sampling.out or saved


def _check_fits(sampling: Sampling, run: Run, experiment: Experiment) -> None:
    if sampling.kind == ".mp4":
        check_video()
    medium = (experiment.medium or experiment.data.medium).name
    _check_truncation_fits(sampling, run, experiment)
    if sampling.refine != "none":
        check_refinement(experiment, sampling.refine)
    require(
        experiment.conditional == "classes" or not sampling.labels,
        f"labels={sampling.labels} given, but the samples of {run.folder} are not conditioned on classes",
    )
    for option, used in (
        ("interpolate walks through latents", sampling.interpolate),
        (f"{MOVING.get(sampling.kind)} walks through latents", sampling.kind in MOVING and medium != "clips"),
        (f"latents={sampling.latents} holds latents", sampling.latents is not None),
    ):
        require(
            experiment.latents is not None or not used,
            f"{option}, but the samples of {run.folder} are not made from latents",
        )
    require(
        medium in ("images", "clips") or sampling.kind not in MOVING,
        f"out={sampling.out} needs images or clips, but {run.folder} makes {medium}",
    )
    require(
        medium != "clips" or sampling.frames is None,
        f"frames={sampling.frames} has no effect on clips, which have frames of their own",
    )
    check_columns(sampling, experiment.data.medium.name, run.folder)


def check_columns(sampling: Sampling, medium: str, folder: Path) -> None:
    """Raise `ValueError` if the number of columns has no effect on pictures of this medium."""
    plain = {"points": "points", "tokens": "texts"}.get(medium)
    require(
        plain is None or sampling.columns is None or sampling.interpolate,
        f"columns={sampling.columns} needs images, but {folder} makes {plain}",
    )


def _check_truncation_fits(sampling: Sampling, run: Run, experiment: Experiment) -> None:
    if experiment.truncated is not None or sampling.truncation is None:
        return
    layers, latents = sampling.truncation_layers, experiment.latents
    require(layers is None, f"truncation_layers={layers} needs a network with styles, and {run.folder} has none")
    require(sampling.truncation > 0, f"truncation must be above 0, got {sampling.truncation}")
    require(
        latents is not None and latents.truncated is not None,
        f"truncation={sampling.truncation} needs normal latents, and {run.folder} has none",
    )


def _scattered(sampling: Sampling, run: Run, experiment: Experiment) -> Drawing:
    """Latents on their own, or rows of the data."""
    given = _given(sampling, run, experiment)
    n = sampling.n or (64 if given is None else len(given.latents))
    check_count(n, experiment.data.shape, item=4)
    latents = None if experiment.latents is None else _latents(sampling, experiment, n, given)
    if experiment.conditional == "rows":
        assert isinstance(experiment.data, Dataset)
        require(
            n <= len(experiment.data),
            f"n={n} is more than the {len(experiment.data)} rows whose conditions the samples need",
        )
        rows = example(experiment.data, n, sampling.seed)
        return Drawing(n, sampling.columns or 8, latents, jax.device_get(experiment.ask(rows)), rows)
    if given is not None and given.labels is not None and not sampling.labels:
        return Drawing(n, min(sampling.columns or 8, n), latents, np.resize(given.labels, n))
    classes = _classes(sampling, run, experiment)
    columns = len(classes) if not sampling.labels and 1 < len(classes) <= MOST_CLASSES else 8
    labels = classes_in_turn(classes, n) if len(classes) else None
    return Drawing(n, min(sampling.columns or columns, n), latents, labels)


def _rows(sampling: Sampling, run: Run, experiment: Experiment) -> Drawing:
    """Row i has the path from latent 2i to latent 2i + 1, including both, with one label. An odd last latent of a file
    is followed by the first."""
    given, columns = _given(sampling, run, experiment), sampling.columns or 8
    classes = _classes(sampling, run, experiment, most=MOST_CLASSES)
    n = sampling.n or (len(classes) or 8 if given is None else -(-len(given.latents) // 2))
    check_count(n * columns, experiment.data.shape, item=4, name="n × columns", most=MOST_ON_PATHS)
    ends = _latents(sampling, experiment, 2 * n, given)
    labels = classes_in_turn(classes, n).repeat(columns) if len(classes) else None
    if given is not None and given.labels is not None and not sampling.labels:
        labels = np.resize(given.labels, 2 * n)[::2].repeat(columns)
    way = _between(experiment, ends[::2], ends[1::2], np.linspace(0, 1, columns))
    return Drawing(len(way), columns, way, labels)


def _walk(sampling: Sampling, run: Run, experiment: Experiment) -> Drawing:
    """A walk from each latent to the next, and from the last to the first; it is the same for every class."""
    given = _given(sampling, run, experiment)
    classes = _classes(sampling, run, experiment, most=MOST_CLASSES)
    count = max(1, len(classes))
    require(
        sampling.columns is None or count > 1,
        f"columns={sampling.columns} has no effect: {MOVING[sampling.kind]} shows one image a class, here one in all",
    )
    steps = sampling.frames or 24
    n = sampling.n or (8 if given is None else len(given.latents))
    names = "n × frames" if len(classes) == 0 else "n × frames × classes"
    check_count(n * steps * count, experiment.data.shape, item=4, name=names, most=MOST_ON_PATHS)
    stops = _latents(sampling, experiment, n, given)
    way = _between(experiment, stops, np.roll(stops, -1, axis=0), np.arange(steps) / steps)
    labels = np.tile(classes, len(way)) if len(classes) else None
    columns = min(sampling.columns or 5, count)
    return Drawing(len(way) * count, columns, way.repeat(count, axis=0), labels, frames=len(way))


def _given(sampling: Sampling, run: Run, experiment: Experiment) -> LatentsFile | None:
    if sampling.latents is None:
        return None
    classes = run.of.num_classes if experiment.conditional == "classes" else None
    return read_latents(sampling.latents, latent_shapes(experiment), classes)


def _classes(
    sampling: Sampling, run: Run, experiment: Experiment, most: int | None = None
) -> Int[np.ndarray, "classes"]:
    """Requested classes, else the first `most` classes with data; none if samples are not requested by class."""
    if experiment.conditional != "classes":
        return np.zeros(0, np.int32)
    asked = [class_number(label, class_names(run), unlabelled=experiment.unlabelled) for label in sampling.labels]
    return np.array(asked or with_rows(run)[:most], np.int32)


def _latents(
    sampling: Sampling, experiment: Experiment, n: int, given: LatentsFile | None
) -> Float[np.ndarray, "n ..."]:
    if given is not None:
        return given.latents[np.arange(n) % len(given.latents)]
    bound = None if experiment.truncated is not None else sampling.truncation
    return draw_latents(_latents_of(experiment), sampling.seed, n, bound=bound)


def _between(
    experiment: Experiment,
    start: Float[np.ndarray, "n ..."],
    end: Float[np.ndarray, "n ..."],
    t: Float[np.ndarray, "steps"],
) -> Float[np.ndarray, "n*steps ..."]:
    """Paths between latents, or straight paths between styles."""
    if start.ndim == 2:
        way = np.asarray(jax.jit(_latents_of(experiment).between)(start[:, None], end[:, None], t))
    else:
        way = start[:, None] + t[:, None, None] * (end - start)[:, None]
    return way.reshape(-1, *start.shape[1:]).astype(np.float32)


def _latents_of(experiment: Experiment) -> Latents:
    if experiment.latents is None:
        raise InputError("the samples are not made from latents")
    return experiment.latents


def _generate(run: Run, experiment: Experiment, sampling: Sampling, drawing: Drawing) -> PyTree:
    algorithm = experiment.algorithm
    if experiment.truncated is not None and sampling.truncation is not None:
        algorithm = experiment.truncated(sampling.truncation, sampling.truncation_layers)
    state = stored(run, experiment, step=sampling.step, checkpoint=sampling.checkpoint, ema=sampling.ema)
    latents, condition = drawing.latents, drawing.condition
    if sampling.refine != "none" and latents is not None:
        latents = refined(
            experiment,
            state,
            latents,
            condition,
            method=sampling.refine,
            steps=sampling.refine_steps or 100,
            rate=sampling.refine_rate or 0.1,
            seed=sampling.seed,
        ).latents
    chunks = generated(algorithm, state, drawing.n, condition=condition, latents=latents, seed=sampling.seed)
    return jax.tree.map(lambda *parts: np.concatenate(parts), *chunks)


def _write_arrays(out: Path, samples: PyTree, drawing: Drawing, run: Run, experiment: Experiment) -> Path:
    encode = experiment.data.medium.encode
    leaves = jax.tree_util.tree_leaves_with_path(samples)
    arrays: dict[str, Any] = {
        jax.tree_util.keystr(path, simple=True, separator="."): encode(leaf) for path, leaf in leaves
    }
    if len(leaves) == 1:
        arrays = {"images": encode(leaves[0][1])}
    if experiment.conditional == "classes":
        arrays |= {"labels": np.asarray(drawing.condition), "class_names": np.array(class_names(run))}
    np.savez_compressed(out, **arrays)
    return out
