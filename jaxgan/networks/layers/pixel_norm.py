"""Pixel-wise normalisation of feature vectors."""

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float


def pixel_norm(x: Float[Array, "*places channels"], epsilon: float = 1e-8) -> Float[Array, "*places channels"]:
    """x / √(mean of x² over the channels + ε): every vector gets the length √channels.

    Reference:
        Karras et al., [Progressive Growing of GANs](https://arxiv.org/abs/1710.10196), 2018, section 4.2.

    Examples:
        >>> x = jaxgan.networks.layers.pixel_norm(jnp.array([[3.0, 4.0]]))
        >>> round(float(jnp.mean(x**2)), 3)
        1.0
    """
    return x * lax.rsqrt(jnp.mean(x**2, axis=-1, keepdims=True) + epsilon)
