"""Modes of 1000 and reverse KL on digits stacked in three channels, beside what papers report.

A classifier of single digits, trained here, names the digit in each channel of a sample, and three of them the mode.
Its error on held-out digits is stated, and so is what it makes of the data themselves.

    dcgan          the non-saturating loss without penalties, with DCGAN's own optimizer
    pacgan2        the same, two images judged as one
    r1             the non-saturating loss with R1
    rpgan_r1_r2    relativistic pairing with R1 and R2, R3GAN's objective, on the same networks without batch
                   normalisation in the discriminator

    python benchmarks/stacked_modes.py --data stacked_mnist --data-dir DIR --out mnist.json --picture mnist.png

Stacked MNIST needs MNIST as TFDS prepares it; stacked_digits, of the 8 x 8 digits that scikit-learn bundles, needs
nothing and stands in for it. Every configuration runs on one device.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import jax
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import optax
import tyro
from configurations import build, chosen_options, options_of, record_of
from measure import report

import jaxgan
from jaxgan import Players, data, dynamics, latents, losses, networks
from jaxgan.data.media.images import encode, grid
from jaxgan.metrics.classes import class_coverage, stacked
from jaxgan.metrics.classifier import train_classifier
from jaxgan.recipes.gan import GAN
from jaxgan.recipes.recipe import DataShape

CHUNK = 256
"""Samples that are made at once."""
SHOWN = 64
"""Samples in the picture."""
PUBLISHED = {
    "DCGAN, in VEEGAN's paper": ("99", "3.40"),
    "ALI, in VEEGAN's paper": ("16", "5.40"),
    "unrolled, in VEEGAN's paper": ("48.7", "4.32"),
    "VEEGAN, in its paper": ("150", "2.95"),
    "PacDCGAN2, in PacGAN's paper": ("1000", "0.06"),
    "StyleGAN2, in R3GAN's paper": ("940", "0.42"),
    "R3GAN, in its paper": ("1000", "0.029"),
}
"""Modes and reverse KL on Stacked MNIST over some 26,000 samples. Networks, steps and classifiers differ."""

Configuration = Literal["dcgan", "pacgan2", "r1", "rpgan_r1_r2"]


@dataclass(frozen=True)
class Options:
    """What to compare."""

    data: Literal["stacked_digits", "stacked_mnist"] = "stacked_digits"
    """Digits in three channels."""
    data_dir: str | None = None
    """Folder of TFDS's MNIST."""
    image_size: int | None = None
    """Pixels a side (default: 16, of MNIST 28)."""
    configurations: tuple[Configuration, ...] = get_args(Configuration)
    """Values to compare, one row each."""
    steps: int = 30_000
    """Steps of each configuration."""
    width: int = 32
    """Channels next to the image."""
    batch_size: int = 64
    """Real images in a step."""
    steps_per_call: int = 50
    """Steps in one compiled call."""
    samples: int = 25_600
    """Number of samples whose modes are counted."""
    classifier_steps: int = 1200
    """Steps that the classifier of single digits is trained for."""
    moments: int = 10
    """Points of the curve, evenly over the steps."""
    seed: int = 0
    """Seed of weights, order and latents."""
    options: tuple[str, ...] = ()
    """NAME=VALUE of options of all configurations, such as instance_noise=1; pacgan2 takes sizes, rates and the average
    alone."""
    picture: Path | None = None
    """PNG of samples, and of modes and KL over training."""
    out: Path | None = None
    """JSON file, such as benchmarks/results/stacked_modes-mnist.json."""


def config_of(options, name):
    """Configuration of a name: what all share, and what is special."""
    folder = {"data_dir": options.data_dir} if options.data == "stacked_mnist" else {}
    shared = jaxgan.Configuration(GAN()).replace(
        data=options.data,
        image_size=options.image_size or (28 if options.data == "stacked_mnist" else 16),
        width=options.width,
        batch_size=options.batch_size,
        steps=options.steps,
        steps_per_call=options.steps_per_call,
        seed=options.seed,
        **folder,
        **{f"{what}_every": options.steps for what in ("log", "sample", "checkpoint")},
    )
    fast = {"generator_rate": 1e-3, "discriminator_rate": 1e-3, "schedule": "cosine"}
    changes = {
        "dcgan": {},
        "pacgan2": {},
        "r1": {**fast, "r1": 0.3},
        "rpgan_r1_r2": {**fast, "loss": "relativistic_pairing", "r1": 0.3, "r2": 0.3, "b1": 0.0, "batch_norm": False},
    }
    return shared.replace(**(changes[name] | chosen_options(options.options)))


def pacgan2(config, of):
    options = options_of(config)
    game = jaxgan.gan(
        networks.DCGANGenerator(image_size=of.shape[0], channels=of.shape[2], width=options.width),
        networks.DCGANDiscriminator(width=options.width),
        loss=losses.non_saturating(),
        latent_size=options.latent_size,
        latent=latents.normal,
        pack=2,
    )
    rates = (options.generator_rate, options.discriminator_rate)
    rule = dynamics.alternating(Players(*(optax.adam(rate, b1=options.b1, b2=options.b2) for rate in rates)))
    return jaxgan.algorithm(game, rule, ema_decay=options.ema_decay)


