"""VQGAN: an autoencoder whose codes come from a codebook, against a discriminator, with the adaptive weight of its
paper."""

from collections.abc import Callable
from typing import NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key, PyTree

from jaxgan.checks import require, require_number
from jaxgan.core import Game, Info, Turn
from jaxgan.devices import global_mean
from jaxgan.games.autoencoder import Bottleneck, Encoded, Images, autoencoder
from jaxgan.games.losses import Loss
from jaxgan.networks.adapter import Network

sg = jax.lax.stop_gradient


class Quantized(NamedTuple):
    """Codes in place of what the encoder made, see `quantized`."""

    chosen: Int[Array, "batch rows columns"]
    """Which codes of the codebook they are."""
    nearest: Float[Array, "batch rows columns size"]
    """The codes e; a derivative goes to the codebook."""
    passed: Float[Array, "batch rows columns size"]
    """The same numbers; a derivative goes to z, as if it had not been replaced."""


class Kept(NamedTuple):
    """What the codebook's loss needs."""

    encoded: Encoded
    """What the encoder makes, z."""
    nearest: Encoded
    """The codes e in its place."""
    shares: Float[Array, "batch codes"]
    """Share of each code among the codes of a row."""


def quantized(z: Float[Array, "batch rows columns size"], codebook: Float[Array, "codes size"]) -> Quantized:
    """Replace each vector by the nearest of a codebook: e = argmin_k |z − e_k|, with the straight-through derivative.

    Reference:
        van den Oord et al., [Neural Discrete Representation Learning](https://arxiv.org/abs/1711.00937), 2017,
        equations 1 to 3; Esser et al., [Taming Transformers for High-Resolution Image
        Synthesis](https://arxiv.org/abs/2012.09841), 2021, equations 2 to 4.

    Examples:
        >>> z, codebook = jnp.array([[[[0.9, 0.2]]]]), jnp.array([[0.0, 0.0], [1.0, 0.0]])
        >>> found = jaxgan.games.vqgan.quantized(z, codebook)
        >>> print(found.chosen[0, 0, 0], found.nearest[0, 0, 0])
        1 [1. 0.]
    """
    apart = jnp.sum(codebook**2, axis=1) - 2 * jnp.einsum("bhwc,kc->bhwk", z, codebook)
    chosen = jnp.argmin(apart, axis=-1)
    nearest = codebook[chosen]
    return Quantized(chosen, nearest, z + sg(nearest - z))


def codebook(
    codes: int = 1024,
    *,
    weight: float | Float[Array, ""] = 1.0,
    commitment: float | Float[Array, ""] = 0.25,
) -> Bottleneck:
    """The bottleneck of VQGAN: each vector z of a map is replaced by the nearest code e.

    Its loss is weight · E(sg[z] − e)² + commitment · E(z − sg[e])², with sg a stopped gradient. The codes start uniform
    within ±1/codes. The info has `codebook_distance` (E(z − e)²) and `perplexity`: e to the entropy of the codes'
    shares in the batch, from 1, one code, to `codes`, all of them equally often.

    Args:
        codes: number of codes, at least 1.
        weight: at least 0.
        commitment: at least 0.

    Raises:
        ValueError: if an argument is out of range.

    Examples:
        >>> bottleneck = jaxgan.games.vqgan.codebook(16)
        >>> bottleneck.init(jax.random.key(0), 4).shape
        (16, 4)
    """
    require(isinstance(codes, int) and codes >= 1, f"codes must be a whole number of at least 1, got {codes!r}")
    require_number("codebook_weight", weight, at_least=0)
    require_number("commitment", commitment, at_least=0)

    def init(key: Key[Array, ""], size: int) -> Float[Array, "codes size"]:
        return jax.random.uniform(key, (codes, size), minval=-1 / codes, maxval=1 / codes)

    def apply(params: PyTree, z: Encoded, turn: Turn | None) -> tuple[Encoded, Kept]:
        found = quantized(z, params)
        shares = jnp.mean(jax.nn.one_hot(found.chosen, codes), axis=(1, 2))
        return found.passed, Kept(z, found.nearest, shares)

    def loss(kept: Kept, numbers: int) -> tuple[Float[Array, ""], Info]:
        z, nearest, shares = kept
        moved, committed = global_mean((sg(z) - nearest) ** 2), global_mean((z - sg(nearest)) ** 2)
        return weight * moved + commitment * committed, {"codebook_distance": moved, "perplexity": perplexity(shares)}

    return Bottleneck(init, apply, loss)


