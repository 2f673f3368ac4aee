"""What benchmarks of games on the bundled digits share: their options, the digits, and a run with its seconds."""

import time
from dataclasses import dataclass
from pathlib import Path

import jax
import tyro
from configurations import chosen_options
from translation import Digits, digits

import jaxgan
from jaxgan import data
from jaxgan.metrics.features import extract
from jaxgan.metrics.frechet import moments
from jaxgan.recipes.making import made


@dataclass(frozen=True)
class Options:
    """What to measure."""

    preset: str
    """Preset of the runs."""
    seeds: int = 3
    """Number of runs of each kind."""
    steps: int | None = None
    """Steps of each run (default: the preset's)."""
    classifier_steps: int = 800
    """Training steps of the classifier."""
    options: tuple[str, ...] = ()
    """NAME=VALUE of options of all runs, such as adversarial_weight=0."""
    picture: Path | None = None
    """PNG of the last run of each kind."""
    out: Path | None = None
    """JSON file, such as benchmarks/results/vqgan-digits.json."""


def asked(about, **defaults):
    """The options of the command line."""
    return tyro.cli(Options, description=about, default=Options(**defaults))


def begun(options):
    """The configuration of the runs, the digits with their classifier, and the data set of those to train on."""
    config = jaxgan.preset(options.preset).replace(**chosen_options(options.options))
    config = config if options.steps is None else config.replace(steps=options.steps)
    rows = config.recipe.dataset().real
    judge = digits(options, rows, rows)
    return config, judge, data.Dataset("digits", judge.trained)


def trained(config, dataset):
    """The algorithm, the state after all steps, the numbers of the last call, and seconds: those of the first call,
    with compilation, and those of the others."""
    program = config.program
    algorithm = made(config.recipe, dataset, program).algorithm
    repeated = data.resident(algorithm.step, batch_size=program.batch_size, seed=program.seed)
    step = jaxgan.jitted(jaxgan.repeated(repeated, program.steps_per_call))
    key, rows, times = jax.random.key(program.seed), dataset.on_device(), [time.perf_counter()]
    state = algorithm.init(key, next(dataset.batches(program.batch_size, seed=program.seed)))
    for _ in range(program.steps // program.steps_per_call):
        state, info = step(state, rows, key)
        if len(times) == 1:
            jax.block_until_ready(state)
            times.append(time.perf_counter())
    jax.block_until_ready(state)
    return algorithm, state, info, (times[1] - times[0], time.perf_counter() - times[1])


def features_of(judge: Digits, images):
    """Moments of the classifier's features of images."""
    return moments(extract(judge.classifier.feature_function(), images).features)
