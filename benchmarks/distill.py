"""A student of one step beside its teacher, a diffusion model of many steps: on the grid, and on the bundled digits.

On the grid the measures are those of `mode_coverage.py`, on 2,500 samples; the floor is as many points that were not
trained on. Of the digits the first 1,500 are trained on. A classifier of them sees 1,500 samples, and the Fréchet
distance is that of its features to those of the other 297 digits; the floor is that of the first 1,500 themselves. The
ceiling of both is the teacher in one step, as which the student begins.

    python benchmarks/distill.py --data digits --seeds 3 --picture distill-digits.png
    python benchmarks/distill.py --data grid --seeds 1 --options adversarial_weight=0
"""

import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import jax
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import tyro
from measure import report
from mode_coverage import chosen_options
from translation import digits
from vqgan import features_of

import jaxgan
from jaxgan import data
from jaxgan.metrics.frechet import frechet_distance
from jaxgan.metrics.points import PointMeasures

POINTS, CHUNK, PICTURED = 2500, 250, (3, 16)
TEACHER_STEPS = 18
"""Steps of the teacher, as in its paper: 35 calls of the network."""


@dataclass(frozen=True)
class Options:
    """What to measure."""

    data: Literal["grid", "digits"] = "digits"
    """Data set, and with it the preset."""
    seeds: int = 3
    """Number of runs."""
    steps: int | None = None
    """Steps of each run (default: the preset's)."""
    classifier_steps: int = 800
    """Training steps of the classifier."""
    options: tuple[str, ...] = ()
    """NAME=VALUE of options of all runs, such as adversarial_weight=0."""
    picture: Path | None = None
    """PNG of the last run: data, teacher, student."""
    out: Path | None = None
    """JSON file, such as benchmarks/results/distill-digits.json."""


def trained(config, dataset):
    """Algorithm, state, the distillation's parts, and seconds with compilation."""
    recipe, program = config.recipe, config.program
    algorithm = recipe.experiment(dataset, program.steps).algorithm
    repeated = data.resident(algorithm.step, batch_size=program.batch_size, seed=program.seed)
    step = jaxgan.jitted(jaxgan.repeated(repeated, program.steps_per_call))
    key, rows = jax.random.key(program.seed), dataset.on_device()
    begun = time.perf_counter()
    state = algorithm.init(key, next(dataset.batches(program.batch_size, seed=program.seed)))
    for _ in range(program.steps // program.steps_per_call):
        state, _ = step(state, rows, key)
    jax.block_until_ready(state)
    return algorithm, state, recipe.parts(dataset), time.perf_counter() - begun


def samples_of(algorithm, state, parts, count, shape):
    """Samples of the same latents: of the teacher in many steps and in one, and of the student."""
    z = np.asarray(jax.random.normal(jax.random.key(0), (count, int(np.prod(shape)))))
    teacher = jax.jit(parts.teacher, static_argnums=2)
    kinds = {
        f"teacher, {TEACHER_STEPS} steps": partial(teacher, state, steps=TEACHER_STEPS),
        "teacher, 1 step": partial(teacher, state, steps=1),
        "student, 1 step": lambda part: algorithm.sample(state, jax.random.key(0), len(part), None, part),
    }
    chunks = np.split(z, range(CHUNK, count, CHUNK))
    return {kind: np.concatenate([np.asarray(of(chunk)) for chunk in chunks]) for kind, of in kinds.items()}


def judge_of_points(options, dataset):
    """Data to train on, number of samples, the real rows to show, and a function from samples to numbers."""
    measures = PointMeasures(dataset, POINTS, seed=0)

    def judged(samples):
        found = measures(samples)
        row = {"modes": found["modes"].value, "high quality %": 100 * found["high_quality"].value}
        return row | {"reverse kl": found["reverse_kl"].value}

    return dataset, POINTS, dataset.held_out[:POINTS], judged


def judge_of_digits(options, dataset):
    """As `judge_of_points`."""
    judge = digits(options, dataset.real, dataset.real)
    decode = judge.medium.decode
    real = features_of(judge, decode(judge.kept))

    def judged(samples):
        return {"Fréchet distance": frechet_distance(features_of(judge, np.clip(samples, -1, 1)), real)}

    return data.Dataset("digits", judge.trained), len(judge.trained), np.asarray(decode(judge.trained)), judged


def pictured(path, kinds):
    """Rows of pictures, or clouds of points side by side."""
    if next(iter(kinds.values())).ndim == 2:
        figure = plt.figure(figsize=(3 * len(kinds), 3.2), layout="constrained")
        for axis, (name, points) in zip(figure.subplots(1, len(kinds)), kinds.items(), strict=True):
            axis.plot(*points.T, ".", markersize=1.5)
            axis.set(aspect="equal", xlim=(-5.2, 5.2), ylim=(-5.2, 5.2), xticks=[], yticks=[], title=name)
        figure.savefig(path, dpi=70)
        return
    lines, columns = PICTURED
    rows = []
    for images in kinds.values():
        shown = np.pad(images[: lines * columns, ..., 0], ((0, 0), (1, 1), (1, 1)), constant_values=-1)
        rows += [np.concatenate(list(line), axis=1) for line in np.split(shown, lines)]
        rows.append(np.ones((2, rows[-1].shape[1])))
    plt.imsave(path, np.kron(np.concatenate(rows[:-1]), np.ones((2, 2))), cmap="gray", vmin=-1, vmax=1)


def main(options: Options) -> None:
    config = jaxgan.preset(f"distill-{options.data}").replace(**chosen_options(options.options))
    config = config if options.steps is None else config.replace(steps=options.steps)
    of = judge_of_points if options.data == "grid" else judge_of_digits
    train_on, count, real, judged = of(options, config.recipe.dataset())
    table = [{"what": "real", "seed": ""} | judged(real)]
    print(table[-1], flush=True)
    for seed in range(options.seeds):
        algorithm, state, parts, seconds = trained(config.replace(seed=seed), train_on)
        kinds = samples_of(algorithm, state, parts, count, train_on.shape)
        for kind, samples in kinds.items():
            table.append({"what": kind, "seed": seed} | judged(samples) | {"seconds": seconds})
            print(table[-1], flush=True)
    if options.picture is not None:
        shown = {"data": real} | {kind: samples for kind, samples in kinds.items() if kind != "teacher, 1 step"}
        pictured(options.picture, shown)
    columns = list(dict.fromkeys(column for row in table for column in row))
    table = [{column: row.get(column, "") for column in columns} for row in table]
    report("distill", table, out=options.out, steps=config.program.steps, options=list(options.options))


if __name__ == "__main__":
    main(tyro.cli(Options))
