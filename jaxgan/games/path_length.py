"""Path length regularisation of a generator that maps latents to styles and styles to images."""

from collections.abc import Callable
from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float, Key, PyTree

from jaxgan.checks import require, require_number
from jaxgan.core import Batch, Game, Info, Players, Turn
from jaxgan.devices import global_mean
from jaxgan.games import latents
from jaxgan.games.penalties.every import reported
from jaxgan.games.weight import Weight, at
from jaxgan.networks.layers.rows import STREAM


class PathVariables(NamedTuple):
    """The generator's variables in a game with path length regularisation."""

    generator: PyTree
    mean_length: Float[Array, ""]
    """a of equation 4."""


class Penalized(NamedTuple):
    """Samples, and the penalty of their generator, one number for each row that it was taken on."""

    samples: PyTree
    penalty: Float[Array, "rows"]


def path_length(
    game: Game,
    generator: nn.Module,
    *,
    latent_size: int,
    weight: Weight = 2.0,
    every: int = 4,
    decay: float = 0.99,
    shrink: int = 2,
    condition: Callable[[Turn], PyTree] = lambda turn: None,
) -> Game:
    """Add weight · E[(‖Jᵀy‖ − a)²] to what the generator of a game minimises.

    J is the derivative of the images with respect to the styles w, mixed as in training, y standard normal over √(H·W),
    and latents are drawn anew. The length of a row is the root of the mean over layers of the squared lengths. a starts
    at 0 and follows the mean of the lengths, a ← decay·a + (1 − decay)·E‖Jᵀy‖; the penalty sees it after that, and is
    differentiated through it. On the steps 0, every, 2·every, ... the penalty is `every` times as large, on the others
    it is nothing and costs nothing. It is a part of the ordinary update of the generator, see `penalties.every`. Under
    a rule that runs the generator several times a step, a moves each time.

    Args:
        game: from `jaxgan.gan`, of this generator.
        generator: a module such as `networks.StyleGAN2Generator`, with a method `styles(latent, condition, *, train)`
            to `[B, layers, W]`, whose call takes such styles in the place of latents.
        latent_size: of the game.
        weight: at least 0, or a schedule of the step. The paper's ln 2 / (r²(ln r − ln 2)) at r×r pixels is 2 here: y
            is smaller by r, and the 2(log₂ r − 1) layers are averaged, not added up.
        every: at least 1; 4 is that of the authors' programs, 8 that of the paper.
        decay: in [0, 1).
        shrink: the penalty is taken on one row in so many; at least 1. It must divide the rows on each device.
        condition: what the generator takes as its condition, from the turn.

    Returns:
        A game whose samples are `Penalized`, whose generator's variables are `PathVariables`, and whose info has
        `path_penalty`, without the factor `every`, and `path_penalty_due`, see `core.Info`.

    Raises:
        ValueError: if an argument is out of range; from `generate`, if `shrink` does not divide the rows.

    Reference:
        Karras et al., Analyzing and Improving the Image Quality of StyleGAN, 2020, equation 4 and appendix B.
    """
    require_number("weight", weight, at_least=0)
    require_number("decay", decay, at_least=0, below=1)
    for name, value in (("every", every), ("shrink", shrink)):
        require(isinstance(value, int) and value >= 1, f"{name} must be a whole number of at least 1, got {value!r}")
    require(
        hasattr(generator, "styles"), f"generator needs a method styles(latent, condition, *, train), got {generator!r}"
    )

    def init(key: Key[Array, ""], batch: Batch) -> tuple[Players, Players]:
        params, variables = game.init(key, batch)
        return params, variables._replace(generator=PathVariables(variables.generator, jnp.zeros(())))

    def generate(params: PyTree, variables: PathVariables, turn: Turn) -> tuple[Penalized, PathVariables]:
        samples, moved = game.generate(params, variables.generator, turn)
        rows, mean = turn.rows(), variables.mean_length
        require(rows % shrink == 0, f"path length takes one row in {shrink}, but there are {rows} rows on each device")

        def penalize() -> tuple[Array, Array]:
            part = turn.part(0, shrink)
            lengths = path_lengths(generator, params, variables.generator, latent_size, condition(part), part)
            moved_mean = decay * mean + (1 - decay) * global_mean(lengths)
            return every * (lengths - moved_mean) ** 2, moved_mean

        penalty, mean = lax.cond(turn.step % every == 0, penalize, lambda: (jnp.zeros(rows // shrink), mean))
        return Penalized(samples, penalty), PathVariables(moved, mean)

    def judge(params: PyTree, variables: PyTree, samples: Penalized, turn: Turn) -> tuple[Players, tuple[PyTree, Info]]:
        losses, (moved, info) = game.judge(params, variables, samples.samples, turn)
        penalty = global_mean(samples.penalty)
        total = losses.generator + at(weight, turn.step) * penalty
        info |= reported("path_penalty", penalty / every, turn.step, every)
        return losses._replace(generator=total), (moved, info)

    def sample(params: PyTree, variables: PathVariables, *rest: Any) -> PyTree:
        return game.sample(params, variables.generator, *rest)

    return Game(init, generate, judge, sample)


def path_lengths(
    generator: nn.Module, params: PyTree, variables: PyTree, latent_size: int, condition: PyTree, turn: Turn
) -> Float[Array, "batch"]:
    """‖Jᵀy‖ of one fresh latent for each row of the turn, in training mode."""
    collections = {"params": params, **variables}
    z = turn.draw("path latent", lambda key: latents.normal(key, latent_size))
    mixing = {STREAM: turn.stream("path mixing")}
    styles = generator.apply(collections, z, condition, train=True, method="styles", rngs=mixing)

    def projected(styles: Array) -> Array:
        rngs = {STREAM: turn.stream("path noise")}
        images: Any = generator.apply(collections, styles, condition, train=True, rngs=rngs)
        shape = images.shape[1:]
        noise = turn.draw("path direction", lambda key: jax.random.normal(key, shape))
        return jnp.sum(images * noise) / (shape[0] * shape[1]) ** 0.5

    squares = jnp.mean(jnp.sum(jax.grad(projected)(styles) ** 2, axis=2), axis=1)
    return jnp.sqrt(squares + 1e-8)
