"""Terms on pairs of samples: each row's sample, and one from a second latent with the same condition.

They are for what a generator does between two latents, which neither losses nor penalties see. A second pass of the
generator makes the other samples, with the variables as they were before, and moves none.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from jaxgan.checks import require_number
from jaxgan.core import Info, Players, Turn
from jaxgan.devices import couple_rows, global_mean
from jaxgan.games.term import Context, GeneratorContext, Latents, Term
from jaxgan.games.weight import Weight, at


class Seconds(NamedTuple):
    """Second sample of each pair, and the latents of both samples."""

    samples: Float[Array, "batch ..."]
    latents: Latents
    first_latents: Latents


def mode_seeking(weight: Weight = 1.0) -> Term:
    """L_G + weight / (E|G(z) − G(z')| / E|z − z'| + 10⁻⁵), z' a fresh latent: different latents, different samples.

    The means are over rows and elements on all devices.

    Args:
        weight: λ ≥ 0, or a schedule of the step.

    Reference:
        Mao et al., [Mode Seeking Generative Adversarial Networks for Diverse Image
        Synthesis](https://arxiv.org/abs/1903.05628), 2019, section 3.2, which maximises the ratio; the authors' code
        minimises its inverse, as here.

    Examples:
        >>> game = players(jaxgan.terms.mode_seeking(weight=1.0))
    """
    require_number("weight", weight, at_least=0)

    def generate(variables: PyTree, generator: GeneratorContext, turn: Turn) -> tuple[Seconds, PyTree]:
        others = generator.other_latents
        return Seconds(generator.samples(others), others, generator.latents), variables

    def losses(heads: PyTree, variables: PyTree, c: Context) -> tuple[Players, PyTree, Info]:
        couple_rows("mode seeking")
        seconds: Seconds = c.extra
        apart = global_mean(jnp.abs(c.samples - seconds.samples))
        ratio = apart / global_mean(jnp.abs(seconds.first_latents - seconds.latents))
        return Players(generator=at(weight, c.turn.step) / (ratio + 1e-5), discriminator=jnp.zeros(())), variables, {}

    return Term("pair", losses, generate=generate)


def latent_consistency(generator_weight: Weight, discriminator_weight: Weight, deviation: Weight) -> Term:
    """L_G − generator_weight · E[‖G(z) − G(z')‖²], L_D + discriminator_weight · E[(D(G(z)) − D(G(z')))²] (zCR).

    z' = z + δ, δ ~ N(0, deviation²·I): near latents make different samples that are judged alike.

    ‖·‖² is the sum over the H·W·C numbers of a sample, as in the paper. For a program that takes their mean, such as
    StudioGAN, pass its weight divided by H·W·C as `generator_weight`: by 3,072 for images of 32×32×3. Samples are
    judged without instance noise.

    Args:
        generator_weight: λ_gen ≥ 0, or a schedule of the step.
        discriminator_weight: λ_dis ≥ 0, or a schedule of the step.
        deviation: σ ≥ 0, or a schedule of the step.

    Reference:
        Zhao et al., [Improved Consistency Regularization for GANs](https://arxiv.org/abs/2002.04724), 2021, algorithm
        2.

    Examples:
        >>> game = players(jaxgan.terms.latent_consistency(0.5, 5.0, deviation=0.03))
    """
    require_number("generator_weight", generator_weight, at_least=0)
    require_number("discriminator_weight", discriminator_weight, at_least=0)
    require_number("deviation", deviation, at_least=0)

    def generate(variables: PyTree, generator: GeneratorContext, turn: Turn) -> tuple[PyTree, PyTree]:
        latents = generator.latents
        noise = turn.draw("latent noise", lambda key: jax.random.normal(key, latents.shape[1:], latents.dtype))
        return generator.samples(latents + at(deviation, turn.step) * noise), variables

    def losses(heads: PyTree, variables: PyTree, c: Context) -> tuple[Players, PyTree, Info]:
        apart = jnp.sum((c.samples - c.extra) ** 2, axis=tuple(range(1, c.samples.ndim)))
        judged_apart = (c.critic(c.pack(c.samples)) - c.critic(c.pack(c.extra))) ** 2
        values = Players(
            generator=-at(generator_weight, c.turn.step) * global_mean(apart),
            discriminator=at(discriminator_weight, c.turn.step) * global_mean(judged_apart),
        )
        return values, variables, {}

    return Term("pair", losses, generate=generate)
