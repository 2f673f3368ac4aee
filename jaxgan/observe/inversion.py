"""Search for the latents from which a trained generator makes given images."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, Int, Key

from jaxgan.checks import require, require_number
from jaxgan.core import GANState
from jaxgan.errors import InputError
from jaxgan.experiment import Experiment
from jaxgan.metrics.pairs import psnr
from jaxgan.metrics.random_features import random_features
from jaxgan.observe.requests import latent_shapes
from jaxgan.observe.stored import Checkpoint, check_checkpoint
from jaxgan.options.conform import conform
from jaxgan.program.program import SEEDS

ROWS = 256
"""Number of pictures times starts in one call."""
MEAN_OF = 4096
"""Number of latents whose styles are averaged."""


@dataclass(frozen=True)
class Inversion:
    """How latents are found, and where the results go."""

    out: Path | None = None
    """Folder for the results (default: RUN/inverted)."""
    space: Literal["z", "w", "w+"] = "z"
    """What to search for: latents, or StyleGAN2's styles: one for all layers, or one for each layer."""
    starts: int = 16
    """Number of starting latents for each picture (and for each class of a conditional run); the best result counts."""
    iterations: int = 500
    """Steps of Adam."""
    rate: float = 0.1
    """Initial learning rate; it falls to 0 along half a cosine."""
    feature_weight: float = 0.0
    """Weight of the squared error of random features, see jaxgan.metrics, beside that of the pixels."""
    labels: tuple[str | int, ...] = ()
    """For a conditional run: classes to search in (default: all that have data)."""
    seed: int = 0
    """Seed of the starting points."""
    step: int | None = None
    """Step of a kept checkpoint (default: the newest)."""
    checkpoint: Checkpoint = "latest"
    """Use the newest state, or the state of the best evaluation."""

    def __post_init__(self) -> None:
        conform(self)
        for name in ("starts", "iterations"):
            require_number(name, getattr(self, name), at_least=1)
        require(self.starts <= ROWS, f"starts must be at most {ROWS}, got {self.starts}")
        require(self.rate > 0, f"rate must be above 0, got {self.rate}")
        require_number("feature_weight", self.feature_weight, at_least=0)
        require_number("seed", self.seed, at_least=0, below=SEEDS)
        check_checkpoint(self.step, self.checkpoint)


class Found(NamedTuple):
    """Latents that generate pictures."""

    latents: Float[np.ndarray, "pictures size"] | Float[np.ndarray, "pictures layers size"]
    """Latents, or styles."""
    labels: Int[np.ndarray, "pictures"] | None
    """Classes, for a conditional run."""
    samples: Float[np.ndarray, "pictures height width channels"]
    """Samples that the generator makes from them."""
    psnr: Float[np.ndarray, "pictures"]
    """PSNR of the samples against the pictures, in decibels."""


