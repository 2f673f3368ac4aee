"""What the detectors say of runs that train and of runs that cannot: every alarm, and when.

Each run is one of `jaxgan train`, shorter than its preset's, and smaller where its name or its options say so. Of good
runs no word is wanted; each faulty one has a detector that is to find it.

    python benchmarks/alarms.py --out benchmarks/results/alarms.json
    python benchmarks/alarms.py --cases digits "digits, both rates x 100" --seeds 1 --out digits.json
"""

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tyro
from measure import report

import jaxgan
from jaxgan import xla_settings
from jaxgan.data.dataset import Dataset
from jaxgan.runs import metrics_file

LOG_EVERY, SAMPLE_EVERY = 100, 500


class Case(NamedTuple):
    """A run."""

    preset: str
    steps: int
    options: dict[str, Any] = {}  # noqa: RUF012
    found_by: str = ""
    """Detector that should find the fault; none for a good run."""
    rows: Dataset | None = None
    """Data to use instead of the preset's."""


SMALL = {"generator_hidden": (64, 64, 64), "discriminator_hidden": (64, 64, 64), "batch_size": 128}
PLAIN = {"loss": "minimax", "r1": 0.0, "r2": 0.0, "instance_noise": 0.0, "instance_noise_share": 0.0}
MEMORIZING = {
    "loss": "non_saturating", "r1": 0.0, "r2": 0.0, "discriminator_hidden": (256, 256), "latent_signs": 0,
    "generator_hidden": (64,), "latent_size": 16,
    "generator_rate": 1e-3, "discriminator_rate": 1e-3, "schedule": "constant", "batch_size": 16, "held_out": 0.5,
}  # fmt: skip
TWENTY = Dataset("20 and 20 points", np.random.default_rng(0).standard_normal((40, 8)).astype(np.float32))
CASES = {
    "digits": Case("digits", 1000),
    "ring": Case("ring", 3000),
    "digits of 8 pixels": Case("digits", 600, {"image_size": 8, "width": 16}),
    "spirals": Case("points", 1000, SMALL | {"data": "spirals"}),
    "Swiss roll": Case("points", 1000, SMALL | {"data": "swiss_roll"}),
    "digits without labels": Case("digits", 600, {"condition": "none", "width": 16}),
    "edges to digits": Case("pix2pix", 400),
    "edges to digits at two scales": Case("pix2pixhd-digits", 400),
    "digits to inverted ones": Case("cyclegan-digits", 400),
    "small digits to large ones": Case("esrgan-digits", 400),
    "gray photographs in colour": Case("colorize-photos", 400),
    "digits, both rates x 100": Case(
        "digits", 800, {"generator_rate": 0.1, "discriminator_rate": 0.1}, "unstable discriminator"
    ),
    "ring, both rates x 100": Case("ring", 500, {"generator_rate": 0.05, "discriminator_rate": 0.3}, "divergence"),
    "ring, minimax, a fast generator": Case(
        "ring", 2000, PLAIN | {"generator_rate": 5e-3, "discriminator_rate": 2e-4}, "missing modes"
    ),
    "ring, minimax, a generator that stands still": Case(
        "ring", 1000, PLAIN | {"generator_rate": 1e-7, "discriminator_rate": 2e-3}, "vanishing gradients"
    ),
    "twenty points": Case("ring", 1000, MEMORIZING, "discriminator overfitting", TWENTY),
}


@dataclass(frozen=True)
class Options:
    """What to run."""

    cases: tuple[str, ...] = tuple(CASES)
    """Names of the cases."""
    seeds: int = 4
    """Seeds of each run."""
    steps: int | None = None
    """Steps of every run, if not their own numbers."""
    out: Path | None = None
    """JSON file, such as benchmarks/results/alarms.json."""


def alarms(case, seed, steps):
    """The first step of each finding of a run, and the highest `indecision` over 300 steps."""
    every = {"log_every": min(LOG_EVERY, steps), "sample_every": min(SAMPLE_EVERY, steps), "checkpoint_every": steps}
    config = jaxgan.preset(case.preset).replace(**case.options).replace(steps=steps, seed=seed, **every)
    if config.program.steps_per_call > 1:
        config = config.replace(steps_per_call=min(50, steps))
    with tempfile.TemporaryDirectory() as folder:
        found, ratios = {}, []
        try:
            jaxgan.train(config, dataset=case.rows, out=folder, show="none")
        except FloatingPointError as error:
            found[f"stopped: {error}"] = None
        for path in Path(folder).glob("*/metrics.jsonl"):
            for record in metrics_file.read(path).records:
                if "finding" in record:
                    found.setdefault(record["finding"], record["step"])
                ratios += [record["indecision"]] if "indecision" in record else []
    return found, max((np.mean(ratios[i : i + 3]) for i in range(max(1, len(ratios) - 2))), default=np.nan)


def row_of(name, seed, options):
    case = CASES[name]
    steps, begun = options.steps or case.steps, time.perf_counter()
    found, indecision = alarms(case, seed, steps)
    at = [step for finding, step in found.items() if finding in case.found_by.split(" or ")]
    return {
        "run": name,
        "seed": seed,
        "steps": steps,
        "wanted": case.found_by or "no alarm",
        "found at step": str(min(at)) if at else "",
        "alarms": ", ".join(name if step is None else f"{name} at {step}" for name, step in found.items()),
        "indecision": f"{indecision:.3g}",
        "as wanted": "yes" if (bool(at) if case.found_by else not found) else "NO",
        "seconds": f"{time.perf_counter() - begun:.0f}",
    }


def main(options):
    rows = []
    for name in options.cases:
        for seed in range(options.seeds):
            rows.append(row_of(name, seed, options))
            print(rows[-1], flush=True)
    report("alarms", rows, out=options.out)


if __name__ == "__main__":
    chosen = tyro.cli(Options, description=__doc__)
    xla_settings.keep_compiled_programs()
    main(chosen)
