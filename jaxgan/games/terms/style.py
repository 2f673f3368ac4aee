"""Terms for styles: the generator must recognise the style of its samples, and translate them back to their sources."""

from typing import Any

import flax.linen as nn
import jax.numpy as jnp
from jaxtyping import PyTree

from jaxgan.checks import require, require_number
from jaxgan.core import Info, Players, Turn
from jaxgan.devices import global_mean
from jaxgan.games.term import Context, GeneratorContext, Term
from jaxgan.games.weight import Weight, at


def style_reconstruction(generator: nn.Module, weight: Weight = 1.0) -> Term:
    """L_G + weight · E|E(G(x, s), c) − s|, s the style that the latent has for the condition c, E what reads a style.

    Info has the unweighted distance as `style_distance`.

    Args:
        generator: that of the game, a module such as `networks.StarGANv2` with methods `style(latent, condition, *,
            train)` and `read(images, condition, *, train)` to styles `[B, S]`.
        weight: at least 0, or a schedule of the step.

    Raises:
        ValueError: if the weight is negative, or the module has no such methods.

    Reference:
        Choi et al., [StarGAN v2: Diverse Image Synthesis for Multiple Domains](https://arxiv.org/abs/1912.01865), 2020,
        equation 2.
    """

    def distance(module: Any, context: GeneratorContext, turn: Turn) -> PyTree:
        condition = context.condition(turn)
        drawn = module("style", context.latents, condition)
        return jnp.abs(module("read", context.samples(context.latents), condition) - drawn)

    return _term("style reconstruction", "style_distance", generator, ("style", "read"), weight, distance)


def style_cycle(generator: nn.Module, weight: Weight = 1.0) -> Term:
    """L_G + weight · E|G(G(x, s), E(x, c_x)) − x|: samples in the style of their source are the source again.

    Info has the unweighted distance as `cycle_distance`.

    Args:
        generator: that of the game, a module such as `networks.StarGANv2` with a method `back(images, condition, *,
            train)` to images in the style of the source of the condition, which is `condition.source`.
        weight: at least 0, or a schedule of the step.

    Raises:
        ValueError: if the weight is negative, or the module has no such method.

    Reference:
        Choi et al., [StarGAN v2: Diverse Image Synthesis for Multiple Domains](https://arxiv.org/abs/1912.01865), 2020,
        equation 4.
    """

    def distance(module: Any, context: GeneratorContext, turn: Turn) -> PyTree:
        condition: Any = context.condition(turn)
        return jnp.abs(module("back", context.samples(context.latents), condition) - condition.source)

    return _term("style cycle", "cycle_distance", generator, ("back",), weight, distance)


def _term(
    name: str, number: str, generator: nn.Module, methods: tuple[str, ...], weight: Weight, distance: Any
) -> Term:
    require_number("weight", weight, at_least=0)
    missing = [method for method in methods if not hasattr(generator, method)]
    require(not missing, f"{name} needs a generator with the methods {', '.join(methods)}, got {generator!r}")

    def generate(variables: PyTree, context: GeneratorContext, turn: Turn) -> tuple[PyTree, PyTree]:
        collections = {"params": context.params, **context.variables}

        def module(method: str, *inputs: PyTree) -> Any:
            return generator.apply(collections, *inputs, train=True, method=method)

        return distance(module, context, turn), variables

    def losses(heads: PyTree, variables: PyTree, c: Context) -> tuple[Players, PyTree, Info]:
        mean = global_mean(c.extra)
        return Players(at(weight, c.turn.step) * mean, jnp.zeros(())), variables, {number: mean}

    return Term(name, losses, generate=generate)
