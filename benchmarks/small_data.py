"""Training on 5, 10 and 100 % of MNIST, with and without augmentation.

DCGAN with R1 (the preset dcgan-mnist) for the same time each; the averaged generator's samples are compared with the
test images by the features of a classifier of all training images, of which the run sees its share alone.

    python benchmarks/small_data.py --data-dir DIR --out small_data.json
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import tyro
from measure import report
from quality import Judge, train

from jaxgan import data, preset

Augment = Literal["none", "diffaugment", "ada", "apa"]


@dataclass(frozen=True)
class Options:
    """What to compare."""

    data_dir: str | None = None
    """Folder of TFDS's MNIST."""
    percent: tuple[int, ...] = (5, 10, 100)
    """Percentages of the training images."""
    augment: tuple[Augment, ...] = get_args(Augment)
    """One row each, for each share."""
    seconds: float = 120.0
    """Seconds of training of each run."""
    moments: int = 4
    """Number of points of each curve."""
    samples: int = 10_000
    """Samples of each judgement."""
    classifier_steps: int = 1200
    """Training steps of the classifier whose features are compared."""
    seed: int = 0
    """Seed of weights, order and latents."""
    out: Path | None = None
    """JSON file, such as benchmarks/results/small_data.json."""


def config_of(options, augment):
    every = {f"{what}_every": 10 for what in ("log", "sample", "checkpoint")}
    found = preset("dcgan-mnist").replace(augment=augment, seed=options.seed, steps_per_call=10, steps=10, **every)
    return found.replace(data_dir=options.data_dir)


def main(options):
    def mnist(split):
        return data.load("tfds:mnist", data_dir=options.data_dir, split=split)

    judge, rows, curves = Judge(mnist("train"), mnist("test"), steps=options.classifier_steps), [], {}
    budget = {"seconds": options.seconds, "moments": options.moments, "samples": options.samples}
    for percent in options.percent:
        dataset = mnist(f"train[:{percent}%]")
        for augment in options.augment:
            curve, _ = train(config_of(options, augment), dataset, judge, **budget)
            best = min(curve, key=lambda point: point["FID"])
            row = {"% of the data": str(percent), "augment": augment, "best FID": best["FID"], "at s": best["seconds"]}
            rows.append(row | {key: curve[-1][key] for key in ("FID", "precision", "recall", "step")})
            curves[f"{percent} %, {augment}"] = curve
            print(rows[-1], flush=True)
    about = {"seconds": options.seconds, "samples": options.samples, "classifier": judge.classifier.name}
    about |= {"classifier_accuracy": judge.classifier.accuracy, "test_images": len(np.asarray(judge.reference.real))}
    report("small_data", rows, out=options.out, **about, curves=curves)


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
