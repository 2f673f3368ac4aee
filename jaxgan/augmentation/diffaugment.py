"""Differentiable augmentation with fixed strength: colour, translation and cutout.

Zhao et al., Differentiable Augmentation for Data-Efficient GAN Training, 2020, section 4.1.
"""

from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jaxtyping import Array, Key

from jaxgan.augmentation.contract import Image, Transform, check_image
from jaxgan.checks import require, require_choice


def diffaugment(policy: Sequence[str] = ("color", "translation", "cutout")) -> Transform:
    """The transforms of a policy, one after the other, on every image.

    Args:
        policy: any of "color" (`jitter_color`), "translation" (`translate`) and "cutout" (`cut_out`), at least one; all
            three are for the least data.

    Raises:
        ValueError: if the policy is empty or names others; from the transform, if rows are not images `[H, W, C]`.

    Examples:
        >>> augment = jaxgan.augmentation.diffaugment(("translation", "cutout"))
        >>> augment(jax.random.key(0), jnp.ones([8, 8, 1])).shape
        (8, 8, 1)
    """
    require(len(policy) > 0, "policy must name at least one transform, got none")
    for name in policy:
        require_choice("policy", name, tuple(POLICY))

    def transform(key: Key[Array, ""], image: Array) -> Array:
        check_image(image)
        for name, key_of_one in zip(policy, jax.random.split(key, len(policy)), strict=True):
            image = POLICY[name](key_of_one, image)
        return image

    return transform


def jitter_color(key: Key[Array, ""], image: Image) -> Image:
    """Brightness, x + b, b in [−½, ½); saturation, m + s·(x − m), s in [0, 2), m the mean over channels at each place;
    contrast, m + c·(x − m), c in [½, 1½), m the mean of the image. All uniform. One channel has no saturation.

    Examples:
        >>> jaxgan.augmentation.jitter_color(jax.random.key(0), jnp.ones([8, 8, 3])).shape
        (8, 8, 3)
    """
    brightness, saturation, contrast = jax.random.uniform(key, (3,), image.dtype)
    image = image + (brightness - 0.5)
    gray = jnp.mean(image, axis=-1, keepdims=True)
    image = gray + 2 * saturation * (image - gray)
    mean = jnp.mean(image)
    return mean + (contrast + 0.5) * (image - mean)


def translate(key: Key[Array, ""], image: Image) -> Image:
    """Move the image by a whole number of pixels, uniform up to an eighth of each side, and fill with zeros.

    Examples:
        >>> jaxgan.augmentation.translate(jax.random.key(0), jnp.ones([8, 8, 1])).shape
        (8, 8, 1)
    """
    eighths = [pixels(side, 1 / 8) for side in image.shape[:2]]
    pad, reach = [(eighth, eighth) for eighth in eighths], jnp.array([*eighths, 0])
    start = jax.random.randint(key, (3,), 0, 2 * reach + 1)
    return jax.lax.dynamic_slice(jnp.pad(image, [*pad, (0, 0)]), start, image.shape)


def cut_out(key: Key[Array, ""], image: Image) -> Image:
    """Set a rectangle of half the sides to zero, around a centre uniform over the image; it may reach outside.

    Examples:
        >>> image = jaxgan.augmentation.cut_out(jax.random.key(0), jnp.ones([8, 8, 1]))
        >>> bool(jnp.any(image == 0)), bool(jnp.any(image == 1))
        (True, True)
    """
    inside = []
    for side, key_of_side in zip(image.shape[:2], jax.random.split(key), strict=True):
        size = pixels(side, 1 / 2)
        centre = jax.random.randint(key_of_side, (), 0, side + 1 - size % 2)
        first = centre - size // 2
        places = jnp.arange(side)
        inside.append((places >= first) & (places < first + size))
    rows, columns = inside
    return jnp.where((rows[:, None] & columns[None, :])[..., None], 0, image)


def pixels(side: int, share: float) -> int:
    """A share of a side in whole pixels. Halves are rounded up, as in the paper's program: an eighth of 28 is 4."""
    return int(side * share + 0.5)


POLICY = {"color": jitter_color, "translation": translate, "cutout": cut_out}
