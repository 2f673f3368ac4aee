"""CycleGAN under each update rule: do inverted digits stay the digits that they were, how long does it take, and does
the game attract at the end?

The preset `cyclegan-digits`, on the first 1,500 digits, each rule with the same steps, seeds and
batches. The last 297 digits are translated both ways by the averaged generators, and a classifier of real digits tells
whether each still has its label. Beside that stand the real targets (the ceiling), and the sources as they are (the
floor). Rules without Adam have a learning rate of their own (`--plain-rate`). The verdict is that of the eigenvalues of
smallest real part of the joint gradient field at the end (`jaxgan.diagnostics.jacobian_spectrum`), at the first seed.

    python benchmarks/cyclegan_rules.py --out benchmarks/results/cyclegan_rules.json
    python benchmarks/cyclegan_rules.py --rules alternating extragradient --seeds 3
    python benchmarks/cyclegan_rules.py --rules consensus --consensus-weight 0.001
"""

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

import jax
import numpy as np
import tyro
from measure import report, settings
from scipy.sparse.linalg import ArpackNoConvergence
from translation import TRAINED_ON, TURNS, digits, runs, translated

import jaxgan
from jaxgan import data, xla_settings
from jaxgan.diagnostics import jacobian_spectrum
from jaxgan.recipes.making import made
from jaxgan.recipes.rules import Rule

RULES = tuple(rule.NAME for rule in get_args(Rule))
WITHOUT_ADAM = ("competitive", "runge_kutta")


@dataclass(frozen=True)
class Options:
    """What to measure."""

    rules: tuple[str, ...] = RULES
    """Names of rules (default: all)."""
    image_size: int = 16
    """Pixels per side."""
    steps: int = 800
    """Steps of each run."""
    seeds: int = 1
    """Runs of each rule."""
    plain_rate: float = 0.05
    """Learning rate of both players under rules without Adam."""
    consensus_weight: float = 10.0
    """Weight of the rule consensus."""
    classifier_steps: int = 1200
    """Training steps of the classifier."""
    out: Path | None = None
    """JSON file, such as benchmarks/results/cyclegan_rules.json."""


def configured(rule, options):
    rates = {"generator_rate": options.plain_rate, "discriminator_rate": options.plain_rate}
    config = jaxgan.preset("cyclegan-digits").replace(rule=rule, image_size=options.image_size, steps=options.steps)
    if rule == "consensus":
        return config.replace(consensus_weight=options.consensus_weight)
    return config.replace(**rates) if rule in WITHOUT_ADAM else config


def verdict(experiment, state, batch_size):
    """The spectrum's sentence at a state, or why there is none."""
    batch = next(experiment.data.batches(batch_size, 10_000))
    try:
        found = jacobian_spectrum(experiment.algorithm.game, state, batch, jax.random.key(0), count=2)
    except (ValueError, ArpackNoConvergence) as error:
        return str(error)
    return found.summary


def rows_of(rule, options, judge, training, kept):
    """A row for each seed."""
    config, (a, b) = configured(rule, options), kept
    program = replace(config.program, steps_per_call=1)
    experiment, rows, begun = made(config.recipe, training, program), [], time.perf_counter()
    for seed, (state, seconds) in enumerate(
        runs(experiment.algorithm, training, program.batch_size, options.steps, options.seeds)
    ):
        to_b, to_a = translated(experiment.algorithm, state, (a, b))
        row = {"rule": rule, "seed": seed, "steps": options.steps, "seconds": seconds}
        row["first step s"] = time.perf_counter() - begun - seconds
        ways = (("to b", to_b, b, TURNS["inverted"][1]), ("to a", to_a, a, lambda images: images))
        for way, images, target, back in ways:
            finite = bool(np.isfinite(images).all())
            row[f"label kept %, {way}"] = judge.row(way, images, target, back)["label kept %"] if finite else 0.0
            row[f"L1, {way}"] = float(np.mean(np.abs(images - target)))
        row["spectrum"] = verdict(experiment, state, program.batch_size) if seed == 0 else ""
        rows.append(row)
        print(row, flush=True)
        begun = time.perf_counter()
    return rows


def main(options):
    edges = data.load("edges_to_digits", image_size=options.image_size)
    judge = digits(options, edges.real, edges.condition)
    inverted = TURNS["inverted"][0]
    training = data.unpaired(
        data.Dataset("digits", judge.trained[::2]), data.Dataset("inverted", inverted(judge.trained[1::2]))
    )
    a, b = (np.asarray(judge.medium.decode(rows)) for rows in (judge.kept, inverted(judge.kept)))
    ends = {"ceiling": judge.row("targets", b, b, TURNS["inverted"][1]), "floor": judge.row("sources", a, b, inverted)}
    rows = []
    for rule in options.rules:
        rows += rows_of(rule, options, judge, training, (a, b))
        about = {"trained on": TRAINED_ON, "settings": settings(options), "ends": ends}
        report("cyclegan_rules", rows, out=options.out, **about)


if __name__ == "__main__":
    chosen = tyro.cli(Options, description=__doc__)
    xla_settings.keep_compiled_programs()
    main(chosen)
