"""How well planar distributions are learned: every measure of `jaxgan.metrics.points`, beside perfect and floor.

Every configuration trains all its seeds as one population, and samples of each averaged generator are judged:
seed s is the run of `jaxgan train --seed s` but for the order of the data, measured as `jaxgan evaluate --seed s` does.
`points` is the setting for all planar data, `preset` that of the data's own preset, or `points` where it has none; both
take all their steps. The others are there to compare. They take fewer steps, and otherwise start from `preset`:

    normal_latent                the preset with 16 normal numbers as latent, no signs
    plain, pacgan2, unrolled     the non-saturating loss without penalties and noise; packs of two; five steps of D
                                 that the generator sees
    r1                           the non-saturating loss with R1
    extragradient, optimistic    the preset by another rule

    python benchmarks/mode_coverage.py --data ring --out ring.json
    python benchmarks/mode_coverage.py --data all --configurations points --seeds 10
    python benchmarks/mode_coverage.py --data spirals --configurations points --options r1=0.1 r2=0.1 latent_signs=0

The last line shows how one setting is tried: `--options` replaces options of `points` and `preset` by their names. On
the CPU it makes as many devices as it may use cores: each trains its share of the seeds.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import jax
import jax.numpy as jnp
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import optax
import tyro
from configurations import build, chosen_options, options_of, record_of
from measure import report

import jaxgan
from jaxgan import Players, data, dynamics, latents, losses, networks, xla_settings
from jaxgan.data.planar import PLANAR
from jaxgan.metrics.summary import summarize
from jaxgan.observe.row_observer import SAMPLES, RowObserver
from jaxgan.program.sweep.measures import member
from jaxgan.recipes.making import shape_of
from jaxgan.recipes.presets import POINTS, PRESETS

PERCENT = ("high_quality", "uncovered")
COLUMNS = 5
"""Pictures of one configuration, evenly over its steps."""
UNROLLED = 5
"""Steps of the discriminator that the unrolled generator sees."""
PUBLISHED = {
    "ring": {
        "GAN, PacGAN's Table 1": ("6.3 ± 0.5", "98.2", "0.45"),
        "ALI, PacGAN's Table 1": ("6.6 ± 0.3", "97.6", "0.36"),
        "PacGAN2, PacGAN's Table 1": ("7.9 ± 0.1", "95.6", "0.07"),
        "PacGAN4, PacGAN's Table 1": ("7.8 ± 0.1", "95.9", "0.07"),
        "GAN, VEEGAN's Table 1": ("1", "99.3", ""),
        "unrolled, VEEGAN's Table 1": ("7.6", "35.6", ""),
        "VEEGAN, its Table 1": ("8", "52.9", ""),
    },
    "grid": {
        "GAN, PacGAN's Table 1": ("17.3 ± 0.8", "94.8", "0.70"),
        "ALI, PacGAN's Table 1": ("24.1 ± 0.4", "95.7", "0.14"),
        "PacGAN2, PacGAN's Table 1": ("23.8 ± 0.7", "91.3", "0.13"),
        "PacGAN4, PacGAN's Table 1": ("24.8 ± 0.2", "93.6", "0.04"),
        "GAN, VEEGAN's Table 1": ("3.3", "0.5", ""),
        "unrolled, VEEGAN's Table 1": ("23.6", "16", ""),
        "VEEGAN, its Table 1": ("24.6", "40", ""),
    },
}
"""Modes, high quality in %, reverse KL. Their networks, steps and optimizers differ from ours and from each other's."""

Configuration = Literal[
    "points", "preset", "normal_latent", "plain", "pacgan2", "unrolled", "r1", "extragradient", "optimistic"
]


@dataclass(frozen=True)
class Options:
    """What to compare."""

    data: Literal["all", *PLANAR] = "ring"
    """Data set, and with it the preset; all: a table of each."""
    configurations: tuple[Configuration, ...] = ("points",)
    """Values to compare, one row each."""
    seeds: int = 10
    """Members of each population."""
    steps: int = 2000
    """Steps of every configuration but `points` and `preset`."""
    preset_steps: int | None = None
    """Steps of `points` and `preset`, if not their own."""
    samples: tuple[int, ...] = (SAMPLES,)
    """Samples of each member that are judged, a row each; the papers take 2,500. More tell the widths of many modes
    better."""
    options: tuple[str, ...] = ()
    """NAME=VALUE of options of all configurations, such as r1=0.1 or generator_hidden=[256,256]."""
    picture: Path | None = None
    """PNG of the first seed's samples over training."""
    out: Path | None = None
    """JSON file, such as benchmarks/results/mode_coverage_ring.json."""