class Judge:
    """Counts the modes of images by a classifier of single digits.

    The KL of the single channels says how much of the KL is due to digits that are too frequent anywhere.
    """

    def __init__(self, source, steps):
        spec = "digits" if source.NAME == "stacked_digits" else "tfds:mnist"
        where = {"image_size": source.image_size, "data_dir": getattr(source, "data_dir", None)}
        held_out = 0.2 if spec == "digits" else data.load(spec, split="test", **where)
        self.classifier = train_classifier(data.load(spec, **where), held_out=held_out, steps=steps)

    def __call__(self, images):
        """Modes and reverse KL of uint8 images `[N, H, W, 3]`."""
        digits = [self.classifier.predict(images[..., channel : channel + 1]) for channel in range(3)]
        coverage = class_coverage(stacked(np.stack(digits, axis=1)), 1000)
        channels = [class_coverage(digit, 10).reverse_kl for digit in digits]
        return {"modes": coverage.classes, "reverse KL": coverage.reverse_kl, "of channels": channels}


def samples_of(algorithm, state, count):
    """`[count, H, W, 3]` uint8, as images are stored."""
    keys = jax.random.split(jax.random.key(1), -(-count // CHUNK))
    return np.concatenate([encode(np.asarray(algorithm.sample(state, key, CHUNK))) for key in keys])[:count]


def train(name, config, dataset, judge, options):
    """The curve, a record a moment, and the last samples; seconds are of the training alone, compilation included."""
    of = DataShape(dataset.shape, None)
    algorithm = pacgan2(config, of) if name == "pacgan2" else build(config, of)
    program = config.program
    key, on_device = jax.random.key(program.seed), dataset.on_device()
    state = algorithm.init(key, next(dataset.batches(program.batch_size, program.seed)))
    drawing = data.resident(algorithm.step, batch_size=program.batch_size, seed=program.seed)
    step = jaxgan.jitted(jaxgan.repeated(drawing, program.steps_per_call))
    calls = program.steps // program.steps_per_call
    moments = {round(calls * (i + 1) / options.moments) for i in range(options.moments)}
    curve, spent, begun = [], 0.0, time.perf_counter()
    for call in range(1, calls + 1):
        state, _ = step(state, on_device, key)
        if call in moments:
            jax.block_until_ready(state)
            spent += time.perf_counter() - begun
            images = samples_of(algorithm, state, options.samples)
            curve.append({"step": call * program.steps_per_call, "seconds": round(spent, 1)} | judge(images))
            print(name, curve[-1], flush=True)
            begun = time.perf_counter()
    return curve, images


def row(name, found):
    return {"configuration": name} | {what: found[what] for what in ("modes", "reverse KL", "step", "seconds")}


def draw(path, shown, curves):
    figure = plt.figure(figsize=(3.2 * max(2, len(shown)), 6.4), layout="constrained")
    samples, numbers = figure.subfigures(2, 1, height_ratios=(3.2, 2.6))
    axes = samples.subplots(1, len(shown), squeeze=False)[0]
    for axis, (name, images) in zip(axes, shown.items(), strict=True):
        axis.imshow(grid(images[:SHOWN] / np.float32(127.5) - 1, 8))
        axis.set(title=name, xticks=[], yticks=[])
    for axis, what in zip(numbers.subplots(1, 2), ("modes", "reverse KL"), strict=True):
        for name, curve in curves.items():
            axis.plot([point["seconds"] / 60 for point in curve], [point[what] for point in curve], label=name)
        axis.set(xlabel="minutes of training", ylabel=what, yscale="log" if what == "reverse KL" else "linear")
    axis.legend(fontsize=7)
    figure.savefig(path, dpi=100)


def main(options):
    configs = {name: config_of(options, name) for name in options.configurations}
    source = next(iter(configs.values())).recipe.data
    judge, dataset = Judge(source, options.classifier_steps), source.dataset()
    rows = [row("the data", judge(dataset.real[: options.samples]) | {"step": "", "seconds": ""})]
    curves, shown = {}, {}
    for name, config in configs.items():
        curves[name], shown[name] = train(name, config, dataset, judge, options)
        rows.append(row(name, curves[name][-1]))
    rows += [dict(zip(rows[0], (name, *numbers, "", ""), strict=True)) for name, numbers in PUBLISHED.items()]
    if options.picture is not None:
        draw(options.picture, shown, curves)
    error = 1 - judge.classifier.accuracy
    print(f"the classifier errs on {error:.2%} of {judge.classifier.held_out:,} held-out digits")
    about = {"data": options.data, "samples": options.samples, "classifier": judge.classifier.name}
    about |= {"classifier_error": error, "held_out": judge.classifier.held_out}
    configurations = {name: record_of(config) | {"data_dir": None} for name, config in configs.items()}
    report("stacked_modes", rows, out=options.out, **about, configurations=configurations, curves=curves)


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
