"""Digits that move: how near the clips of a GAN are to the data, beside other data, shuffled frames and still clips.

The floor is what other rows of the data have. One baseline has those rows with their frames in random order, the other
their first frames alone, repeated. See `jaxgan.metrics.clips` for the measures.

    python benchmarks/video.py --seeds 3 --out benchmarks/results/video.json
    python benchmarks/video.py --preset dcgan3d-digits --seeds 1
"""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tyro
from configurations import chosen_options
from measure import report

import jaxgan
from jaxgan.metrics.summary import summarize
from jaxgan.observe.row_observer import RowObserver


@dataclass(frozen=True)
class Options:
    """What to measure."""

    preset: str = "mocogan-digits"
    """Preset to measure."""
    seeds: int = 3
    """Number of runs."""
    steps: int | None = None
    """Steps of each run (default: the preset's)."""
    options: tuple[str, ...] = ()
    """NAME=VALUE of options of all runs, such as motion_size=5."""
    runs: Path = Path("runs")
    """Folder for the runs."""
    out: Path | None = None
    """JSON file, such as benchmarks/results/video.json."""


def baselines(dataset, measures):
    """Rows of the data whose frames are in random order, and clips of their first frames alone."""
    random = np.random.default_rng(1)
    clips = dataset.decode(dataset.take(random.permutation(len(dataset))[: measures.count])).real
    shuffled = np.stack([random.permutation(clip) for clip in clips])
    return {"shuffled": measures(shuffled), "still": measures(np.repeat(clips[:, :1], clips.shape[1], axis=1))}


def main(options: Options) -> None:
    config = jaxgan.preset(options.preset).replace(**chosen_options(options.options))
    config = config if options.steps is None else config.replace(steps=options.steps)
    dataset = config.recipe.dataset()
    observer = RowObserver(config.recipe.experiment(dataset, config.program.steps), seed=0)
    others = baselines(dataset, observer.measures)
    floors = {name: each.floor for name, each in others["still"].items()}
    rows = [{"what": "other data", **floors, "seconds": 0.0}]
    rows += [{"what": what, **{n: each.value for n, each in of.items()}, "seconds": 0.0} for what, of in others.items()]
    for seed in range(options.seeds):
        begun = time.perf_counter()
        trained = jaxgan.train(config.replace(seed=seed), out=options.runs, show="none")
        seconds = time.perf_counter() - begun
        found = observer(trained.algorithm, trained.state)
        rows.append({"what": f"seed {seed}", **{name: each.value for name, each in found.items()}, "seconds": seconds})
        print(rows[-1], trained.folder, flush=True)
    members = [row for row in rows if row["what"].startswith("seed")]
    if len(members) > 1:
        means = {name: summarize([row[name] for row in members]) for name in members[0] if name != "what"}
        rows.append({"what": "mean", **{name: float(each.mean) for name, each in means.items()}})
        rows.append({"what": "standard error", **{name: float(each.standard_error) for name, each in means.items()}})
    report("video", rows, out=options.out, preset=options.preset, options=list(options.options))


if __name__ == "__main__":
    main(tyro.cli(Options))
