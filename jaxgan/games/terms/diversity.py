"""A term that makes samples of one condition differ as their latents do."""

import jax
import jax.numpy as jnp
from jaxtyping import PyTree

from jaxgan.checks import require_number
from jaxgan.core import Info, Players, Turn
from jaxgan.devices import global_mean
from jaxgan.games.term import Context, GeneratorContext, Term
from jaxgan.games.weight import Weight, at


def diversity(weight: Weight = 1.0) -> Term:
    """L_G − weight · E|G(z, c) − G(z', c)|, z' a fresh latent: the mean over rows and numbers.

    Nothing bounds the distance, so the weight is to fall: StarGAN v2's goes to 0 along a line. As in the authors'
    program no gradient flows through G(z', c); the paper's formula with both is the same as this with twice the weight,
    on average. Info has the unweighted distance as `diversity`.

    Args:
        weight: at least 0, or a schedule of the step.

    Raises:
        ValueError: if the weight is negative.

    Reference:
        Choi et al., [StarGAN v2: Diverse Image Synthesis for Multiple Domains](https://arxiv.org/abs/1912.01865), 2020,
        equation 3.

    Examples:
        >>> term = jaxgan.terms.diversity(weight=1.0)  # of a generator that draws styles, such as networks.StarGANv2
    """
    require_number("weight", weight, at_least=0)

    def generate(variables: PyTree, generator: GeneratorContext, turn: Turn) -> tuple[PyTree, PyTree]:
        return jax.lax.stop_gradient(generator.samples(generator.other_latents)), variables

    def losses(heads: PyTree, variables: PyTree, c: Context) -> tuple[Players, PyTree, Info]:
        apart = global_mean(jnp.abs(c.samples - c.extra))
        return Players(-at(weight, c.turn.step) * apart, jnp.zeros(())), variables, {"diversity": apart}

    return Term("diversity", losses, generate=generate)
