"""Translation of bundled digits that were not trained on: is a digit still the digit that it was?

The first 1,500 rows are trained on, the last 297 are translated. A classifier of real digits, which has not seen the
last either, tells whether what came of a row has the row's label; beside that stand what it says of the real targets
(the ceiling) and of the sources as they are, and chance (10 %). The distances are means over pixels in [-1, 1]; that of
the mean target is their floor for a generator that looks at no source.

    python benchmarks/translation.py --seeds 3 --out benchmarks/results/translation.json
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import jax
import numpy as np
import tyro
from measure import report

import jaxgan
from jaxgan import data
from jaxgan.metrics.classifier import train_classifier
from jaxgan.metrics.summary import summarize
from jaxgan.observe.requests import generated
from jaxgan.recipes.making import made

TRAINED_ON = 1500


@dataclass(frozen=True)
class Options:
    """What to measure."""

    seeds: int = 3
    """Runs."""
    steps: int = 2000
    """Of each."""
    classifier_steps: int = 1200
    """Of the classifier."""
    out: Path | None = None
    """JSON file, such as benchmarks/results/translation.json."""


def part(dataset, rows):
    whole = np.arange(len(dataset))[rows]
    batch = dataset.take(whole)
    source, target = (data.Dataset(name, x) for name, x in (("edges", batch.condition), ("digits", batch.real)))
    return data.pairs(source, target)


def main(options):
    preset = jaxgan.preset("pix2pix")
    pairs = preset.recipe.dataset()
    digits = data.load("digits", image_size=pairs.shape[0])
    trained, kept = slice(TRAINED_ON), slice(TRAINED_ON, None)
    real = [data.Dataset("digits", digits.real[rows], digits.labels[rows], 10) for rows in (trained, kept)]
    classifier, labels = (
        train_classifier(real[0], held_out=real[1], steps=options.classifier_steps),
        digits.labels[kept],
    )
    test = part(pairs, kept)
    target, source = (np.asarray(test.medium.decode(x)) for x in (test.real, test.condition))

    def row(name, images):
        images = np.asarray(images)
        right = 100 * float(np.mean(classifier.predict(test.medium.encode(images)) == labels))
        squares = np.mean((images - target) ** 2)
        decibels = float(10 * np.log10(4 / squares)) if squares else None
        return {"what": name, "label kept %": right, "L1": float(np.mean(np.abs(images - target))), "PSNR dB": decibels}

    mean = np.asarray(test.medium.decode(part(pairs, trained).real)).mean(axis=0)
    rows = [
        row("real targets", target),
        row("sources", source),
        row("mean target", np.broadcast_to(mean, target.shape)),
    ]
    runs = []
    for seed in range(options.seeds):
        every = dict.fromkeys(("steps", "log_every", "sample_every", "checkpoint_every"), options.steps)
        config = preset.replace(seed=seed, **every)
        with tempfile.TemporaryDirectory() as out:
            training = part(pairs, trained)
            run = jaxgan.train(config, dataset=training, out=out, show="none")
        algorithm = made(config.recipe, training, config.program).algorithm
        chunks = generated(algorithm, jax.device_get(run.state), len(source), condition=source)
        runs.append(row(f"pix2pix, seed {seed}", np.concatenate(list(chunks))))
        print(runs[-1], flush=True)
    of = {name: summarize([run[name] for run in runs]) for name in ("label kept %", "L1", "PSNR dB")}
    shown = {name: f"{value.mean:.4g} ± {value.standard_error:.1g}" for name, value in of.items()}
    about = {"steps": options.steps, "trained on": TRAINED_ON, "translated": len(labels)}
    report("translation of digits", [*rows, *runs, {"what": "pix2pix"} | shown], out=options.out, **about)


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
