"""A small classifier, trained in seconds. It gives features where those of Inception mean little, and classes of
samples."""

import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import lax
from jaxtyping import Array, Float, Int, Key, PyTree

from jaxgan.checks import require, require_number
from jaxgan.core import Batch
from jaxgan.data.dataset import Dataset
from jaxgan.data.media.images import decode
from jaxgan.data.order import batch_order
from jaxgan.errors import InputError
from jaxgan.metrics.cache import digest, kept, program
from jaxgan.metrics.features import BATCH, FeatureFunction, Images, Seen, seen_in_batches
from jaxgan.networks.layers.batch_norm import batch_norm
from jaxgan.networks.layers.linear import Conv, Dense

FEATURES = 128
LARGEST_BATCH = 128


class Network(nn.Module):
    """`[B, H, W, C]` to features `[B, 128]` and logits `[B, num_classes]`.

    Convolutions of stride 2, each with twice as many channels, until a side has at most 8 pixels but two at least; a
    dense layer; batch normalisation and ReLU after each.
    """

    num_classes: int

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch height width channels"], *, train: bool
    ) -> tuple[Float[Array, "batch size"], Float[Array, "batch classes"]]:
        """See `Network`."""
        width = 32
        while width <= 64 or max(x.shape[1:3]) > 8:
            x = Conv(width, 5 if width == 32 else 3, use_bias=False)(x, train=train)
            x = nn.relu(batch_norm(train=train)(x))
            width *= 2
        x = Dense(FEATURES, use_bias=False)(x.reshape(len(x), -1), train=train)
        x = nn.relu(batch_norm(train=train)(x))
        return x, Dense(self.num_classes)(x, train=train)


@dataclass(frozen=True, eq=False)
class Classifier:
    """A trained classifier."""

    name: str
    """Name of the data and the weights: two classifiers with the same name are equal."""
    shape: tuple[int, ...]
    """Shape of the images it takes, `(H, W, C)`."""
    num_classes: int
    accuracy: float
    """Share of the held-out images that it classifies correctly."""
    held_out: int
    """Number of held-out images."""
    variables: PyTree

    def feature_function(self) -> FeatureFunction:
        """The 128 numbers before the last layer, and the probabilities of the classes.

        Raises:
            ValueError: when called, if the images are of another shape than those it was trained on.
        """

        def of(images: Float[Array, "batch ..."]) -> Seen:
            require(
                images.shape[1:] == self.shape,
                f"images must be of shape {self.shape}, as {self.name} was trained on; got {images.shape[1:]}",
            )
            return _seen(self.variables, images, self.num_classes)

        return FeatureFunction(self.name, of, f"{digest(self.variables)} {_program()}")

    def predict(self, images: Images, *, batch_size: int = BATCH) -> Int[np.ndarray, "images"]:
        """The most probable class of each image.

        Raises:
            ValueError: if the images are of another shape than those it was trained on, or there are none.
        """
        seen = seen_in_batches(self.feature_function(), images, batch_size=batch_size)
        return np.concatenate([np.asarray(s.probabilities).argmax(axis=1) for s in seen])


def train_classifier(
    dataset: Dataset,
    *,
    held_out: Dataset | float = 0.1,
    seed: int = 0,
    steps: int = 1200,
    batch_size: int | None = None,
    cache_dir: str | Path | None = None,
) -> Classifier:
    """Train a classifier, or take the same one from the cache if it was trained before.

    Cross-entropy, AdamW, learning rate up to 3e-3 and down to 0, images shifted at random by up to a fourteenth of
    their side. On one core some seconds for `digits`, about a minute for MNIST. The cache goes by a hash of the data,
    every argument and this file.

    Args:
        dataset: images with labels; rows without one are left out.
        held_out: labelled images to state the accuracy on, or the share of `dataset`, of one image at least,
            that is drawn for it.
        seed: seed of weights, order, shifts and the choice of held-out rows.
        steps: at least 1; with batches of 128 2.6 epochs of MNIST, more than enough for `digits`.
        batch_size: rows of a step; 128 if None, or all if there are fewer.
        cache_dir: see `jaxgan.data.store.cache_folder`.

    Raises:
        ValueError: if the data has no labels or is no images, if those held out are of another shape or have other
            classes, or for an argument out of its bounds.
    """
    classes, dataset = _classes(dataset), dataset.labelled()
    held_out = held_out.labelled() if isinstance(held_out, Dataset) else held_out
    require(isinstance(steps, int) and steps >= 1, f"steps must be a whole number of at least 1, got {steps!r}")
    training, testing = _split(dataset, held_out, seed)
    batch_size = min(LARGEST_BATCH, len(training.rows)) if batch_size is None else batch_size
    require(
        isinstance(batch_size, int) and 1 <= batch_size <= len(training.rows),
        f"batch_size must be from 1 to {len(training.rows)}, the rows to train on; got {batch_size!r}",
    )

    def make() -> dict[str, PyTree]:
        variables = _train(training, classes, seed=seed, steps=steps, batch_size=batch_size)
        blank = Classifier(dataset.name, dataset.shape, classes, 0.0, len(testing.rows), variables)
        batch = testing.dataset.take(testing.rows)
        accuracy = np.mean(blank.predict(batch.real) == batch.condition)
        return {"variables": jax.tree.map(np.asarray, variables), "accuracy": np.asarray(accuracy)}

    key: dict[str, Any] = {
        "data": [digest([part.dataset.real, part.dataset.labels, part.rows]) for part in (training, testing)]
    }
    key |= {"seed": seed, "steps": steps, "batch_size": batch_size, "mirror": dataset.mirror, "shape": dataset.shape}
    key |= {"program": _program()}
    known = kept(f"classifier of {dataset.name}", key, make, cache_dir=cache_dir)
    name = f"classifier of {dataset.name}, {digest(known['variables'])[:12]}"
    accuracy = float(known["accuracy"])
    return Classifier(name, dataset.shape, classes, accuracy, len(testing.rows), known["variables"])


