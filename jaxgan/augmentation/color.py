"""Brightness, contrast, luma, hue and saturation, each at random."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from jaxgan.augmentation.contract import Image, Probability


def change_color(key: Key[Array, ""], image: Image, probability: Probability) -> Image:
    """Each of these with the given probability, in this order, with m the mean over channels and n standard normal:

    brightness, x + 0.2·n; contrast, x·2^(0.5·n); luma flip, x − 2m (half the time); hue, the colours turned by any
    angle about the axis of grays; saturation, m + 2^n·(x − m). Hue is of three channels alone; one channel has no
    saturation either, and its luma flip is the negative.

    Reference:
        Karras et al., [Training Generative Adversarial Networks with Limited Data](https://arxiv.org/abs/2006.06676),
        2020, appendix B.

    Examples:
        >>> image = jnp.ones([4, 4, 3])
        >>> bool(jnp.allclose(jaxgan.augmentation.change_color(jax.random.key(0), image, probability=0.0), image))
        True
    """
    key_chance, key_normal, key_uniform = jax.random.split(key, 3)
    applied = jax.random.uniform(key_chance, (5,)) < probability
    brightness, contrast, saturation = jnp.where(applied[:3], jax.random.normal(key_normal, (3,)), 0)
    half, angle = jax.random.uniform(key_uniform, (2,), minval=-1, maxval=1)
    flipped = jnp.where(applied[3] & (half < 0), 1.0, 0.0)
    image = (image + 0.2 * brightness) * jnp.exp2(0.5 * contrast)
    image = image - 2 * flipped * _gray(image)
    if image.shape[-1] == 3:
        image = turn_hue(image, jnp.where(applied[4], jnp.pi * angle, 0))
    saturated = image + (jnp.exp2(saturation) - 1) * (image - _gray(image))
    return saturated.astype(image.dtype)


def turn_hue(image: Image, angle: Array | float) -> Image:
    """The colours of three channels turned by this angle about (1, 1, 1), by the formula of Rodrigues."""
    across = (jnp.roll(image, 1, axis=-1) - jnp.roll(image, -1, axis=-1)) / jnp.sqrt(3)
    return image + (jnp.cos(angle) - 1) * (image - _gray(image)) + jnp.sin(angle) * across


def _gray(image: Image) -> Float[Array, "height width 1"]:
    return jnp.mean(image, axis=-1, keepdims=True)