def adam(config):
    """The preset's optimizers; `eps_root` lets unrolled steps differentiate them."""
    options = options_of(config)
    rates = (options.generator_rate, options.discriminator_rate)
    schedules = (optax.cosine_decay_schedule(rate, options.steps) for rate in rates)
    return Players(*(optax.adam(rate, b1=options.b1, b2=options.b2, eps_root=1e-12) for rate in schedules))


def without_penalties(config):
    unhelped = {"instance_noise": 0.0, "instance_noise_share": 0.0}
    return config.replace(loss="non_saturating", r1=0.0, r2=0.0, penalty_every=1, **unhelped)


def pacgan2(config, of):
    options = options_of(config)
    game = jaxgan.gan(
        networks.MLPGenerator(output_shape=of.shape, hidden=options.generator_hidden, squash=False),
        networks.MLPDiscriminator(hidden=options.discriminator_hidden),
        loss=losses.non_saturating(),
        latent_size=options.latent_size,
        latent=latents.with_signs(options.latent_signs),
        pack=2,
    )
    return jaxgan.algorithm(game, dynamics.alternating(adam(config)), ema_decay=options.ema_decay)


def unrolled(config, of):
    game = without_penalties(config).recipe.game(of, config.program.steps)
    rule = dynamics.unrolled(adam(config), UNROLLED)
    return jaxgan.algorithm(game, rule, ema_decay=options_of(config).ema_decay)


CONFIGURATIONS = {
    "points": build,
    "preset": build,
    "normal_latent": lambda config, of: build(config.replace(latent_signs=0, latent_size=16), of),
    "plain": lambda config, of: build(without_penalties(config), of),
    "pacgan2": pacgan2,
    "unrolled": unrolled,
    "r1": lambda config, of: build(config.replace(loss="non_saturating", r2=0.0), of),
    "extragradient": lambda config, of: build(config.replace(rule="extragradient"), of),
    "optimistic": lambda config, of: build(config.replace(rule="optimistic"), of),
}


def compiled(members, program):
    """Several steps of all members in one call, each device with its share of them."""
    step = data.resident(members.step, batch_size=program.batch_size, seed=program.seed)
    return jaxgan.spread(jaxgan.repeated(step, program.steps_per_call))


def train(make, config, points, seeds, samples):
    """The first member's samples at `COLUMNS` moments, last measures by number of samples and member, and seconds."""
    begun, program = time.perf_counter(), config.program
    of = shape_of(points)
    members = jaxgan.population(lambda seed: make(config, of), jnp.arange(seeds))
    keys = jax.vmap(jax.random.key)(program.seed + jnp.arange(seeds))
    state = members.init(keys, next(points.batches(program.batch_size, seed=program.seed)))
    step, on_device = compiled(members, program), points.on_device()
    calls = program.steps // program.steps_per_call
    pictured = {round(calls * (i + 1) / COLUMNS) for i in range(COLUMNS)}
    alone, history = make(config, of), []
    for call in range(1, calls + 1):
        state, _ = step(state, on_device, keys)
        if call in pictured:
            first = alone.sample(member(on_host(state), 0), jax.random.key(program.seed), SAMPLES)
            history.append((call * program.steps_per_call, np.asarray(first)))
    jax.block_until_ready(state)
    spent, last = time.perf_counter() - begun, on_host(state)
    experiment = config.recipe.experiment(points, program.steps)
    measures = {
        n: [RowObserver(experiment, n=n, seed=program.seed + i)(alone, member(last, i)) for i in range(seeds)]
        for n in samples
    }
    return history, measures, spent


def on_host(state):
    return jax.device_put(state, jax.local_devices()[0])


def shown(values):
    """Mean ± standard error over the seeds, as text."""
    of = summarize(values)
    return f"{of.mean:.4g}" if len(values) == 1 else f"{of.mean:.4g} ± {of.standard_error:.2g}"