def _program() -> str:
    return program(sys.modules[__name__])


class _Part(NamedTuple):
    dataset: Dataset
    rows: np.ndarray


def _split(dataset: Dataset, held_out: Dataset | float, seed: int) -> tuple[_Part, _Part]:
    """Split rows into one part for training and one for the accuracy. An image and its mirror image are in the same
    part."""
    if isinstance(held_out, Dataset):
        require(
            (held_out.shape, _classes(held_out)) == (dataset.shape, dataset.num_classes),
            f"held_out must be of shape {dataset.shape} with {dataset.num_classes} classes, as {dataset.name} is; "
            f"got {held_out.shape} with {held_out.num_classes}",
        )
        return _Part(dataset, np.arange(len(dataset))), _Part(held_out, np.arange(len(held_out.real)))
    require_number("held_out", held_out, at_least=0, below=1)
    images = len(dataset.real)
    shuffled = np.random.default_rng(seed).permutation(images)
    count = max(1, round(held_out * images)) if held_out > 0 else 0
    require(
        1 <= count < images,
        f"held_out must leave some of the {images} images of {dataset.name} on either side, got {held_out}",
    )
    rows = np.sort(shuffled[count:])
    mirrored = np.concatenate([rows, rows + images]) if dataset.mirror else rows
    return _Part(dataset, mirrored), _Part(dataset, np.sort(shuffled[:count]))


def _classes(dataset: Dataset) -> int:
    require(len(dataset.shape) == 3, f"{dataset.name} must hold images [N, H, W, C], got rows of shape {dataset.shape}")
    if dataset.num_classes is None or dataset.labels is None:
        raise InputError(f"{dataset.name} must have labels to train a classifier on")
    return dataset.num_classes


def _train(training: _Part, classes: int, *, seed: int, steps: int, batch_size: int) -> PyTree:
    """The variables of `Network`."""
    network, key = Network(classes), jax.random.key(seed)
    rate = optax.warmup_cosine_decay_schedule(0.0, 3e-3, steps // 5, steps)
    optimizer = optax.adamw(rate, weight_decay=1e-4)
    variables = jax.jit(partial(network.init, train=False))(key, jnp.zeros((1, *training.dataset.shape)))

    @jax.jit
    def step(variables: PyTree, memory: PyTree, batch: Batch, i: Int[Array, ""]) -> tuple[PyTree, PyTree]:
        images = _shifted(jax.random.fold_in(key, i), decode(batch.real))

        def loss(params: PyTree) -> tuple[Float[Array, ""], PyTree]:
            (_, logits), moved = network.apply(
                variables | {"params": params}, images, train=True, mutable="batch_stats"
            )
            return optax.softmax_cross_entropy_with_integer_labels(logits, batch.condition).mean(), moved

        gradient, moved = jax.grad(loss, has_aux=True)(variables["params"])
        updates, memory = optimizer.update(gradient, memory, variables["params"])
        return {"params": optax.apply_updates(variables["params"], updates)} | moved, memory

    memory = optimizer.init(variables["params"])
    for i in range(steps):
        rows = training.rows[batch_order(seed, i, batch_size=batch_size, size=len(training.rows))]
        variables, memory = step(variables, memory, training.dataset.take(rows), jnp.int32(i))
    return variables


def _shifted(
    key: Key[Array, ""], images: Float[Array, "batch height width channels"]
) -> Float[Array, "batch height width channels"]:
    """Each image moved by up to a fourteenth of its sides; what comes in repeats the border."""
    most = [side // 14 for side in images.shape[1:3]]
    padded = jnp.pad(images, [(0, 0), *((n, n) for n in most), (0, 0)], mode="edge")
    corners = jax.random.randint(key, (len(images), 2), 0, 2 * jnp.array(most) + 1)
    cut = partial(lax.dynamic_slice, slice_sizes=images.shape[1:])
    return jax.vmap(lambda image, corner: cut(image, (corner[0], corner[1], 0)))(padded, corners)


@partial(jax.jit, static_argnames="classes")
def _seen(variables: PyTree, images: Float[Array, "batch height width channels"], classes: int) -> Seen:
    seen: Any = Network(classes).apply(variables, images, train=False)
    features, logits = seen
    return Seen(features, jax.nn.softmax(logits))
