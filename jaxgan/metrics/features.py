"""Features for metrics: features of images, and class probabilities if a classifier makes them."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxgan.checks import require, require_call
from jaxgan.data.media.images import decode

BATCH = 256
"""Default number of images in a call of a feature function."""


class Seen(NamedTuple):
    """Output of a feature function."""

    features: Float[Array, "batch size"] | Float[np.ndarray, "batch size"]
    probabilities: Float[Array, "batch classes"] | Float[np.ndarray, "batch classes"] | None = None
    """Rows sum to 1; None if it is no classifier."""


class FeatureFunction(NamedTuple):
    """Any function from images to features, with a name for the record."""

    name: str
    """Name of the function, with its weights and resizer, for records."""
    of: Callable[[Float[Array, "batch ..."]], Seen]
    """Features of a batch in [-1, 1], row by row: no row may depend on another. Compile it, or it is slow."""
    identity: str | None = None
    """A hash of all that decides what `of` returns, weights and program, see `jaxgan.metrics.cache`. The features of
    data are kept in the cache under it; without one they are computed anew each time."""


Extract = FeatureFunction | Callable[[Float[Array, "batch ..."]], Seen | Float[Array, "batch size"] | np.ndarray]
"""A `FeatureFunction`, or a plain function of a batch, row by row, to features `[B, size]` or `Seen`."""
UNNAMED = "unnamed"


def feature_function(features: Extract) -> FeatureFunction:
    """Turn a plain function into a `FeatureFunction`. Its features are not cached, because nothing identifies the
    function.

    Raises:
        TypeError: if it is no function of one batch.

    Examples:
        >>> jaxgan.metrics.features.feature_function(lambda images: images.reshape(len(images), -1)).name
        'unnamed'
    """
    if isinstance(features, FeatureFunction):
        return features
    plain = require_call("features", features, "images", "jaxgan.metrics.features.pixels()")

    def of(images: Float[Array, "batch ..."]) -> Seen:
        seen = plain(images)
        return seen if isinstance(seen, Seen) else Seen(seen)

    return FeatureFunction(UNNAMED, of)


Images = np.ndarray | jax.Array | Iterable[np.ndarray | jax.Array]
"""`[N, ...]`, float in [-1, 1] or uint8 as a data set stores it; or an iterable of such batches of any lengths."""


def seen_in_batches(features: FeatureFunction, images: Images, *, batch_size: int = BATCH) -> Iterator[Seen]:
    """Output of `features` for images, `batch_size` at a time, as NumPy arrays; the last may be shorter.

    Every batch is as large as the others when `features` sees it, the last one padded with zeros, so that one program
    serves.

    Raises:
        ValueError: at once, if `batch_size` is below 1; on the way, if there are no images, or the features are not
            finite or not of the shape [B, size].
    """
    require(isinstance(batch_size, int) and batch_size >= 1, f"batch_size must be at least 1, got {batch_size!r}")
    return _seen(features, images, batch_size)


def extract(features: FeatureFunction, images: Images, *, batch_size: int = BATCH) -> Seen:
    """Output of `features` for all images, in their order, as NumPy arrays; `seen_in_batches` takes less memory.

    Raises:
        ValueError: as `seen_in_batches` does.

    Examples:
        >>> pixels = jaxgan.metrics.features.pixels()
        >>> jaxgan.metrics.features.extract(pixels, np.zeros([3, 2, 2, 1], np.float32)).features.shape
        (3, 4)
    """
    seen = list(seen_in_batches(features, images, batch_size=batch_size))
    probabilities = [s.probabilities for s in seen if s.probabilities is not None]
    return Seen(np.concatenate([s.features for s in seen]), np.concatenate(probabilities) if probabilities else None)


def pixels() -> FeatureFunction:
    """The numbers of an image themselves, or the coordinates of a point: `[B, ...] -> [B, size]`.

    Examples:
        >>> jaxgan.metrics.features.pixels().of(jnp.zeros([3, 2, 2, 1])).features.shape
        (3, 4)
    """
    return FeatureFunction("pixels", jax.jit(lambda x: Seen(x.reshape(len(x), -1))), "pixels")


def _seen(features: FeatureFunction, images: Images, batch_size: int) -> Iterator[Seen]:
    first = 0
    for batch in _batches(images, batch_size):
        count = len(batch)
        padded = np.pad(batch, [(0, batch_size - count)] + [(0, 0)] * (batch.ndim - 1))
        seen = jax.tree.map(np.asarray, features.of(jnp.asarray(padded)))
        shapes = [part.shape for part in jax.tree.leaves(seen)]
        require(
            all(len(shape) == 2 and shape[0] == batch_size for shape in shapes),
            f"features of {features.name} must be [{batch_size}, size] of {batch_size} images, got shapes {shapes}",
        )
        seen = jax.tree.map(lambda part, n=count: part[:n], seen)
        bad = ~np.isfinite(seen.features).all(axis=1)
        require(
            not bad.any(),
            f"features of {features.name} must be finite, got others for {bad.sum()} of the images "
            f"{first} to {first + count - 1}",
        )
        yield seen
        first += count
    require(first > 0, "images must be at least one, got none")


def _batches(images: Images, batch_size: int) -> Iterator[np.ndarray]:
    """Float32 images in [-1, 1] in batches of `batch_size`, whatever the lengths of the input."""
    waiting: list[np.ndarray] = []
    for given in [images] if isinstance(images, np.ndarray | jax.Array) else images:
        for start in range(0, len(given), batch_size):
            waiting.append(np.asarray(given[start : start + batch_size]))
            if sum(map(len, waiting)) < batch_size:
                continue
            joined = np.concatenate(waiting)
            yield _decoded(joined[:batch_size])
            waiting = [joined[batch_size:]]
    rest = np.concatenate(waiting) if waiting else np.zeros(0)
    if len(rest):
        yield _decoded(rest)


def _decoded(images: np.ndarray) -> np.ndarray:
    return np.asarray(decode(images), np.float32)
