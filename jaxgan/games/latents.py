"""Distributions of the latent: functions `(key, size) -> [size]` that draw one row."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key


def normal(key: Key[Array, ""], size: int) -> Float[Array, "{size}"]:
    """Standard normal, z ~ N(0, I)."""
    return jax.random.normal(key, (size,))


def uniform(key: Key[Array, ""], size: int) -> Float[Array, "{size}"]:
    """Uniform on [-1, 1), as in DCGAN (Radford et al., 2016)."""
    return jax.random.uniform(key, (size,), minval=-1.0, maxval=1.0)


def sphere(key: Key[Array, ""], size: int) -> Float[Array, "{size}"]:
    """Uniform on the sphere of radius √size, where a normal latent concentrates."""
    z = normal(key, size)
    return z * jnp.sqrt(size / jnp.sum(z**2))
