"""BiGAN on points: modes that samples hit, as in `mode_coverage.py`, and how far reconstructions G(E(x)) are from x.

A reconstruction keeps the mode if the nearest mode is that of x. Its error is the distance to x in standard deviations
of a mode: other points of the same mode are 1.67 apart in the median. Points are drawn for the measures and were not
trained on.

    python benchmarks/bigan.py --seeds 3 --out benchmarks/results/bigan.json
    python benchmarks/bigan.py --data ring --seeds 1 --options encoder_noise=0
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import jax
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import tyro
from configurations import chosen_options
from measure import report
from mode_coverage import PUBLISHED

import jaxgan
from jaxgan.data.mixtures import MIXTURES, nearest_centres
from jaxgan.observe.row_observer import SAMPLES, RowObserver


@dataclass(frozen=True)
class Options:
    """What to measure."""

    data: tuple[Literal["ring", "grid"], ...] = ("ring", "grid")
    """Data sets, and with them the presets."""
    seeds: int = 3
    """Number of runs of each."""
    steps: int | None = None
    """Steps of each run (default: the preset's)."""
    options: tuple[str, ...] = ()
    """NAME=VALUE of options of all runs, such as encoder_noise=0."""
    picture: Path | None = None
    """PNG of the last run of each: data, samples, reconstructions with the way from the data."""
    runs: Path = Path("runs")
    """Folder for the runs."""
    out: Path | None = None
    """JSON file, such as benchmarks/results/bigan.json."""


def unseen(mixture, count):
    """Points of the mixture."""
    random = np.random.default_rng(1)
    centres = mixture.centres[random.choice(len(mixture.centres), count, p=mixture.weights)]
    return (centres + mixture.sigma * random.standard_normal(centres.shape)).astype(np.float32)


def reconstruction(trained, mixture, rows):
    """Reconstructions, share that keeps the mode, and the median distance in standard deviations."""
    again = np.asarray(trained.algorithm.sample(trained.state, jax.random.key(0), len(rows), rows))
    (_, before), (_, after) = (nearest_centres(points, mixture.centres) for points in (rows, again))
    error = np.median(np.linalg.norm(again - rows, axis=1)) / mixture.sigma
    return again, {"mode kept %": 100 * float(np.mean(before == after)), "reconstruction, σ": float(error)}


def draw(axes, name, rows, samples, again):
    """A row of pictures."""
    for axis, points, title in zip(axes, (rows, samples, again), ("data", "samples", "reconstructions"), strict=True):
        axis.plot(*points.T, ".", markersize=1.5)
        reach = 1.3 * np.abs(rows).max()
        axis.set(aspect="equal", xlim=(-reach, reach), ylim=(-reach, reach), xticks=[], yticks=[])
        axis.set_title(f"{name}: {title}", fontsize=9)
    ways = np.stack([rows, again], axis=1)[:200]
    axes[-1].plot(*ways.T, linewidth=0.5, color="tab:red")


def main(options: Options) -> None:
    figure = plt.figure(figsize=(9, 3 * len(options.data)), layout="constrained")
    axes, table = figure.subplots(len(options.data), 3, squeeze=False), []
    for line, name in zip(axes, options.data, strict=True):
        config = jaxgan.preset(f"bigan-{name}").replace(**chosen_options(options.options))
        config = config if options.steps is None else config.replace(steps=options.steps)
        mixture, dataset = MIXTURES[name], config.recipe.dataset()
        rows = unseen(mixture, SAMPLES)
        for seed in range(options.seeds):
            each = config.replace(seed=seed)
            observer = RowObserver(each.recipe.experiment(dataset, each.program.steps), seed=0)
            begun = time.perf_counter()
            trained = jaxgan.train(each, out=options.runs, show="none")
            seconds = time.perf_counter() - begun
            found = observer(trained.algorithm, trained.state)
            again, errors = reconstruction(trained, mixture, rows)
            row = {"what": f"bigan-{name}, seed {seed}", "modes": found["modes"].value}
            row |= {"high quality %": 100 * found["high_quality"].value, "reverse kl": found["reverse_kl"].value}
            table.append(row | errors | {"seconds": seconds})
            print(table[-1], trained.folder, flush=True)
        samples = np.asarray(trained.algorithm.sample(trained.state, jax.random.key(0), SAMPLES))
        draw(line, name, rows, samples, again)
        for paper in ("ALI, PacGAN's Table 1", "VEEGAN, its Table 1"):
            numbers = dict(zip(("modes", "high quality %", "reverse kl"), PUBLISHED[name][paper], strict=True))
            table.append({"what": f"{name}: {paper}"} | numbers)
    if options.picture is not None:
        figure.savefig(options.picture, dpi=70)
    report("bigan", table, out=options.out)


if __name__ == "__main__":
    main(tyro.cli(Options))
