"""Translation of bundled digits that were not trained on: is a digit still the digit that it was?

The first 1,500 rows are trained on, the last 297 are translated. A classifier of real digits, which has not seen the
last either, tells whether what came of a row has the row's label; inverted or turned digits are turned back for it.
Beside that stand what it says of the real targets (the ceiling) and of the sources as they are (the floor), and chance
(10 %). The distances are means over pixels in [-1, 1]; that of the mean target is their floor for a generator that
looks at no source. CycleGAN and CUT see no pair; to b and back are judged apart. The seconds are those of the steps,
without compilation. SPADE and pix2pixHD are measured as pix2pix is. ESRGAN makes digits of 32 pixels with sharp edges
of such of 8, beside bicubic interpolation. With pairs the Fréchet distance is that of the classifier's features of what
is made to those of the targets; no generator is trained on them.

Colours are made of 52 parts of two photographs, every tenth, which were not trained on: others of the same photographs
were.

In the plane CycleGAN goes from 8 Gaussians on a circle to 8 on a grid and back: modes of either that are hit, the share
of points within 3σ of one (98.9 % of the data), and the mean distance of a point that went there and back from itself.

    python benchmarks/translation.py --seeds 3 --out benchmarks/results/translation.json
    python benchmarks/translation.py --tasks cut cyclegan --turns inverted
    python benchmarks/translation.py --tasks cut --turns edges --steps 1000 --seeds 2
    python benchmarks/translation.py --tasks cut --turns inverted --seeds 1 --options nce_maps=[0,1,2]
    python benchmarks/translation.py --tasks cyclegan --turns rotated
    python benchmarks/translation.py --tasks hd spade enlarge colour --seeds 1
"""

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
import tyro
from configurations import chosen_options
from measure import report

import jaxgan
from jaxgan import Players, conditions, data, losses, networks
from jaxgan.data.translations import GRID, MIXTURES
from jaxgan.metrics.classifier import train_classifier
from jaxgan.metrics.features import extract
from jaxgan.metrics.frechet import frechet_distance, moments
from jaxgan.metrics.modes import mode_coverage
from jaxgan.metrics.pairs import pair_measures
from jaxgan.metrics.summary import summarize
from jaxgan.observe.requests import generated
from jaxgan.recipes.esrgan import enlarged
from jaxgan.recipes.making import made

TRAINED_ON = 1500
TASKS = ("pairs", "hd", "spade", "enlarge", "colour", "cyclegan", "cut", "plane")
USUAL = {"cyclegan": ("inverted",), "cut": ("inverted", "edges")}
CONFIGURATIONS = {
    "pairs": jaxgan.preset("pix2pix"),
    "hd": jaxgan.preset("pix2pixhd-digits"),
    "spade": jaxgan.preset("spade-digits"),
    "enlarge": jaxgan.preset("esrgan-digits"),
    "colour": jaxgan.preset("colorize-photos"),
    "cyclegan": jaxgan.preset("cyclegan-digits"),
    "cut": jaxgan.preset("cut-digits"),
}
NAMES = {"pairs": "pix2pix", "hd": "pix2pixHD", "spade": "SPADE", "enlarge": "ESRGAN"}
TURNS = {
    "inverted": (lambda rows: 255 - rows, lambda rows: 255 - rows),
    "rotated": (lambda rows: np.rot90(rows, axes=(1, 2)), lambda rows: np.rot90(rows, -1, axes=(1, 2))),
    "edges": (lambda rows: rows, lambda rows: rows),
}
"""From digits to domain b, and back; of edges domain b is the digits, and a their edges."""


@dataclass(frozen=True)
class Options:
    """What to measure."""

    tasks: tuple[Literal["pairs", "hd", "spade", "enlarge", "colour", "cyclegan", "cut", "plane"], ...] = TASKS
    """Tasks to measure."""
    turns: tuple[Literal["inverted", "rotated", "edges"], ...] = ()
    """Domains for translation without pairs (default: inverted for cyclegan, inverted and edges for cut)."""
    seeds: int = 3
    """Number of runs of each."""
    steps: int | None = None
    """Steps of each (default: the preset's, 6,000 in the plane)."""
    options: tuple[str, ...] = ()
    """NAME=VALUE of options of the tasks' presets, such as nce_maps=[0,1,2]; the plane has no preset."""
    classifier_steps: int = 1200
    """Training steps of the classifier."""
    out: Path | None = None
    """JSON file, such as benchmarks/results/translation.json."""