def farthest(values):
    """The ratio that is farthest from 1."""
    return max(values, key=lambda value: abs(np.log(value)))


def rows_of(name, n, config, measures, spent):
    """The table's row, a row of floors, and the measures of each seed by name."""
    measured = [each for each in measures if each]
    members = {what: [each[what]._asdict() for each in measured] for what in (measured or [{}])[0]}
    row, floor = {"configuration": name, "samples": f"{n:,}"}, {"configuration": "floor", "samples": f"{n:,}"}
    for what, of_seeds in members.items():
        values, floors = (np.array([one[key] for one in of_seeds]) for key in ("value", "floor"))
        if what == "worst_spread":
            row[title(what)], floor[title(what)] = f"{farthest(values):.4g}", f"{farthest(floors):.4g}"
        else:
            row[title(what)], floor[title(what)] = shown(scale(what) * values), f"{scale(what) * floors.mean():.4g}"
    row |= {"steps": str(config.program.steps), "seconds": f"{spent:.0f}", "finite": f"{len(measured)}/{len(measures)}"}
    return row, floor, members


def perfect_of(measures):
    """What endless perfect samples have."""
    first = next((each for each in measures if each), {})
    return {"configuration": "perfect"} | {
        title(name): f"{scale(name) * one.perfect:.4g}" for name, one in first.items()
    }


def scale(name):
    return 100 if name in PERCENT else 1


def title(name):
    return name.replace("_", " ") + (" %" if name in PERCENT else "")


def draw(figure, pictures, reach):
    axes = figure.subplots(len(pictures), COLUMNS, squeeze=False)
    for line, (name, history) in zip(axes, pictures.items(), strict=True):
        for axis, (at, samples) in zip(line, history, strict=False):
            axis.plot(*samples.T, ".", markersize=1)
            axis.set_title(f"step {at:,}", fontsize=8)
        for axis in line:
            axis.set(aspect="equal", xlim=(-reach, reach), ylim=(-reach, reach), xticks=[], yticks=[])
        line[0].set_ylabel(name)


def of_data(name, configuration):
    """The configuration of a data set, with all its steps."""
    if name in PRESETS and configuration != "points":
        return PRESETS[name].config
    return POINTS.replace(data=name)


def measure(name, options):
    """The table of one data set."""
    points, rows, settings, floors, members, pictures = data.load(name), [], {}, {}, {}, {}
    for configuration in options.configurations:
        config = of_data(name, configuration).replace(**chosen_options(options.options))
        whole = options.preset_steps or config.program.steps
        steps = whole if configuration in ("points", "preset") else options.steps
        settings[configuration] = record_of(config)
        config = config.replace(steps=steps, log_every=steps, sample_every=steps, checkpoint_every=steps)
        pictures[configuration], measures, spent = train(
            CONFIGURATIONS[configuration], config, points, options.seeds, options.samples
        )
        members[configuration] = {}
        for n, measured in measures.items():
            row, floors[n], members[configuration][n] = rows_of(configuration, n, config, measured, spent)
            rows.append(row)
    rows += [perfect_of(measured), *floors.values()]
    for paper, numbers in PUBLISHED.get(name, {}).items():
        rows.append(
            {"configuration": paper} | dict(zip(("modes", "high quality %", "reverse kl"), numbers, strict=True))
        )
    if options.picture is not None:
        figure = plt.figure(figsize=(2 * COLUMNS, 2.1 * len(pictures)), layout="constrained")
        draw(figure, pictures, 1.3 * np.abs(points.real).max())
        path = options.picture
        figure.savefig(path if options.data != "all" else path.with_stem(f"{path.stem}_{name}"), dpi=80)
    about = {"data": name, "seeds": options.seeds, "samples": list(options.samples), "options": list(options.options)}
    out = options.out
    if out is not None and options.data == "all":
        out = out.with_stem(f"{out.stem}_{name}")
    report("mode_coverage", rows, out=out, **about, settings=settings, members=members)


def main(options):
    for name in PLANAR if options.data == "all" else [options.data]:
        measure(name, options)


if __name__ == "__main__":
    chosen = tyro.cli(Options, description=__doc__)
    xla_settings.set_cpu_devices(xla_settings.cores())
    main(chosen)
