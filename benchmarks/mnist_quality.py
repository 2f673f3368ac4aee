"""Time to quality on MNIST: Fréchet distance, precision and recall by a classifier's features, against seconds.

Presets train for the same time on one device, several seeds each, and their averaged generators' samples are compared
with the test images. `the data` are training images in the place of samples: what a perfect generator would get.

    article-mnist        the article's dense networks, with labels
    dcgan-mnist          DCGAN with R1
    conditional-mnist    the same with labels; also the share of samples that are of the class asked for
    sn-hinge-mnist       DCGAN with spectral norm and the hinge loss
    sn-resnet-mnist      SN-ResNet with the hinge loss, its paper's optimizer, one critic step
    r3gan-mnist          R3GAN's networks and objective, small

    python benchmarks/mnist_quality.py --data-dir DIR --out mnist_quality.json --picture mnist_quality.png
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import tyro
from measure import report
from quality import Judge, shown, train

from jaxgan import data, preset
from jaxgan.data.media.images import grid

Configuration = Literal[
    "article-mnist", "dcgan-mnist", "conditional-mnist", "sn-hinge-mnist", "sn-resnet-mnist", "r3gan-mnist"
]
SHOWN = 40
"""Samples in the picture."""


@dataclass(frozen=True)
class Options:
    """What to compare."""

    data_dir: str | None = None
    """Folder of TFDS's MNIST."""
    configurations: tuple[Configuration, ...] = get_args(Configuration)
    """Values to compare, one row each."""
    seeds: int = 3
    """Number of runs of each."""
    seconds: float = 120.0
    """Seconds of training of each run."""
    moments: int = 4
    """Number of points of each curve."""
    samples: int = 10_000
    """Samples of each judgement."""
    classifier_steps: int = 1200
    """Training steps of the classifier whose features are compared."""
    picture: Path | None = None
    """PNG of the curves and of samples."""
    out: Path | None = None
    """JSON file, such as benchmarks/results/mnist_quality.json."""


def config_of(name, options, seed):
    if name == "sn-resnet-mnist":
        found = preset("sn-hinge-mnist").replace(network="sn_resnet", width=16, latent_size=128)
    else:
        found = preset(name)
    every = {f"{what}_every": 10 for what in ("log", "sample", "checkpoint")}
    return found.replace(data_dir=options.data_dir, seed=seed, steps_per_call=10, steps=10, **every)


def row_of(name, curves):
    last = [curve[-1] for curve in curves]
    names = [key for key in last[0] if key not in ("seconds", "step")]
    row = {"configuration": name} | {key: shown([point[key] for point in last]) for key in names}
    return row | {"steps": f"{np.mean([point['step'] for point in last]):,.0f}"}


def draw(path, curves, pictures):
    figure = plt.figure(figsize=(9, 3.2 + 1.1 * len(pictures)), layout="constrained")
    top, bottom = figure.subfigures(2, 1, height_ratios=(3.2, 1.1 * len(pictures)))
    for axis, what in zip(top.subplots(1, 3), ("FID", "precision", "recall"), strict=True):
        for name, runs in curves.items():
            values = np.array([[point[what] for point in run] for run in runs]).mean(axis=0)
            axis.plot([point["seconds"] for point in runs[0]], values, marker=".", label=name)
        axis.set(xlabel="seconds of training", title=what, yscale="log" if what == "FID" else "linear")
    axis.legend(fontsize=6)
    lines = bottom.subplots(len(pictures), 1, squeeze=False)[:, 0]
    for axis, (name, images) in zip(lines, pictures.items(), strict=True):
        axis.imshow(grid(images[:SHOWN] / np.float32(127.5) - 1, SHOWN // 2), cmap="gray")
        axis.set(xticks=[], yticks=[])
        axis.set_title(name, fontsize=8)
    figure.savefig(path, dpi=100)


def main(options):
    training, test = (data.load("tfds:mnist", data_dir=options.data_dir, split=split) for split in ("train", "test"))
    judge = Judge(training, test, steps=options.classifier_steps)
    rows = [row_of("the data", [[{"step": 0} | judge(np.asarray(training.real[: options.samples]))]])]
    curves, pictures = {}, {}
    for name in options.configurations:
        curves[name] = []
        for seed in range(options.seeds):
            budget = {"seconds": options.seconds, "moments": options.moments, "samples": options.samples}
            curve, pictures[name] = train(config_of(name, options, seed), training, judge, **budget)
            print(name, seed, curve[-1], flush=True)
            curves[name].append(curve)
        rows.append(row_of(name, curves[name]))
    if options.picture is not None:
        draw(options.picture, curves, pictures)
    about = {"seconds": options.seconds, "seeds": options.seeds, "samples": options.samples}
    about |= {"classifier": judge.classifier.name, "classifier_accuracy": judge.classifier.accuracy}
    report("mnist_quality", rows, out=options.out, **about, curves=curves)


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
