"""Made sounds: how near those of WaveGAN are to the data, beside other data and noise as loud as they are.

The floor is what other rows of the data have, the baseline white noise with the loudness of the data over time. See
`jaxgan.metrics.sounds` for the measures.

    python benchmarks/sound.py --seeds 3 --out benchmarks/results/sound.json
    python benchmarks/sound.py --seeds 1 --phase-shuffle 2
"""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tyro
from measure import report

import jaxgan
from jaxgan.metrics.summary import summarize
from jaxgan.observe.row_observer import RowObserver


@dataclass(frozen=True)
class Options:
    """What to measure."""

    preset: str = "wavegan-tones"
    """Preset to measure."""
    seeds: int = 3
    """Number of runs."""
    steps: int | None = None
    """Steps of each run (default: the preset's)."""
    phase_shuffle: int = 0
    """Phase shuffle of the critic."""
    runs: Path = Path("runs")
    """Folder for the runs."""
    out: Path | None = None
    """JSON file, such as benchmarks/results/sound.json."""


def noise(dataset, count):
    """White noise with the root mean square of the data at each place."""
    loudness = np.sqrt(np.mean(np.square(dataset.medium.decode(dataset.real), dtype=np.float64), axis=0))
    return (np.random.default_rng(0).normal(size=(count, *dataset.shape)) * loudness).astype(np.float32)


def main(options: Options) -> None:
    config = jaxgan.preset(options.preset).replace(phase_shuffle=options.phase_shuffle)
    config = config if options.steps is None else config.replace(steps=options.steps)
    dataset = config.recipe.dataset()
    observer = RowObserver(config.recipe.experiment(dataset, config.program.steps), seed=0)
    rows = []
    for seed in range(options.seeds):
        begun = time.perf_counter()
        trained = jaxgan.train(config.replace(seed=seed), out=options.runs, show="none")
        seconds = time.perf_counter() - begun
        found = observer(trained.algorithm, trained.state)
        if not rows:
            of_noise = observer.measures(noise(dataset, observer.measures.count))
            rows.append({"what": "other data", **{name: each.floor for name, each in found.items()}, "seconds": 0.0})
            rows.append({"what": "noise", **{name: each.value for name, each in of_noise.items()}, "seconds": 0.0})
        rows.append({"what": f"seed {seed}", **{name: each.value for name, each in found.items()}, "seconds": seconds})
        print(rows[-1], trained.folder, flush=True)
    members = [row for row in rows if row["what"].startswith("seed")]
    means = {name: summarize([row[name] for row in members]) for name in members[0] if name != "what"}
    rows.append({"what": "mean", **{name: float(each.mean) for name, each in means.items()}})
    rows.append({"what": "standard error", **{name: float(each.standard_error) for name, each in means.items()}})
    report("sound", rows, out=options.out, preset=options.preset, phase_shuffle=options.phase_shuffle)


if __name__ == "__main__":
    main(tyro.cli(Options))