class Digits(NamedTuple):
    """Digits, and the classifier that judges them."""

    classifier: object
    trained: np.ndarray
    kept: np.ndarray
    labels: np.ndarray
    """Labels of the kept rows."""
    sources: tuple[np.ndarray, np.ndarray]
    """Sources of both: edges, or small digits."""
    medium: object

    def row(self, name, images, target, back=lambda rows: rows):
        """Result for the kept digits."""
        images, target = (np.asarray(x, np.float32) for x in (images, target))
        seen = np.ascontiguousarray(back(self.medium.encode(images)))
        right = 100 * float(np.mean(self.classifier.predict(seen) == self.labels))
        distances = pair_measures(images, target)
        return {"what": name, "label kept %": right, "L1": distances["l1"], "PSNR dB": distances["psnr"]}


def digits(options, rows, sources):
    """The digits `rows`, and what they are made of, such as their edges."""
    labels, medium = data.load("digits").labels, data.load("digits").medium
    trained, kept = slice(TRAINED_ON), slice(TRAINED_ON, None)
    parts = [data.Dataset("digits", rows[part], labels[part], 10) for part in (trained, kept)]
    classifier = train_classifier(parts[0], held_out=parts[1], steps=options.classifier_steps)
    return Digits(classifier, rows[trained], rows[kept], labels[kept], (sources[trained], sources[kept]), medium)


def runs(algorithm, training, batch_size, steps, seeds):
    """A trained state and the seconds of its steps, for each seed; one program serves them all."""
    step = jaxgan.jitted(algorithm.step)
    for seed in range(seeds):
        batches, key = training.batches(batch_size, seed), jax.random.key(seed)
        state, _ = step(algorithm.init(key, next(batches)), next(batches), key)
        jax.block_until_ready(state)
        begun = time.perf_counter()
        for _ in range(steps - 1):
            state, _ = step(state, next(batches), key)
        jax.block_until_ready(state)
        yield jax.device_get(state), time.perf_counter() - begun


def translated(algorithm, state, condition):
    chunks = list(generated(algorithm, state, len(jax.tree.leaves(condition)[0]), condition=condition))
    return jax.tree.map(lambda *parts: np.concatenate(parts), *chunks)


def configured(task, options):
    """The preset of a task with the options."""
    return CONFIGURATIONS[task].replace(**chosen_options(options.options))


def pairs(options, judge, task):
    config, of = configured(task, options), NAMES[task]
    training = data.pairs(data.Dataset("sources", judge.sources[0]), data.Dataset("digits", judge.trained))
    target, source = (np.asarray(judge.medium.decode(x)) for x in (judge.kept, judge.sources[1]))
    mean = np.broadcast_to(np.asarray(judge.medium.decode(judge.trained)).mean(axis=0), target.shape)
    shown = {"bicubic": enlarged(source, target)} if task == "enlarge" else {"sources": source}
    ends = {"real targets": target, **shown, "mean target": mean}
    moments_of = moments(extract(judge.classifier.feature_function(), target).features)

    def row(name, images):
        images = np.asarray(images, np.float32)
        seen = moments(extract(judge.classifier.feature_function(), images).features)
        return judge.row(name, images, target) | {"Fréchet distance": frechet_distance(moments_of, seen)}

    rows = [row(name, images) for name, images in ends.items()]
    steps = options.steps or config.program.steps
    algorithm = made(config.recipe, training, replace(config.program, steps=steps, steps_per_call=1)).algorithm
    found = []
    for state, seconds in runs(algorithm, training, config.program.batch_size, steps, options.seeds):
        found.append(row(f"{of}, seed {len(found)}", translated(algorithm, state, source)) | {"seconds": seconds})
        print(found[-1], flush=True)
    return [*rows, *found, *summary(of, found)]


def colour(options):
    config, photos = configured("colour", options), data.load("gray_to_colour_photos")
    kept = np.arange(len(photos)) % 10 == 0
    training = data.pairs(data.Dataset("gray", photos.condition[~kept]), data.Dataset("colour", photos.real[~kept]))
    target, source = (np.asarray(photos.medium.decode(rows[kept])) for rows in (photos.real, photos.condition))

    def row(name, images):
        distances = pair_measures(np.clip(np.asarray(images, np.float32), -1, 1), target)
        return {"what": name, "L1": distances["l1"], "PSNR dB": distances["psnr"]}

    steps = options.steps or config.program.steps
    algorithm = made(config.recipe, training, replace(config.program, steps=steps, steps_per_call=1)).algorithm
    found = []
    for state, seconds in runs(algorithm, training, config.program.batch_size, steps, options.seeds):
        made_of = translated(algorithm, state, source)
        found.append(row(f"colours, seed {len(found)}", made_of) | {"seconds": seconds})
        print(found[-1], flush=True)
    return [row("gray, as it is", np.broadcast_to(source, target.shape)), *found, *summary("colours", found)]


