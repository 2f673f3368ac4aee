"""Made texts: RelGAN beside the same generator trained by likelihood alone, other data, and words that know no others.

Both train for the same steps, from the same program. The generator of the likelihood is also sampled at a lower
temperature, the control of Caccia et al., Language GANs Falling Short, 2020. The floor is what other rows of the data
have, the baseline draws the word at each place by itself, as often as the data have it there. See
`jaxgan.metrics.texts` for the measures.

    python benchmarks/text.py --seeds 3 --out benchmarks/results/text-grammar.json
    python benchmarks/text.py --preset relgan-oracle --seeds 3 --out benchmarks/results/text-oracle.json
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

    preset: str = "relgan-grammar"
    """Preset to measure."""
    seeds: int = 3
    """Number of runs of each kind."""
    steps: int | None = None
    """Steps of each run (default: the preset's)."""
    sharper: float = 1.3
    """Factor of the scores of tokens at the lower temperature."""
    runs: Path = Path("runs")
    """Folder for the runs."""
    out: Path | None = None
    """JSON file, such as benchmarks/results/text-grammar.json."""


def independent(dataset, count):
    """The word at each place drawn by itself."""
    random, columns = np.random.default_rng(0), dataset.real.T
    return dataset.medium.decode(np.stack([random.choice(column, count) for column in columns], axis=1))


def summaries(what, members):
    """Mean and standard error of each number."""
    found = {name: summarize([row[name] for row in members]) for name in members[0]}
    means = {"what": f"{what}, mean", **{name: float(each.mean) for name, each in found.items()}}
    errors = {"what": f"{what}, standard error", **{name: float(each.standard_error) for name, each in found.items()}}
    return [means, errors]


def sharpened(state, factor):
    """The state whose generator multiplies the scores of tokens by a factor."""
    params = state.average.params
    scaled = {name: factor * params[name] for name in ("projection", "shift")}
    return state._replace(average=state.average._replace(params=params | scaled))


def main(options: Options) -> None:
    config = jaxgan.preset(options.preset)
    config = config if options.steps is None else config.replace(steps=options.steps)
    dataset = config.recipe.dataset()
    rows = []
    for kind, share in (("likelihood", 0.0), ("relgan", config.recipe.adversarial_share)):
        members, colder = [], []
        for seed in range(options.seeds):
            each = config.replace(seed=seed, adversarial_share=share)
            observer = RowObserver(each.recipe.experiment(dataset, each.program.steps), seed=0)
            begun = time.perf_counter()
            trained = jaxgan.train(each, out=options.runs, show="none")
            seconds = time.perf_counter() - begun
            found = observer(trained.algorithm, trained.state)
            if not rows:
                alone = observer.measures(independent(dataset, observer.measures.count))
                rows.append({"what": "other data", **{name: one.floor for name, one in found.items()}})
                finite = {name: one.value for name, one in alone.items() if np.isfinite(one.value)}
                rows.append({"what": "independent words", **finite})
            members.append({**{name: one.value for name, one in found.items()}, "seconds": seconds})
            rows.append({"what": f"{kind}, seed {seed}", **members[-1]})
            print(rows[-1], trained.folder, flush=True)
            if not share:
                found = observer(trained.algorithm, sharpened(trained.state, options.sharper))
                colder.append({name: one.value for name, one in found.items()})
        rows += summaries(kind, members)
        if colder:
            rows += summaries(f"{kind} at temperature 1/{options.sharper:g}", colder)
    report("text", rows, out=options.out, preset=options.preset, steps=config.program.steps)


if __name__ == "__main__":
    main(tyro.cli(Options))
