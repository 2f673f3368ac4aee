"""Distributions of the latent, functions `(key, size) -> [size]` that draw one row, and ways between latents."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from jaxgan.checks import require, require_number


def normal(key: Key[Array, ""], size: int) -> Float[Array, "{size}"]:
    """Standard normal, z ~ N(0, I).

    Examples:
        >>> jaxgan.latents.normal(jax.random.key(0), 4).shape
        (4,)
    """
    return jax.random.normal(key, (size,))


def normal_log_density(z: Float[Array, "n size"]) -> Float[Array, "n"]:
    """Logarithm of the density of `normal` rows, without its constant: −|z|²/2.

    Examples:
        >>> print(jaxgan.latents.normal_log_density(jnp.array([[3.0, 4.0]])))
        [-12.5]
    """
    return -jnp.sum(z**2, axis=-1) / 2


def uniform(key: Key[Array, ""], size: int) -> Float[Array, "{size}"]:
    """Uniform on [-1, 1), as in DCGAN (Radford et al., 2016).

    Examples:
        >>> bool(jnp.all(jnp.abs(jaxgan.latents.uniform(jax.random.key(0), 100)) <= 1))
        True
    """
    return jax.random.uniform(key, (size,), minval=-1.0, maxval=1.0)


def sphere(key: Key[Array, ""], size: int) -> Float[Array, "{size}"]:
    """Uniform on the sphere of radius √size, where a normal latent concentrates.

    Examples:
        >>> print(jnp.round(jnp.sum(jaxgan.latents.sphere(jax.random.key(0), 4) ** 2), 3))
        4.0
    """
    z = normal(key, size)
    return z * jnp.sqrt(size / jnp.sum(z**2))


def with_signs(
    count: int, rest: Callable[[Key[Array, ""], int], Float[Array, "size"]] = normal
) -> Callable[[Key[Array, ""], int], Float[Array, "size"]]:
    """`count` random signs, ±1 equally likely, and the other numbers from `rest`: for data in separate clusters.

    A continuous generator maps connected latents to connected samples, and so puts some between the clusters, the more
    the less steep it is. The signs part the latents into 2^count pieces of equal weight; the generator learns which of
    them make which cluster, so they are to be many more than the clusters, whose number and weights need not be known.

    Raises:
        ValueError: unless `count` is a whole number of at least 1; from the draw, if it is more than `size`.

    Reference:
        Khayatkhoei et al., [Disconnected Manifold Learning for Generative Adversarial
        Networks](https://arxiv.org/abs/1806.00880), 2018, and Tanielian et al., [Learning Disconnected Manifolds: a no
        GAN's land](https://arxiv.org/abs/2006.04596), 2020, for what a connected latent costs. The remedy of the former
        is several generators, that of Ben-Yosef & Weinshall ([GM-GAN](https://arxiv.org/abs/1808.10356), 2018) a
        mixture of Gaussians.

    Examples:
        >>> draw = jaxgan.latents.with_signs(2)  # two random signs, then normal numbers
        >>> print(jnp.abs(draw(jax.random.key(0), 4))[:2])
        [1. 1.]
    """
    require(isinstance(count, int) and count >= 1, f"count must be a whole number of at least 1, got {count!r}")

    def draw(key: Key[Array, ""], size: int) -> Float[Array, "{size}"]:
        require(size >= count, f"count={count} signs are more than the {size} numbers of a latent")
        key_signs, key_rest = jax.random.split(key)
        return jnp.concatenate([jax.random.rademacher(key_signs, (count,), jnp.float32), rest(key_rest, size - count)])

    return draw


def truncated(bound: float) -> Callable[[Key[Array, ""], int], Float[Array, "size"]]:
    """Standard normal with every number kept to [-bound, bound]: fewer outliers, less variety.

    For sampling from a generator that was trained on `normal` latents: the truncation trick of BigGAN (Brock et al.,
    2019, section 3.1).

    Raises:
        ValueError: unless `bound` is above 0.

    Examples:
        >>> draw = jaxgan.latents.truncated(0.5)
        >>> bool(jnp.max(jnp.abs(draw(jax.random.key(0), 100))) <= 0.5)
        True
    """
    require_number("bound", bound)
    require(isinstance(bound, jax.core.Tracer) or bound > 0, f"bound must be above 0, got {bound}")

    def draw(key: Key[Array, ""], size: int) -> Float[Array, "{size}"]:
        return jax.random.truncated_normal(key, -bound, bound, (size,))

    return draw


def slerp(
    a: Float[Array, "... size"], b: Float[Array, "... size"], t: float | Float[Array, "..."]
) -> Float[Array, "... size"]:
    """Spherical linear interpolation from `a` (t = 0) to `b` (t = 1), for `normal` and `sphere` latents.

        slerp(a, b; t) = ((1 − t)|a| + t|b|) · (sin((1 − t)Ω)·a/|a| + sin(tΩ)·b/|b|) / sin Ω,    Ω the angle of a and b:

    the direction turns at constant speed and the norm goes straight. Of equal norms it is the formula of White (2016,
    "Sampling generative networks"), whose own lets the norm swing where a and b are nearly opposite. Exactly opposite
    ones are joined by one of the great half circles (by a straight line if `size` is 1).

    Args:
        a: not zero.
        b: not zero.
        t: in [0, 1]; leading axes broadcast.

    Examples:
        >>> print(jnp.round(jaxgan.latents.slerp(jnp.array([1.0, 0.0]), jnp.array([0.0, 1.0]), 0.5), 3))
        [0.707 0.707]
    """
    t = jnp.asarray(t)[..., None]
    norm_a, norm_b = _norm(a), _norm(b)
    start, end = a / norm_a, b / norm_b
    angle = 2 * jnp.arctan2(_norm(start - end), _norm(start + end))  # exact near 0 and near π, as arccos is not
    ahead = _across(end, start)
    least = jax.nn.one_hot(jnp.argmin(jnp.abs(start), axis=-1), a.shape[-1], dtype=a.dtype)
    ahead = _across(jnp.where(_norm(ahead) > 1e-6, ahead, least), start)
    ahead = ahead / jnp.maximum(_norm(ahead), jnp.finfo(a.dtype).tiny)
    turned = ((1 - t) * norm_a + t * norm_b) * (jnp.cos(t * angle) * start + jnp.sin(t * angle) * ahead)
    return jnp.where(t == 0, a, jnp.where(t == 1, b, turned))


def lerp(
    a: Float[Array, "... size"], b: Float[Array, "... size"], t: float | Float[Array, "..."]
) -> Float[Array, "... size"]:
    """Linear interpolation (1 − t)a + tb, for `uniform` latents: it stays within their box. Leading axes broadcast.

    Examples:
        >>> print(jaxgan.latents.lerp(jnp.array([1.0, 0.0]), jnp.array([0.0, 1.0]), 0.25))
        [0.75 0.25]
    """
    t = jnp.asarray(t)[..., None]
    return (1 - t) * a + t * b


def _norm(z: Float[Array, "... size"]) -> Float[Array, "... 1"]:
    return jnp.linalg.norm(z, axis=-1, keepdims=True)


def _across(z: Float[Array, "... size"], unit: Float[Array, "... size"]) -> Float[Array, "... size"]:
    """The part of `z` that is orthogonal to `unit`."""
    return z - jnp.sum(z * unit, axis=-1, keepdims=True) * unit
