"""Sines and cosines of points: a network that sees them learns small details as soon as large ones."""

import jax.numpy as jnp
from jaxtyping import Array, Float


def fourier_features(
    x: Float[Array, "*batch size"],
    octaves: int,
    *,
    opened: float | Float[Array, ""] = 1.0,
    falloff: float = 0.0,
) -> Float[Array, "*batch features"]:
    """x, and sin(2ᵏx) and cos(2ᵏx) for k = 0 ... octaves − 1, weighted: `[..., D]` to `[..., D(1 + 2 · octaves)]`.

    Dense layers alone learn high frequencies of their input last, and a discriminator of them sees the places of
    clusters long before their widths. Choose 2^octaves as large as points are to the smallest detail. The weight is

        2^(−k · falloff) · (1 − cos(π · clip(octaves · opened − k, 0, 1))) / 2.

    Args:
        x: the points.
        octaves: number of frequencies, at least 0.
        opened: share of the octaves that are let in, in [0, 1], the lowest first. Details that come in before the
            outline is learned make a generator settle on a part of the data.
        falloff: 0, and all have one amplitude; 1, and all have one slope.

    Reference:
        Tancik et al., [Fourier Features Let Networks Learn High Frequency Functions in Low Dimensional
        Domains](https://arxiv.org/abs/2006.10739), 2020, section 6.1 (positional encoding, there with a factor of 2π);
        Park et al., [Nerfies: Deformable Neural Radiance Fields](https://arxiv.org/abs/2011.12948), 2021, section 3.5
        (the window).

    Examples:
        >>> jaxgan.networks.layers.fourier_features(jnp.zeros([4, 2]), octaves=3).shape
        (4, 14)
    """
    features = [x]
    for k in range(octaves):
        window = (1 - jnp.cos(jnp.pi * jnp.clip(octaves * opened - k, 0, 1))) / 2
        weight = 2.0 ** (-k * falloff) * window
        features += [weight * jnp.sin(2.0**k * x), weight * jnp.cos(2.0**k * x)]
    return jnp.concatenate(features, axis=-1)
