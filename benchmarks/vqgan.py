"""VQGAN on bundled digits that were not trained on, beside the same autoencoder without an adversary.

The first 1,500 digits are trained on, the last 297 are reconstructed. A classifier of real digits tells whether a
reconstruction still has the label, and the Fréchet distance is that of its features to those of the same 297 digits.
The floor is the distance between the first 1,500 and these; the real digits are the ceiling of the labels.

    python benchmarks/vqgan.py --seeds 3 --out benchmarks/results/vqgan-digits.json
    python benchmarks/vqgan.py --seeds 1 --options codes=16 --picture vqgan.png
"""

import time
from dataclasses import dataclass
from pathlib import Path

import jax
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import tyro
from measure import report
from mode_coverage import chosen_options
from translation import Digits, digits

import jaxgan
from jaxgan import data
from jaxgan.metrics.features import extract
from jaxgan.metrics.frechet import frechet_distance, moments
from jaxgan.recipes.making import made

PICTURED = 12
"""Digits in a picture."""


@dataclass(frozen=True)
class Options:
    """What to measure."""

    seeds: int = 3
    """Number of runs of each kind."""
    steps: int | None = None
    """Steps of each run (default: the preset's)."""
    classifier_steps: int = 1200
    """Training steps of the classifier."""
    options: tuple[str, ...] = ()
    """NAME=VALUE of options of all runs, such as codes=16."""
    picture: Path | None = None
    """PNG of the last run of each kind: images, reconstructions without an adversary, and with one."""
    out: Path | None = None
    """JSON file, such as benchmarks/results/vqgan-digits.json."""


def trained(config, dataset):
    """The algorithm, the state after all steps, the numbers of the last ones, and seconds."""
    program = config.program
    algorithm = made(config.recipe, dataset, program).algorithm
    repeated = data.resident(algorithm.step, batch_size=program.batch_size, seed=program.seed)
    step = jaxgan.jitted(jaxgan.repeated(repeated, program.steps_per_call))
    key, rows = jax.random.key(program.seed), dataset.on_device()
    state = algorithm.init(key, next(dataset.batches(program.batch_size, seed=program.seed)))
    state, _ = step(state, rows, key)
    jax.block_until_ready(state)
    begun = time.perf_counter()
    for _ in range(program.steps // program.steps_per_call - 1):
        state, info = step(state, rows, key)
    jax.block_until_ready(state)
    return algorithm, jax.device_get(state), jax.device_get(info), time.perf_counter() - begun


def features_of(judge: Digits, rows):
    """Moments of the classifier's features of images."""
    return moments(extract(judge.classifier.feature_function(), rows).features)


def pictured(path, rows):
    """A row of pictures for each kind."""
    picture = np.concatenate([np.concatenate(list(images[:PICTURED, ..., 0]), axis=1) for images in rows])
    plt.imsave(path, np.kron(picture, np.ones((4, 4))), cmap="gray", vmin=-1, vmax=1)


def main(options: Options) -> None:
    config = jaxgan.preset("vqgan-digits").replace(**chosen_options(options.options))
    config = config if options.steps is None else config.replace(steps=options.steps)
    rows = config.recipe.dataset().real
    judge = digits(options, rows, rows)
    kept, train_on = judge.medium.decode(judge.kept), data.Dataset("digits", judge.trained)
    real = features_of(judge, kept)
    table = [judge.row("real digits", kept, kept)]
    table[0] |= {"Fréchet distance": frechet_distance(features_of(judge, judge.medium.decode(judge.trained)), real)}
    images = [np.asarray(kept)]
    kinds = {"no adversary": {"adversarial_weight": 0.0, "adversarial_start": 0}, "vqgan": {}}
    for kind, changed in kinds.items():
        for seed in range(options.seeds):
            each = config.replace(seed=seed, **changed)
            algorithm, state, info, seconds = trained(each, train_on)
            again = np.asarray(algorithm.sample(state, jax.random.key(0), len(kept), kept))
            row = judge.row(f"{kind}, seed {seed}", again, kept)
            found = features_of(judge, again)
            row |= {"Fréchet distance": frechet_distance(found, real)}
            row |= {"perplexity": float(np.mean(info["perplexity"])), "seconds": seconds}
            table.append(row)
            print(row, flush=True)
        images.append(again)
    if options.picture is not None:
        pictured(options.picture, images)
    columns = list(dict.fromkeys(column for row in table for column in row))
    table = [{column: row.get(column, "") for column in columns} for row in table]
    report("vqgan", table, out=options.out, steps=config.program.steps, options=list(options.options))


if __name__ == "__main__":
    main(tyro.cli(Options))
