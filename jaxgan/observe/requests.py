"""Requests for samples: their conditions (classes in turn, conditions of rows of the data, or nothing), and how they
are drawn."""

from collections.abc import Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int, PyTree

from jaxgan.core import Algorithm, Batch, GANState, stream
from jaxgan.data.dataset import Dataset
from jaxgan.data.iterable import IterableDataset
from jaxgan.data.media import Medium
from jaxgan.data.unpaired import Unpaired
from jaxgan.experiment import Experiment, Latents

CHUNK = 256


def example(dataset: Dataset | IterableDataset, rows: int, seed: int) -> Batch:
    """A number of rows of a data set; for an iterable of batches, the first batch, whatever its size."""
    if isinstance(dataset, Dataset):
        return next(dataset.batches(min(rows, len(dataset)), seed))
    return dataset.decode(dataset.first)


def classes_in_turn(classes: Sequence[int] | Int[np.ndarray, "classes"], n: int) -> Int[np.ndarray, "n"]:
    """Labels of n samples."""
    return np.resize(np.array(classes, np.int32), n)


def of_classes(dataset: Dataset | IterableDataset, labels: Int[np.ndarray, "n"], seed: int) -> Batch | None:
    """Rows of the data with these classes, in order; None if the classes of rows are unknown."""
    if not isinstance(dataset, Dataset) or dataset.labels is None or dataset.num_classes is None:
        return None
    shuffled = np.random.default_rng(seed).permutation(len(dataset.labels))
    index, taken = [], dict.fromkeys(labels.tolist(), 0)
    rows = {label: shuffled[dataset.labels[shuffled] == label] for label in taken}
    for label in labels.tolist():
        if len(rows[label]) == 0:
            return None
        index.append(rows[label][taken[label] % len(rows[label])])
        taken[label] += 1
    return dataset.decode(dataset.take(np.array(index)))


def rows_at(dataset: Dataset, index: Int[np.ndarray, "n"]) -> Batch:
    """These rows as networks see them; of two domains, the same rows of both."""
    both = isinstance(dataset.real, Unpaired)
    return dataset.decode(dataset.take(Unpaired(index, index) if both else index))


def draw_latents(latents: Latents, seed: int, n: int, *, bound: float | None = None) -> Float[np.ndarray, "n size"]:
    """Rows of latents. Row i depends only on the seed and on i."""
    key = jax.random.key(seed)
    draw = latents.draw if bound is None or latents.truncated is None else latents.truncated(bound)
    return np.asarray(jax.jit(jax.vmap(lambda i: draw(jax.random.fold_in(key, i))))(np.arange(n)))


def latent_shapes(experiment: Experiment) -> dict[str, tuple[int, ...]]:
    """Shapes of one row of the inputs of samples: `latents`, and `styles` if the networks take them."""
    latents, styled = experiment.latents, experiment.styled
    if latents is None:
        return {}
    one = jax.eval_shape(lambda: latents.draw(jax.random.key(0))[None])
    if styled is None:
        return {"latents": one.shape[1:]}
    state = jax.eval_shape(experiment.algorithm.init, jax.random.key(0), any_batch(experiment))
    labels = jnp.zeros(1, jnp.int32) if experiment.conditional == "classes" else None
    return {"latents": one.shape[1:], "styles": jax.eval_shape(styled, state, one, labels).shape[1:]}


def generated(
    algorithm: Algorithm,
    state: GANState,
    n: int,
    *,
    condition: PyTree = None,
    latents: Float[np.ndarray, "n size"] | Float[np.ndarray, "n layers style"] | None = None,
    seed: int = 0,
) -> Iterator[PyTree]:
    """Samples of the averaged generator in chunks of one size, so that one program works for all; the last is cut.

    Args:
        algorithm: whose samples.
        state: on one device.
        n: samples in all.
        condition: rows `[n, ...]`, or None.
        latents: latents or styles; None where `algorithm.sample` takes none.
        seed: seed of the keys, one for each chunk.
    """
    size = min(n, CHUNK)
    key = jax.random.key(seed)
    for start in range(0, n, size):
        rows = np.arange(start, start + size) % n
        asked = jax.tree.map(lambda x, rows=rows: x[rows], condition)
        if latents is None:
            samples = algorithm.sample(state, stream(key, f"chunk {start}"), size, asked)
        else:
            own = stream(key, f"chunk {start}") if start else key
            samples = algorithm.sample(state, own, size, asked, latents[rows])
        yield jax.tree.map(lambda x, start=start: np.asarray(x)[: n - start], samples)


def stored_samples(
    experiment: Experiment, state: GANState, condition: PyTree, n: int, seed: int, medium: Medium
) -> np.ndarray | None:
    """n samples of the averaged generator in the stored form of a medium; None if some are not finite.

    Args:
        experiment: whose samples.
        state: on one device.
        condition: rows `[n, ...]`, or None.
        n: samples.
        seed: seed of latents and keys.
        medium: medium of what metrics compare, see `Experiment.compared`.
    """
    latents = None if experiment.latents is None else draw_latents(experiment.latents, seed, n)
    chunks = []
    for chunk in generated(experiment.algorithm, state, n, condition=condition, latents=latents, seed=seed):
        samples = chunk if experiment.compared is None else np.asarray(experiment.compared(chunk))
        if not np.isfinite(samples).all():
            return None
        chunks.append(medium.encode(samples))
    return np.concatenate(chunks)


def request(experiment: Experiment, rows: Batch, labels: Int[np.ndarray, "n"] | None) -> Any:
    """The condition of as many samples as there are rows of the data."""
    if experiment.conditional == "nothing":
        return None
    return labels if experiment.conditional == "classes" else experiment.ask(rows)


def asked_at_random(experiment: Experiment, labels_of: Dataset, n: int, seed: int) -> PyTree:
    """Conditions of random rows, so that they have the proportions of the data.

    Args:
        experiment: whose samples are asked for; its data must have rows.
        labels_of: rows whose classes are requested, if samples are conditioned on classes.
        n: samples.
        seed: seed of the rows.
    """
    if experiment.conditional == "nothing":
        return None
    random = np.random.default_rng(seed)
    if experiment.conditional == "classes":
        labels = labels_of.labelled().labels
        return None if labels is None else labels[random.integers(len(labels), size=n)]
    assert isinstance(experiment.data, Dataset)
    rows = rows_at(experiment.data, random.integers(len(experiment.data), size=n))
    return jax.device_get(request(experiment, rows, None))


def any_batch(experiment: Experiment, rows: int = 2) -> Batch:
    """Shapes of a batch, even for an experiment without its rows."""
    data = experiment.data
    if isinstance(data, Dataset | IterableDataset):
        one = jax.eval_shape(lambda: jax.tree.map(jnp.asarray, example(data, 1, 0)))
        return jax.tree.map(lambda x: jax.ShapeDtypeStruct((rows, *x.shape[1:]), x.dtype), one)
    labels = jax.ShapeDtypeStruct((rows,), jnp.int32) if data.num_classes is not None else None
    real = jax.tree.map(lambda shape: jax.ShapeDtypeStruct((rows, *shape), jnp.float32), data.shape, is_leaf=_is_shape)
    return Batch(real, labels)


def _is_shape(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(size, int) for size in value)