def vqgan(
    encoder: nn.Module | Network,
    decoder: nn.Module | Network,
    discriminator: nn.Module | Network,
    *,
    loss: Loss,
    codes: int = 1024,
    codebook_weight: float | Float[Array, ""] = 1.0,
    commitment: float | Float[Array, ""] = 0.25,
    adversarial_weight: float | Float[Array, ""] = 0.8,
    start: int | Int[Array, ""] = 0,
    features: Callable[[Images], PyTree] | None = None,
    perceptual_weight: float | Float[Array, ""] = 1.0,
) -> Game:
    """An encoder E, a codebook and a decoder G, one player, against a discriminator D of images and reconstructions.

    With x̂ = G(e), e the codes nearest to z = E(x), sg a stopped gradient and W the kernel of the last layer,

        R = E|x − x̂| + perceptual_weight · Σ_k E|f_k(x) − f_k(x̂)|,    A = loss_G(D(x), D(x̂)),
        λ = min(|∂R/∂W| / (|∂A/∂W| + 10⁻⁴), 10⁴),
        L_G = R + adversarial_weight · λ · A + codebook_weight · E(sg[z] − e)² + commitment · E(z − sg[e])²,
        L_D = loss_D(D(x), D(x̂)).

    Samples are asked for by the condition x, images, and are their reconstructions. `games.autoencoder` says how λ is
    found; the info has its numbers and those of `codebook`.

    Args:
        encoder: images `[B, H, W, C]` to `[B, h, w, size]`, such as `networks.VQGANEncoder`.
        decoder: `[B, h, w, size]` to feature maps `[B, H, W, F]`, such as `networks.VQGANDecoder`.
        discriminator: images to logits `[B, ...]`, such as `networks.PatchDiscriminator`.
        loss: the paper's program takes `losses.hinge()`, halved for D.
        codes: number of codes, at least 1.
        codebook_weight: at least 0.
        commitment: at least 0. The paper's program exchanges both weights by mistake, and keeps that as its default.
        adversarial_weight: at least 0; 0 is an autoencoder without an adversary, for which D is not run.
        start: step from which on D learns and its judgement counts.
        features: `images -> features`, as `terms.perceptual` takes them, or None.
        perceptual_weight: at least 0.

    Raises:
        ValueError: if an argument is out of range; from `init`, if the networks do not fit each other or the data; from
            `sample`, without a condition.
        TypeError: if an argument is of another kind.

    Reference:
        Esser et al., [Taming Transformers for High-Resolution Image Synthesis](https://arxiv.org/abs/2012.09841), 2021,
        equations 4 to 7.

    Examples:
        >>> game = jaxgan.vqgan(
        ...     jaxgan.networks.VQGANEncoder(size=4, width=8, multipliers=(1, 2), blocks=1),
        ...     jaxgan.networks.VQGANDecoder(width=8, multipliers=(1, 2), blocks=1),
        ...     jaxgan.networks.PatchDiscriminator(layers=1, width=8),
        ...     loss=jaxgan.losses.hinge(),
        ...     codes=16,
        ... )
    """
    return autoencoder(
        encoder,
        codebook(codes, weight=codebook_weight, commitment=commitment),
        decoder,
        discriminator,
        loss=loss,
        adversarial_weight=adversarial_weight,
        start=start,
        features=features,
        perceptual_weight=perceptual_weight,
    )


def perplexity(shares: Float[Array, "batch codes"]) -> Float[Array, ""]:
    """e to the entropy of the codes' shares in all rows: the number of codes, if all were used equally often.

    Examples:
        >>> print(jnp.round(jaxgan.games.vqgan.perplexity(jnp.array([[0.5, 0.5, 0.0], [0.5, 0.5, 0.0]])), 3))
        2.0
    """
    whole = jax.vmap(global_mean, in_axes=1)(shares)
    return jnp.exp(-jnp.sum(jax.scipy.special.xlogy(whole, whole)))
