"""Terms on pairs of samples: each row's own, and one from a second latent with the same condition.

They are for what a generator does between two latents, which neither losses nor penalties see. A term of your own is a
`PairTerm`; copy one of these.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.checks import require_number
from jaxgan.core import Players, Turn
from jaxgan.devices import global_mean
from jaxgan.games.penalties import Critic
from jaxgan.games.weight import Weight, at

Latents = Float[Array, "batch size"]


class Pairs(NamedTuple):
    """The samples of a game with a pair term: what its `generate` returns."""

    samples: Float[Array, "batch ..."]
    seconds: Float[Array, "batch ..."]
    latents: Latents
    second_latents: Latents


class PairTerm(NamedTuple):
    """What a second latent is, and what the pair adds to the losses: `jaxgan.gan(pair=...)`."""

    second: Callable[[Latents, Latents, Turn], Latents]
    """`(latents, fresh latents, turn) -> second latents`."""
    losses: Callable[[Critic, Pairs, Turn], Players]
    """`(critic, pairs, turn) -> scalars` to be added to each player's loss; the critic is that of penalties, and the
    pairs are without instance noise."""


def mode_seeking(weight: Weight = 1.0) -> PairTerm:
    """L_G + weight / (E|G(z) − G(z')| / E|z − z'| + 10⁻⁵), z' a fresh latent: different latents, different samples.

    The means are over rows and elements on all devices.

    Args:
        weight: λ ≥ 0, or a schedule of the step.

    Reference:
        Mao et al., Mode Seeking Generative Adversarial Networks for Diverse Image Synthesis, 2019, section 3.2, which
        maximises the ratio; the authors' code minimises its inverse, as here.
    """
    require_number("weight", weight, at_least=0)

    def losses(critic: Critic, pairs: Pairs, turn: Turn) -> Players:
        apart = global_mean(jnp.abs(pairs.samples - pairs.seconds))
        ratio = apart / global_mean(jnp.abs(pairs.latents - pairs.second_latents))
        return Players(generator=at(weight, turn.step) / (ratio + 1e-5), discriminator=jnp.zeros(()))

    return PairTerm(lambda latents, fresh, turn: fresh, losses)


def latent_consistency(generator_weight: Weight, discriminator_weight: Weight, deviation: Weight) -> PairTerm:
    """L_G − generator_weight · E[‖G(z) − G(z')‖²], L_D + discriminator_weight · E[(D(G(z)) − D(G(z')))²] (zCR).

    z' = z + δ, δ ~ N(0, deviation²·I): near latents make different samples that are judged alike.

    ‖·‖² is the sum over the H·W·C numbers of a sample, as in the paper. For a program that takes their mean, such as
    StudioGAN, pass its weight divided by H·W·C as `generator_weight`: by 3,072 for images of 32×32×3.

    Args:
        generator_weight: λ_gen ≥ 0, or a schedule of the step.
        discriminator_weight: λ_dis ≥ 0, or a schedule of the step.
        deviation: σ ≥ 0, or a schedule of the step.

    Reference:
        Zhao et al., Improved Consistency Regularization for GANs, 2021, algorithm 2.
    """
    require_number("generator_weight", generator_weight, at_least=0)
    require_number("discriminator_weight", discriminator_weight, at_least=0)
    require_number("deviation", deviation, at_least=0)

    def second(latents: Latents, fresh: Latents, turn: Turn) -> Latents:
        noise = turn.draw("latent noise", lambda key: jax.random.normal(key, latents.shape[1:], latents.dtype))
        return latents + at(deviation, turn.step) * noise

    def losses(critic: Critic, pairs: Pairs, turn: Turn) -> Players:
        apart = jnp.sum((pairs.samples - pairs.seconds) ** 2, axis=tuple(range(1, pairs.samples.ndim)))
        judged_apart = (critic(pairs.samples) - critic(pairs.seconds)) ** 2
        return Players(
            generator=-at(generator_weight, turn.step) * global_mean(apart),
            discriminator=at(discriminator_weight, turn.step) * global_mean(judged_apart),
        )

    return PairTerm(second, losses)
