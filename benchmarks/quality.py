"""Training, and what a classifier's features say of the samples: shared by the benchmarks of quality."""

import time

import jax
import numpy as np
from configurations import build, options_of

import jaxgan
from jaxgan import data
from jaxgan.data.media.images import encode
from jaxgan.metrics.classifier import train_classifier
from jaxgan.metrics.evaluate import evaluate
from jaxgan.metrics.summary import summarize
from jaxgan.recipes.recipe import DataShape

CHUNK = 250
"""Samples that are made at once."""
METRICS = ("frechet", "precision_recall")


class Judge:
    """Compares samples with held-out images by the features of a classifier of the training images."""

    def __init__(self, training, held_out, *, steps):
        self.reference = held_out
        self.classifier = train_classifier(training, held_out=held_out, steps=steps)

    def __call__(self, images, asked=None):
        """Numbers by name, of uint8 images `[N, H, W, C]` and the labels they were asked for."""
        metrics = [*METRICS, *(["labels_obeyed"] if asked is not None else [])]
        features = self.classifier.feature_function()
        found = evaluate(metrics, real=self.reference, fake=images, features=features, asked=asked)
        values = {record.metric: record.values for record in found}
        numbers = {"FID": values["frechet"]["value"]} | dict(values["precision_recall"])
        return numbers | ({"obeyed": values["labels_obeyed"]["value"]} if asked is not None else {})


def samples_of(algorithm, state, count, *, classes=None):
    """`[count, H, W, C]` uint8 of the averaged generator, and their labels, in turn, if there are classes."""
    chunks, labels = [], None if classes is None else np.arange(count) % classes
    for i in range(0, count, CHUNK):
        asked = None if labels is None else labels[i : i + CHUNK]
        n = min(CHUNK, count - i)
        chunks.append(encode(np.asarray(algorithm.sample(state, jax.random.key(i + 1), n, asked))))
    return np.concatenate(chunks), labels


def train(config, dataset, judge, *, moments, samples, seconds=None, steps=None):
    """A record at each of `moments` times, evenly over `seconds` or `steps` of training, and the last samples.

    Compilation is not counted, nor is the judging. How many steps the time is enough for is not known beforehand, so
    learning rates that end with the last step have no place here.
    """
    algorithm, state, step, key = started(config, dataset)
    on_device = dataset.on_device()
    classes = dataset.num_classes if options_of(config).condition == "labels" else None
    curve, spent, begun = [], 0.0, time.perf_counter()
    while len(curve) < moments:
        state, _ = step(state, on_device, key)
        jax.block_until_ready(state)
        passed = spent + time.perf_counter() - begun
        share = passed / seconds if steps is None else int(state.step) / steps
        if share >= (len(curve) + 1) / moments:
            spent = passed
            images, labels = samples_of(algorithm, state, samples, classes=classes)
            curve.append({"seconds": round(spent, 1), "step": int(state.step)} | judge(images, labels))
            begun = time.perf_counter()
    return curve, images


def shown(values):
    """Mean ± standard error, as text."""
    of = summarize(values)
    return f"{of.mean:.3g}" if len(values) == 1 else f"{of.mean:.3g} ± {of.standard_error:.1g}"


def started(config, dataset):
    """The algorithm, its first state, the compiled step and the key."""
    of = DataShape(dataset.shape, dataset.num_classes)
    algorithm, program = build(config, of), config.program
    key = jax.random.key(program.seed)
    state = algorithm.init(key, next(dataset.batches(program.batch_size, program.seed)))
    drawing = data.resident(algorithm.step, batch_size=program.batch_size, seed=program.seed)
    step = jaxgan.jitted(jaxgan.repeated(drawing, program.steps_per_call))
    compiled = step.lower(state, dataset.on_device(), key).compile()
    return algorithm, state, compiled, key
