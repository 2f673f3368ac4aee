"""Sines and cosines of points: a network that sees them learns small details as soon as large ones."""

import jax.numpy as jnp
from jaxtyping import Array, Float


def fourier_features(x: Float[Array, "*batch size"], octaves: int) -> Float[Array, "*batch features"]:
    """x, and sin(2ᵏx) and cos(2ᵏx) for k = 0 ... octaves − 1: `[..., D]` to `[..., D(1 + 2 · octaves)]`.

    Dense layers alone learn high frequencies of their input last, and a discriminator of them sees the places of
    clusters long before their widths. Choose 2^octaves as large as points are to the smallest detail.

    Reference:
        Tancik et al., Fourier Features Let Networks Learn High Frequency Functions in Low Dimensional Domains, 2020,
        section 6.1 (positional encoding, there with a factor of 2π).
    """
    waves = [wave(2.0**k * x) for k in range(octaves) for wave in (jnp.sin, jnp.cos)]
    return jnp.concatenate([x, *waves], axis=-1)
