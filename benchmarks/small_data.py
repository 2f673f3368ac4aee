"""Training on a small part of MNIST, or of the bundled digits, with and without augmentation.

DCGAN with R1 for the same time each: the preset dcgan-mnist, or digits without labels. The averaged generator's samples
are compared with held-out images by the features of a classifier of all training images, of which the run sees its
share alone. Of the bundled digits 1,200 are for training, and the others are held out. The augmentation follows signs
of logits at the pace of `--ada-images`; bcr is the balanced form of consistency regularisation, of weight 10.

    python benchmarks/small_data.py --data-dir DIR --out small_data.json
    python benchmarks/small_data.py --data digits --percent 10 100 --seconds 60 --seeds 2
"""

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import tyro
from measure import report
from quality import Judge, train

from jaxgan import data, preset

Augment = Literal["none", "diffaugment", "ada", "apa", "bcr"]
TRAINING = 1200
"""Bundled digits to train on."""


@dataclass(frozen=True)
class Options:
    """What to compare."""

    data: Literal["mnist", "digits"] = "mnist"
    """Data to train on; digits: bundled ones of 16 pixels."""
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
    seeds: int = 1
    """Runs of each, with these seeds of weights, order and latents."""
    ada_images: int = 500_000
    """Number of real images in which an adaptive probability moves by 1."""
    out: Path | None = None
    """JSON file, such as benchmarks/results/small_data.json."""


def config_of(options, augment, seed):
    every = {f"{what}_every": 10 for what in ("log", "sample", "checkpoint")}
    if options.data == "mnist":
        found = preset("dcgan-mnist").replace(data_dir=options.data_dir)
    else:
        found = preset("digits").replace(condition="none", schedule="constant")
    found = found.replace(seed=seed, steps_per_call=10, steps=10, **every)
    if augment == "bcr":
        return found.replace(balanced_consistency=10.0)
    follows = {"ada_images": options.ada_images} if augment in ("ada", "apa") else {}
    return found.replace(augment=augment, **follows)


def loaded(options):
    """Training images and held-out ones."""
    if options.data == "mnist":
        return [data.load("tfds:mnist", data_dir=options.data_dir, split=split) for split in ("train", "test")]
    whole = data.load("digits", image_size=16)
    parts = (slice(TRAINING), slice(TRAINING, None))
    return [data.Dataset("digits", whole.real[part], whole.labels[part], 10) for part in parts]


def share(training, percent):
    count = len(training) * percent // 100
    return data.Dataset(f"{percent} %", training.real[:count], training.labels[:count], training.num_classes)


def main(options):
    training, held_out = loaded(options)
    judge, rows, curves = Judge(training, held_out, steps=options.classifier_steps), [], {}
    floor = judge(np.asarray(training.real[: options.samples]))["FID"]
    budget = {"seconds": options.seconds, "moments": options.moments, "samples": options.samples}
    for percent, augment in itertools.product(options.percent, options.augment):
        found = []
        for seed in range(options.seeds):
            curve, _ = train(config_of(options, augment, seed), share(training, percent), judge, **budget)
            found.append({"best FID": min(point["FID"] for point in curve)} | curve[-1])
            curves[f"{percent} %, {augment}, seed {seed}"] = curve
        row = {"% of the data": str(percent), "augment": augment}
        names = ("best FID", "FID", "precision", "recall", "step")
        rows.append(row | {name: float(np.mean([one[name] for one in found])) for name in names})
        rows[-1]["FID of each seed"] = ", ".join(f"{one['FID']:.3g}" for one in found)
        print(rows[-1], flush=True)
    about = {"options": str(options), "classifier": judge.classifier.name, "FID of the training images": floor}
    about |= {"classifier_accuracy": judge.classifier.accuracy, "test_images": len(np.asarray(judge.reference.real))}
    report("small_data", rows, out=options.out, **about, curves=curves)


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
