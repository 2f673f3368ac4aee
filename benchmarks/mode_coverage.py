"""Modes found, high-quality samples and reverse KL on the ring and the grid, beside what papers report.

Every configuration trains all its seeds as one population, and 2,500 samples of each averaged generator are judged.
`preset` is the data's preset with all its steps. The others, which are there to compare, take fewer, and its networks,
latent, rates, batch and schedule:

    normal_latent                the preset with 16 normal numbers as latent, no signs
    plain, pacgan2, unrolled     the non-saturating loss without penalties; packs of two; through five steps of D
    r1                           the non-saturating loss with R1
    extragradient, optimistic    the preset by another rule

    python benchmarks/mode_coverage.py --data ring --out ring.json

On the CPU it makes as many devices as it may use cores: each trains its share of the seeds.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import jax
import jax.numpy as jnp
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import optax
import tyro
from configurations import build, options_of, record_of
from measure import report

import jaxgan
from jaxgan import Players, data, dynamics, latents, losses, networks, xla_settings
from jaxgan.data.mixtures import MIXTURES
from jaxgan.metrics.modes import mode_coverage
from jaxgan.metrics.summary import summarize
from jaxgan.recipes.presets import PRESETS

SAMPLES = 2500
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

Configuration = Literal["preset", "normal_latent", "plain", "pacgan2", "unrolled", "r1", "extragradient", "optimistic"]


@dataclass(frozen=True)
class Options:
    """What to compare."""

    data: Literal["ring", "grid"] = "ring"
    """The mixture, and with it the preset."""
    configurations: tuple[Configuration, ...] = get_args(Configuration)
    """One row each."""
    seeds: int = 10
    """Members of each population."""
    steps: int = 2000
    """Steps of every configuration but the preset."""
    preset_steps: int | None = None
    """Steps of the preset, if not its own."""
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
    return config.replace(loss="non_saturating", r1=0.0, r2=0.0, penalty_every=1)


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
    game, rule = without_penalties(config).recipe.game(of), dynamics.unrolled(adam(config), UNROLLED)
    return jaxgan.algorithm(game, rule, ema_decay=options_of(config).ema_decay)


CONFIGURATIONS = {
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


def train(make, config, of, seeds):
    """The first member's samples at `COLUMNS` moments, all members' at the end `[seeds, SAMPLES, 2]`, and seconds."""
    begun, program = time.perf_counter(), config.program
    members = jaxgan.population(lambda seed: make(config, of), jnp.arange(seeds))
    points, key = config.recipe.dataset(), jax.random.key(program.seed)
    state = members.init(key, next(points.batches(program.batch_size, seed=program.seed)))
    step, on_device = compiled(members, program), points.on_device()
    calls = program.steps // program.steps_per_call
    pictured = {round(calls * (i + 1) / COLUMNS) for i in range(COLUMNS)}
    history = []
    for call in range(1, calls + 1):
        state, _ = step(state, on_device, key)
        if call in pictured:
            history.append(
                (call * program.steps_per_call, np.asarray(members.sample(state, jax.random.key(1), SAMPLES)))
            )
    return [(at, samples[0]) for at, samples in history], history[-1][1], time.perf_counter() - begun


def shown(values):
    """Mean ± standard error over the seeds, as text."""
    of = summarize(values)
    return f"{of.mean:.4g}" if len(values) == 1 else f"{of.mean:.4g} ± {of.standard_error:.2g}"


def row_of(name, config, samples, spent):
    """The table's row, and the figures of each seed."""
    modes, quality, kl = zip(
        *(mode_coverage(of_one, MIXTURES[config.recipe.data.NAME]) for of_one in samples), strict=True
    )
    found = {"modes": modes, "high quality %": [100 * share for share in quality], "reverse KL": kl}
    row = {"configuration": name} | {what: shown(values) for what, values in found.items()}
    return row | {"steps": str(config.program.steps), "seconds": f"{spent:.0f}"}, found


def draw(figure, pictures, reach):
    axes = figure.subplots(len(pictures), COLUMNS, squeeze=False)
    for line, (name, history) in zip(axes, pictures.items(), strict=True):
        for axis, (at, samples) in zip(line, history, strict=False):
            axis.plot(*samples.T, ".", markersize=1)
            axis.set_title(f"step {at:,}", fontsize=8)
        for axis in line:
            axis.set(aspect="equal", xlim=(-reach, reach), ylim=(-reach, reach), xticks=[], yticks=[])
        line[0].set_ylabel(name)


def main(options):
    preset = PRESETS[options.data]
    rows, members, pictures = [], {}, {}
    for name in options.configurations:
        steps = (options.preset_steps or preset.config.program.steps) if name == "preset" else options.steps
        config = preset.config.replace(steps=steps, log_every=steps, sample_every=steps, checkpoint_every=steps)
        pictures[name], samples, spent = train(CONFIGURATIONS[name], config, preset.of, options.seeds)
        row, members[name] = row_of(name, config, samples, spent)
        rows.append(row)
    for name, numbers in PUBLISHED[options.data].items():
        rows.append(dict(zip(rows[0], (name, *numbers, "", ""), strict=True)))
    if options.picture is not None:
        figure = plt.figure(figsize=(2 * COLUMNS, 2.1 * len(pictures)), layout="constrained")
        draw(figure, pictures, 1.3 * np.abs(MIXTURES[options.data].centres).max())
        figure.savefig(options.picture, dpi=80)
    about = {"data": options.data, "seeds": options.seeds, "samples": SAMPLES, "preset": record_of(preset.config)}
    report("mode_coverage", rows, out=options.out, **about, members=members)


if __name__ == "__main__":
    chosen = tyro.cli(Options, description=__doc__)
    xla_settings.set_cpu_devices(xla_settings.cores())
    main(chosen)
