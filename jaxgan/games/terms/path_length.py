"""Path length regularisation of a generator that maps latents to styles and styles to images."""

from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from jaxgan.arguments import named
from jaxgan.checks import require, require_number
from jaxgan.core import Info, Players, Turn
from jaxgan.devices import couple_rows, global_mean
from jaxgan.games import latents
from jaxgan.games.term import Context, GeneratorContext, Term
from jaxgan.games.weight import Weight, at
from jaxgan.networks.adapter import asked_by
from jaxgan.networks.layers.rows import STREAM


def path_length(generator: nn.Module, weight: Weight = 2.0, decay: float = 0.99, shrink: int = 2) -> Term:
    """L_G + weight · E[(‖Jᵀy‖ − a)²].

    J is the derivative of the images with respect to the styles w, mixed as in training, y standard normal over √(H·W),
    and latents are drawn anew. The length of a row is the root of the mean over layers of the squared lengths. a starts
    at 0 and follows the mean of the lengths, a ← decay·a + (1 − decay)·E‖Jᵀy‖; the penalty sees it after that, and is
    differentiated through it. Under a rule that runs the generator several times a step, a moves each time. It is
    costly; the authors' programs take it `terms.every(4, ...)` steps, the paper 8. Info has the unweighted
    `path_penalty`.

    Args:
        generator: that of the game, a module such as `networks.StyleGAN2Generator`, with a method `styles(latent,
            condition, *, train)` to `[B, layers, W]`, whose call takes such styles in the place of latents.
        weight: at least 0, or a schedule of the step. The paper's ln 2 / (r²(ln r − ln 2)) at r×r pixels is 2 here: y
            is smaller by r, and the 2(log₂ r − 1) layers are averaged, not added up.
        decay: in [0, 1).
        shrink: the penalty is taken on one row in so many; at least 1. It must divide the rows on each device.

    Raises:
        ValueError: if an argument is out of range; while tracing, if `shrink` does not divide the rows.

    Reference:
        Karras et al., [Analyzing and Improving the Image Quality of StyleGAN](https://arxiv.org/abs/1912.04958), 2020,
        equation 4 and appendix B.

    Examples:
        >>> generator = jaxgan.networks.StyleGAN2Generator(
        ...     image_size=16, channels=3, style_size=8, mapping_layers=2, channel_base=128, channel_max=8
        ... )
        >>> term = jaxgan.penalties.every(4, jaxgan.terms.path_length(generator, weight=2.0))
    """
    require_number("weight", weight, at_least=0)
    require_number("decay", decay, at_least=0, below=1)
    require(isinstance(shrink, int) and shrink >= 1, f"shrink must be a whole number of at least 1, got {shrink!r}")
    require(
        hasattr(generator, "styles"), f"generator needs a method styles(latent, condition, *, train), got {generator!r}"
    )

    def generate(mean: Array, context: GeneratorContext, turn: Turn) -> tuple[Array, Array]:
        couple_rows("the mean path length")
        rows = turn.rows()
        require(rows % shrink == 0, f"path length takes one row in {shrink}, but there are {rows} rows on each device")
        lengths = path_lengths(generator, context, turn.part(0, shrink))
        mean = decay * mean + (1 - decay) * global_mean(lengths)
        return (lengths - mean) ** 2, mean

    def losses(heads: PyTree, variables: PyTree, c: Context) -> tuple[Players, PyTree, Info]:
        penalty = global_mean(c.extra)
        return Players(at(weight, c.turn.step) * penalty, jnp.zeros(())), variables, {"path_penalty": penalty}

    return Term("path length", losses, generate=generate, generator_variables=lambda: jnp.zeros(()))


def path_lengths(generator: nn.Module, context: GeneratorContext, turn: Turn) -> Float[Array, "batch"]:
    """‖Jᵀy‖ of one fresh latent for each row of the turn, in training mode."""
    collections, condition = {"params": context.params, **context.variables}, context.condition(turn)
    latent_size = context.latents.shape[1]
    z = turn.draw("path latent", lambda key: latents.normal(key, latent_size))
    mixing = {STREAM: turn.stream("path mixing")}
    styles = generator.apply(
        collections, z, condition, train=True, method="styles", rngs=mixing, **named(generator.styles, step=turn.step)
    )

    def projected(styles: Array) -> Array:
        rngs = {STREAM: turn.stream("path noise")}
        images: Any = generator.apply(
            collections, styles, condition, train=True, rngs=rngs, **asked_by(generator, rngs[STREAM], turn.step)
        )
        shape = images.shape[1:]
        noise = turn.draw("path direction", lambda key: jax.random.normal(key, shape))
        return jnp.sum(images * noise) / (shape[0] * shape[1]) ** 0.5

    squares = jnp.mean(jnp.sum(jax.grad(projected)(styles) ** 2, axis=2), axis=1)
    return jnp.sqrt(squares + 1e-8)