def unpaired(options, judge, task, turn):
    there, back = TURNS[turn]
    config, b = configured(task, options), np.ascontiguousarray(there(judge.kept))
    sources, a = judge.sources if turn == "edges" else (judge.trained, judge.kept)
    training = data.unpaired(
        data.Dataset("a", sources[::2]),
        data.Dataset(turn, np.ascontiguousarray(there(judge.trained[1::2]))),
    )
    a, b = (np.asarray(judge.medium.decode(rows)) for rows in (a, b))
    rows = [judge.row(f"{turn}: real targets", b, b, back), judge.row(f"{turn}: sources", a, b, back)]
    steps = options.steps or config.program.steps
    algorithm = made(config.recipe, training, replace(config.program, steps=steps, steps_per_call=1)).algorithm
    both, found = task == "cyclegan", {}
    for seed, (state, seconds) in enumerate(runs(algorithm, training, config.program.batch_size, steps, options.seeds)):
        samples = translated(algorithm, state, (a, b) if both else a)
        there_and_back = [("to b", samples[0] if both else samples, b, back)]
        there_and_back += [("to a", samples[1], a, lambda rows: rows)] if both else []
        for way, images, target, again in there_and_back:
            name = f"{task} {turn} {way}"
            found.setdefault(name, []).append(
                judge.row(f"{name}, seed {seed}", images, target, again) | {"seconds": seconds}
            )
            print(found[name][-1], flush=True)
    return rows + [row for name, every in found.items() for row in (*every, *summary(name, every))]


class Map(nn.Module):
    """Network from points to points, which adds a shift to each."""

    @nn.compact
    def __call__(self, latent, condition, *, train):
        x = condition
        for _ in range(3):
            x = nn.relu(nn.Dense(128)(x))
        return condition + nn.Dense(2)(x)


def plane(options):
    training, steps = data.load("ring_and_grid"), options.steps or 6000
    ways = [
        jaxgan.gan(
            Map(),
            networks.unconditional(networks.MLPDiscriminator((128, 128, 128), octaves=8, octave_falloff=0.25)),
            loss=losses.relativistic_pairing(),
            penalties=[jaxgan.penalties.r1(0.025), jaxgan.penalties.r2(0.025)],
            instance_noise=lambda step: 10.0 ** (-3 * jnp.minimum(step / (0.3 * steps), 1)),
            condition=conditions.like((2,)),
            latent_size=1,
        )
    ] * 2
    adams = Players(*[optax.adam(optax.linear_schedule(1e-3, 0, steps), b1=0.0)] * 2)
    algorithm = jaxgan.algorithm(jaxgan.cycle(*ways, weight=1.0), jaxgan.dynamics.alternating(adams))
    batch = next(training.batches(2500, 10_000)).real
    found = []
    for state, seconds in runs(algorithm, training, 256, steps, options.seeds):
        to_b, to_a = translated(algorithm, state, tuple(batch))
        again_b, again_a = translated(algorithm, state, (to_a, to_b))
        there, home = mode_coverage(to_b, GRID), mode_coverage(to_a, MIXTURES["ring"])
        lengths = [np.linalg.norm(x - y, axis=1) for x, y in ((again_a, batch[0]), (again_b, batch[1]))]
        found.append(
            {
                "what": f"plane, seed {len(found)}",
                "modes of the grid": there.modes,
                "modes of the ring": home.modes,
                "within 3σ %, grid": 100 * there.high_quality,
                "within 3σ %, ring": 100 * home.high_quality,
                "cycle error": float(np.mean(np.concatenate(lengths))),
                "seconds": seconds,
            }
        )
        print(found[-1], flush=True)
    return [*found, *summary("plane", found)]


def summary(name, found):
    of = {key: summarize([row[key] for row in found]) for key in found[0] if key != "what"}
    return [{"what": name} | {key: f"{one.mean:.4g} ± {one.standard_error:.1g}" for key, one in of.items()}]


def main(options):
    tables = {}
    judge = None
    if set(options.tasks) - {"plane", "enlarge", "colour"}:
        edges = data.load("edges_to_digits", image_size=16)
        judge = digits(options, edges.real, edges.condition)
    for task in options.tasks:
        if task == "plane":
            tables[task] = plane(options)
        elif task == "colour":
            tables[task] = colour(options)
        elif task == "enlarge":
            sharp = data.load("coarse_to_sharp_digits")
            tables[task] = pairs(options, digits(options, sharp.real, sharp.condition), task)
        elif task in ("pairs", "hd", "spade"):
            tables[task] = pairs(options, judge, task)
        else:
            tables[task] = [
                row for turn in options.turns or USUAL[task] for row in unpaired(options, judge, task, turn)
            ]
    about = {"trained on": TRAINED_ON, "translated": len(data.load("digits").labels) - TRAINED_ON}
    rows = [row for table in tables.values() for row in table]
    report("translation", rows, out=options.out, **about)


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
