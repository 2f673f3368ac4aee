"""The bottleneck of VQGAN: codes from a codebook."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key, PyTree

from jaxgan.checks import require, require_number
from jaxgan.core import Info, Turn
from jaxgan.devices import global_mean
from jaxgan.games.bottlenecks.contract import Bottleneck, Encoded

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
        >>> from jaxgan.games.bottlenecks.codebook import quantized
        >>> z, codebook = jnp.array([[[[0.9, 0.2]]]]), jnp.array([[0.0, 0.0], [1.0, 0.0]])
        >>> found = quantized(z, codebook)
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
        commitment: at least 0. VQGAN's program exchanges both weights by mistake, and keeps that as its default.

    Raises:
        ValueError: if an argument is out of range.

    Reference:
        Esser et al., [Taming Transformers for High-Resolution Image Synthesis](https://arxiv.org/abs/2012.09841), 2021,
        equation 4.

    Examples:
        >>> bottleneck = jaxgan.bottlenecks.codebook(16)
        >>> bottleneck.init(jax.random.key(0), 4).shape
        (16, 4)
    """
    require(isinstance(codes, int) and codes >= 1, f"codes must be a whole number of at least 1, got {codes!r}")
    require_number("weight", weight, at_least=0)
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


def perplexity(shares: Float[Array, "batch codes"]) -> Float[Array, ""]:
    """e to the entropy of the codes' shares in all rows: the number of codes, if all were used equally often.

    Examples:
        >>> from jaxgan.games.bottlenecks.codebook import perplexity
        >>> print(jnp.round(perplexity(jnp.array([[0.5, 0.5, 0.0], [0.5, 0.5, 0.0]])), 3))
        2.0
    """
    whole = jax.vmap(global_mean, in_axes=1)(shares)
    return jnp.exp(-jnp.sum(jax.scipy.special.xlogy(whole, whole)))
