"""Variants of the default run: how its samples of each digit compare with held-out ones, and what it takes.

Each variant changes options of the preset digits. It trains on 1,200 of the bundled digits, and its averaged generator
is compared with the other 597 by the features of a classifier. "Seconds" count from the start of tracing to the last
step, so that they include compilation; judging is not counted. `the data` are the digits trained on.

    python benchmarks/digits.py --seeds 3 --variants "" "schedule=cosine steps=1200"
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
from configurations import chosen_options, record_of
from measure import report, settings
from quality import Judge, samples_of, shown, started
from small_data import bundled

from jaxgan import preset
from jaxgan.data.media.images import grid

ROWS = 8
"""Samples of each class in the picture."""


@dataclass(frozen=True)
class Options:
    """What to compare."""

    variants: tuple[str, ...] = ("",)
    """Options of each variant, NAME=VALUE, separated by spaces; an empty one is the preset."""
    seeds: int = 3
    """Number of runs of each."""
    samples: int = 2000
    """Samples of each judgement."""
    classifier_steps: int = 1200
    """Training steps of the classifier."""
    picture: Path | None = None
    """PNG of samples of the last seed of each variant, one column a class."""
    out: Path | None = None
    """JSON file, such as benchmarks/results/digits.json."""


def train(config, dataset, judge, samples):
    """Numbers of the samples after all steps, and the samples."""
    begun = time.perf_counter()
    algorithm, state, step, key = started(config, dataset)
    on_device, program = dataset.on_device(), config.program
    compiled = time.perf_counter() - begun
    for _ in range(program.steps // program.steps_per_call):
        state, _ = step(state, on_device, key)
    jax.block_until_ready(state)
    seconds = time.perf_counter() - begun
    images, labels = samples_of(algorithm, state, samples, classes=dataset.num_classes)
    right = judge.classifier.predict(images) == labels
    classes = [float(right[labels == label].mean()) for label in range(dataset.num_classes)]
    numbers = judge(images, labels) | {"obeyed, least": min(classes)}
    return numbers | {"seconds": seconds, "compiling": compiled}, images


def row_of(name, found):
    return {"variant": name} | {what: shown([one[what] for one in found]) for what in found[0]}


def draw(path, pictures):
    figure, axes = plt.subplots(
        1, len(pictures), figsize=(3.4 * len(pictures), 3.6), squeeze=False, layout="constrained"
    )
    for axis, (name, images) in zip(axes[0], pictures.items(), strict=True):
        axis.imshow(grid(images[: 10 * ROWS] / np.float32(127.5) - 1, 10), cmap="gray")
        axis.set(xticks=[], yticks=[])
        axis.set_title(name.replace(" ", "\n"), fontsize=8)
    figure.savefig(path, dpi=100)


def main(options):
    training, held_out = bundled()
    judge = Judge(training, held_out, steps=options.classifier_steps)
    own = judge(np.asarray(training.real), training.labels)
    rows, runs, pictures, configurations = [row_of("the data", [own])], {}, {}, {}
    for variant in options.variants:
        name, found = variant or "digits", []
        for seed in range(options.seeds):
            config = preset("digits").replace(seed=seed, **chosen_options(variant.split()))
            numbers, pictures[name] = train(config, training, judge, options.samples)
            print(name, seed, numbers, flush=True)
            found.append(numbers)
        rows.append(row_of(name, found) | {"steps": str(config.program.steps)})
        runs[name], configurations[name] = found, record_of(config)
    if options.picture is not None:
        draw(options.picture, pictures)
    about = {"settings": settings(options), "classifier_accuracy": judge.classifier.accuracy, "held_out": len(held_out)}
    report("digits", rows, out=options.out, **about, runs=runs, configurations=configurations)


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