def inverter(
    experiment: Experiment,
    state: GANState,
    inversion: Inversion = Inversion(),
    classes: Sequence[int] = (),
) -> Callable[[Float[np.ndarray, "pictures height width channels"]], Found]:
    """A function that finds the inputs from which the averaged generator makes given images in [-1, 1].

    For an image x it minimises over the latent z, by Adam from several starts at once,

        mean (G(z) − x)² + feature_weight · mean (f(G(z)) − f(x))²,

    and takes the start that ends lowest. Latents start as they are drawn in training, styles at the mean of the
    styles of drawn latents plus a tenth of the deviation of one. Uniform latents stay in their box.

        run = jaxgan.open("runs/00000-digits")
        found = inverter(run.experiment, run.state)(images)

    Args:
        experiment: whose samples are images that latents make.
        state: state of its algorithm.
        inversion: how; `out`, `labels`, `step` and `checkpoint` have no effect here.
        classes: numbers of the classes to search in, if samples are conditioned on classes.

    Raises:
        ValueError: if the samples are made of no latents, there is no such space, or classes are missing or too many;
            from the function, if the images have another shape.

    Reference:
        Lipton & Tripathi, [Precise Recovery of Latent Vectors from Generative Adversarial
        Networks](https://arxiv.org/abs/1702.04782), 2017; [Karras et al., 2020](https://arxiv.org/abs/1912.04958),
        appendix D (styles, there with LPIPS and noise); Abdal et al.,
        [Image2StyleGAN](https://arxiv.org/abs/1904.03189), 2019 (one style for each layer).
    """
    latents, space = experiment.latents, inversion.space
    if latents is None or experiment.conditional == "rows":
        raise InputError("the samples are not made from latents")
    require(space == "z" or experiment.styled is not None, f"space={space} needs a network with styles, as StyleGAN2's")
    layers = latent_shapes(experiment)["styles"][0] if space == "w" else 1
    told = experiment.conditional == "classes"
    require(
        told == (len(classes) > 0), f"classes must {'' if told else 'not '}be given for these samples, got {classes}"
    )
    boxed = latents.truncated is None and space == "z" and _is_boxed(latents.draw)
    schedule = optax.cosine_decay_schedule(inversion.rate, inversion.iterations)
    optimizer, labels = optax.adam(schedule), np.array(classes, np.int32)
    starts = max(inversion.starts, len(classes))
    condition = None if len(classes) == 0 else jnp.asarray(np.resize(labels, starts))

    def begin(key: Key[Array, ""], rows: int) -> Array:
        z = jax.vmap(latents.draw)(jax.random.split(key, rows * starts))
        if space == "z":
            return z
        assert experiment.styled is not None
        told = None if condition is None else jnp.tile(condition, rows)
        many = jax.vmap(latents.draw)(jax.random.split(jax.random.fold_in(key, 1), MEAN_OF))
        classes_of_many = None if condition is None else jnp.asarray(np.resize(labels, MEAN_OF))
        mean = jnp.mean(experiment.styled(state, many, classes_of_many), axis=0)
        styles = mean + 0.1 * (experiment.styled(state, z, told) - mean)
        return styles[:, :1] if space == "w" else styles

    def images_of(z: Array) -> Array:
        if space == "w":
            z = jnp.repeat(z, layers, axis=1)
        told = None if condition is None else jnp.tile(condition, len(z) // starts)
        return experiment.algorithm.sample(state, jax.random.key(inversion.seed), len(z), told, z)

    def error(z: Array, x: Array) -> Array:
        samples = images_of(z)
        squared = jnp.mean((samples - x) ** 2, axis=(1, 2, 3))
        if inversion.feature_weight == 0:
            return squared
        features = random_features(x.shape[1:]).of
        away = features(samples).features - features(x).features
        return squared + inversion.feature_weight * jnp.mean(away**2, axis=1)

    @jax.jit
    def search(key: Key[Array, ""], x: Array) -> tuple[Array, Array, Array]:
        repeated = jnp.repeat(x, starts, axis=0)

        def move(carry: tuple[Array, Any], _: None) -> tuple[tuple[Array, Any], None]:
            z, memory = carry
            # the rows do not depend on each other, so the gradient of the sum is that of each
            gradient = jax.grad(lambda z: jnp.sum(error(z, repeated)))(z)
            updates, memory = optimizer.update(gradient, memory)
            z = z + updates
            return (jnp.clip(z, -1, 1) if boxed else z, memory), None

        z = begin(key, len(x))
        (z, _), _ = jax.lax.scan(move, (z, optimizer.init(z)), None, inversion.iterations)
        best = jnp.argmin(error(z, repeated).reshape(len(x), starts), axis=1) + starts * jnp.arange(len(x))
        return z[best], best % starts, images_of(z)[best]

    def invert(images: Float[np.ndarray, "pictures height width channels"]) -> Found:
        made = jax.eval_shape(images_of, jax.eval_shape(lambda key: begin(key, 1), jax.random.key(0))).shape[1:]
        require(images.shape[1:] == made and len(images) > 0, f"images must be [N, *{made}], got {images.shape}")
        key, parts = jax.random.key(inversion.seed), []
        for i, (chunk, count) in enumerate(_chunks(images, max(1, ROWS // starts))):
            z, start, samples = (x[:count] for x in jax.device_get(search(jax.random.fold_in(key, i), chunk)))
            parts.append((z, np.resize(labels, starts)[start] if len(labels) else start, samples))
        z, found, samples = (np.concatenate(part) for part in zip(*parts, strict=True))
        z = np.repeat(z, layers, axis=1) if space == "w" else z
        decibels = psnr(np.clip(samples, -1, 1), images)
        return Found(z, found if len(labels) else None, samples, decibels)

    return invert


def _is_boxed(draw: Callable[[Key[Array, ""]], Array]) -> bool:
    """Whether drawn latents stay within [-1, 1]."""
    return bool(jnp.max(jnp.abs(jax.vmap(draw)(jax.random.split(jax.random.key(0), 64)))) <= 1)


def _chunks(images: np.ndarray, size: int) -> Iterator[tuple[np.ndarray, int]]:
    """Parts of one size, so that one program works for all, with the number of requested images in each."""
    size = min(size, len(images))
    for start in range(0, len(images), size):
        index = np.arange(start, start + size) % len(images)
        yield images[index], min(size, len(images) - start)
