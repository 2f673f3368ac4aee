"""Training on few images of MNIST, in grey or in colours, or of the bundled digits, with and without augmentation.

DCGAN with R1, equally many steps each: the preset dcgan-mnist, or digits without labels. The averaged generator's
samples are compared with held-out images by the features of a classifier of all training images, of which the run sees
the first alone. The coloured digits have 32 pixels a side; ink and paper have random hues, and the classifier names the
digit and the third of the circle in which the hue of its ink is. Of the bundled digits 1,200 are for training, and the
others are held out. An adaptive augmentation follows the signs of logits at the pace of `--ada-images`; bcr is the
balanced form of consistency regularisation, of weight 10. `the images themselves` are what a generator that repeats
them all would get.

    python benchmarks/small_data.py --data-dir DIR --images 3000 60000 --out small_data.json
    python benchmarks/small_data.py --data digits --images 120 1200 --steps 3000 --seeds 2
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import tyro
from matplotlib.colors import hsv_to_rgb
from measure import report, settings
from quality import Judge, train

from jaxgan import data, preset

Augment = Literal["none", "diffaugment", "ada", "apa", "bcr"]
TRAINING = 1200
"""Bundled digits to train on."""
HUES = 3
"""Parts of the circle of hues that the classifier of coloured digits distinguishes."""


@dataclass(frozen=True)
class Options:
    """What to compare."""

    data: Literal["mnist", "coloured", "digits"] = "mnist"
    """Data to train on; coloured: MNIST's digits in random colours; digits: bundled ones of 16 pixels."""
    data_dir: str | None = None
    """Folder of TFDS's MNIST."""
    images: tuple[int, ...] = (3000, 6000, 60_000)
    """Numbers of images to train on: the first of the training set."""
    augment: tuple[Augment, ...] = get_args(Augment)
    """One row each, for each number of images."""
    steps: int = 6000
    """Steps of each run, a multiple of 10."""
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
    if options.data == "digits":
        found = preset("digits").replace(condition="none", schedule="constant")
    else:
        found = preset("dcgan-mnist").replace(data_dir=options.data_dir)
    found = found.replace(seed=seed, steps_per_call=10, steps=10, **every)
    if augment == "bcr":
        return found.replace(balanced_consistency=10.0)
    follows = {"ada_images": options.ada_images} if augment in ("ada", "apa") else {}
    return found.replace(augment=augment, **follows)


def loaded(options):
    """Training images and held-out ones."""
    if options.data == "digits":
        return bundled()
    parts = [data.load("tfds:mnist", data_dir=options.data_dir, split=split) for split in ("train", "test")]
    return [coloured(part, seed) for seed, part in enumerate(parts)] if options.data == "coloured" else parts


def coloured(digits, seed):
    """Digits of 28 pixels as bright ink on dark paper of 32 pixels, each of a random hue."""
    ink, paper = np.random.default_rng(seed).random((2, len(digits)))
    grey = np.pad(np.asarray(digits.real), ((0, 0), (2, 2), (2, 2), (0, 0))) / np.float32(255)
    bright, dark = (
        hsv_to_rgb(np.stack([hue, np.full_like(hue, 0.8), np.full_like(hue, value)], axis=-1))
        for hue, value in ((ink, 1.0), (paper, 0.4))
    )
    images = np.empty((*grey.shape[:3], 3), np.uint8)
    for i, one in enumerate(grey):
        images[i] = np.rint(255 * (one * bright[i] + (1 - one) * dark[i]))
    classes = np.asarray(digits.labels) * HUES + (ink * HUES).astype(int)
    return data.Dataset("coloured MNIST", images, classes, digits.num_classes * HUES)


def bundled():
    """The first 1,200 of the bundled digits, and the others."""
    whole = data.load("digits", image_size=16)
    parts = (slice(TRAINING), slice(TRAINING, None))
    return [data.Dataset("digits", whole.real[part], whole.labels[part], 10) for part in parts]


def first(training, count):
    return data.Dataset(f"{count:,} images", training.real[:count], training.labels[:count], training.num_classes)


def main(options):
    training, held_out = loaded(options)
    judge, rows, curves = Judge(training, held_out, steps=options.classifier_steps), [], {}
    floor = judge(np.asarray(training.real[: options.samples]))["FID"]
    budget = {"steps": options.steps, "moments": options.moments, "samples": options.samples}
    for count in options.images:
        own = judge(np.asarray(training.real[:count]))["FID"]
        rows.append({"images": f"{count:,}", "augment": "the images themselves", "FID": own})
        for augment in options.augment:
            found = []
            for seed in range(options.seeds):
                curve, _ = train(config_of(options, augment, seed), first(training, count), judge, **budget)
                found.append({"best FID": min(point["FID"] for point in curve)} | curve[-1])
                curves[f"{count} images, {augment}, seed {seed}"] = curve
            row = {"images": f"{count:,}", "augment": augment}
            names = ("best FID", "FID", "precision", "recall", "seconds")
            rows.append(row | {name: float(np.mean([one[name] for one in found])) for name in names})
            rows[-1]["FID of each seed"] = ", ".join(f"{one['FID']:.3g}" for one in found)
            print(rows[-1], flush=True)
    about = {"settings": settings(options), "classifier": judge.classifier.name, "FID of the training images": floor}
    about |= {"classifier_accuracy": judge.classifier.accuracy, "test_images": len(np.asarray(judge.reference.real))}
    report("small_data", rows, out=options.out, **about, curves=curves)


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
