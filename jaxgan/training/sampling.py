"""Draw samples from a trained run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxgan.checks import require
from jaxgan.core import Batch, GANState
from jaxgan.data.images import encode
from jaxgan.training import checkpoints, pictures, run_folder
from jaxgan.training.build import build

CHUNK = 256


def sample_run(folder: Path, *, n: int, seed: int, labels: tuple[int, ...], out: Path) -> None:
    """Write `n` samples of the run's averaged generator, at its newest checkpoint, to `out`.

    A `.png` is a grid (or a cloud of points); an `.npz` holds `images` as `jaxgan.data.load("npz:...")` reads them, and
    for a conditional run `labels`.

    Args:
        folder: of the run.
        n: at least 1.
        seed: of the latents.
        labels: for a conditional run: cycled to n labels; all classes in turn if empty.
        out: ends in .png or .npz.

    Raises:
        FileNotFoundError: if there is no run or no checkpoint.
        ValueError: if an argument is out of range, or labels are given to a run that takes none.
    """
    require(n >= 1, f"n must be at least 1, got {n}")
    require(out.suffix in (".png", ".npz"), f"out must end in .png or .npz, got {out}")
    run = run_folder.load(folder)
    config, classes = run.config, run.of.num_classes
    require(config.conditional or not labels, f"labels={labels} given, but {folder} is not conditional")
    algorithm = build(config, run.of)
    like = jax.eval_shape(algorithm.init, jax.random.key(0), _any_batch(run.of.shape, config.conditional))
    with checkpoints.manager(run.checkpoints) as manager:
        state = checkpoints.restore(manager, like).state
    chosen = np.resize(labels or np.arange(classes or 1), n).astype(np.int32) if config.conditional else None
    made = _draw(algorithm.sample, state, seed, n, chosen)
    out.parent.mkdir(parents=True, exist_ok=True)
    if out.suffix == ".png":
        columns = classes if config.conditional and not labels and classes and classes <= 16 else 8
        pictures.save_picture(out, made, columns=min(columns, n))
    else:
        images = encode(made) if made.ndim == 4 else made
        if chosen is None:
            np.savez_compressed(out, images=images)
        else:
            np.savez_compressed(out, images=images, labels=chosen)


def _draw(sample: Callable[..., Any], state: GANState, seed: int, n: int, labels: np.ndarray | None) -> np.ndarray:
    """In chunks of one size, so that one program serves them all."""
    size = min(n, CHUNK)
    chunks = []
    for start in range(0, n, size):
        key = jax.random.fold_in(jax.random.key(seed), start)
        part = None if labels is None else jnp.asarray(np.resize(labels[start : start + size], size))
        chunks.append(np.asarray(sample(state, key, size, part)))
    return np.concatenate(chunks)[:n]


def _any_batch(shape: tuple[int, ...], conditional: bool) -> Batch:
    return Batch(jnp.zeros((2, *shape)), jnp.zeros(2, jnp.int32) if conditional else None)
