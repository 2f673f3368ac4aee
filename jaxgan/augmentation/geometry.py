"""Flips, turns, scales and translations, each at random, as one warp of the image."""

from functools import partial, reduce

import jax
import jax.numpy as jnp
from jax.scipy.ndimage import map_coordinates
from jaxtyping import Array, Float, Int, Key

from jaxgan.augmentation.contract import Image, Probability

Matrix = Float[Array, "3 3"]


def change_geometry(key: Key[Array, ""], image: Image, probability: Probability) -> Image:
    """Each of these with the given probability, in this order, all by one `warp`:

    mirror left to right (half the time); turn by a multiple of 90°; move by whole pixels, uniform up to an eighth of
    the sides; scale by 2^(0.2·n); turn by any angle; stretch by 2^(0.2·n) along one side and its inverse along the
    other; turn again (either turn with the given probability); move by 0.125·n of the sides; every n standard normal.

    Reference:
        Karras et al., [Training Generative Adversarial Networks with Limited Data](https://arxiv.org/abs/2006.06676),
        2020, appendix B. Flips, quarter turns and moves by whole pixels land on pixels and are exact, as there; for the
        others the paper resamples through a wavelet filter at twice the resolution, and this interpolates between the
        four nearest pixels.

    Examples:
        >>> image = jnp.ones([8, 8, 1])
        >>> jaxgan.augmentation.change_geometry(jax.random.key(0), image, probability=1.0).shape
        (8, 8, 1)
    """
    return warp(image, _way_back(key, image, probability))


def warp(image: Image, matrix: Matrix) -> Image:
    """Warp an image: the new pixel at (row, column, 1) is the old pixel at matrix·(row, column, 1), counted from the
    centre.

    Bilinear; beyond its edges the image goes on as its mirror image. Differentiable in the image; the identity is
    exact.

    Args:
        image: `[H, W, C]`.
        matrix: `[3, 3]`, of which the last row is not read.

    Examples:
        >>> image = jnp.arange(16.0).reshape(4, 4, 1)
        >>> bool(jnp.allclose(jaxgan.augmentation.warp(image, jnp.eye(3)), image))
        True
    """
    centres = [(side - 1) / 2 for side in image.shape[:2]]
    rows, columns = (jnp.arange(side) - centre for side, centre in zip(image.shape[:2], centres, strict=True))
    source = [
        matrix[i, 0] * rows[:, None] + matrix[i, 1] * columns[None, :] + matrix[i, 2] + centres[i] for i in range(2)
    ]
    sample = partial(map_coordinates, coordinates=source, order=1, mode="mirror")
    return jax.vmap(sample, in_axes=-1, out_axes=-1)(image)


def _way_back(key: Key[Array, ""], image: Image, probability: Probability) -> Matrix:
    """Matrix from the new place of a pixel to its old place.

    Each transform is as likely as its inverse, so the inverses are drawn, and the first applied stands on the left.
    """
    key_chance, key_uniform, key_normal = jax.random.split(key, 3)
    chance = jax.random.uniform(key_chance, (8,))
    applied, turned = chance < probability, chance < 1 - jnp.sqrt(1 - jnp.asarray(probability))
    u = jax.random.uniform(key_uniform, (6,), minval=-1, maxval=1)
    n = jax.random.normal(key_normal, (4,))
    sides = jnp.array(image.shape[:2])
    mirrored = jnp.where(applied[0] & (u[0] < 0), -1.0, 1.0)
    quarters = jnp.where(applied[1], jnp.floor(2 * (u[1] + 1)), 0).astype(jnp.int32)
    pixels = jnp.where(applied[2], jnp.round(u[2:4] * sides / 8), 0)
    scale, stretch = jnp.exp2(0.2 * jnp.where(applied[3:5], n[:2], 0))
    turn, second_turn = jnp.where(turned[5:7], jnp.pi * u[4:6], 0)
    move = jnp.where(applied[7], 0.125 * n[2:4] * sides, 0)
    steps = [
        _matrix(1, 0, 0, mirrored),
        _quarter_turn(quarters),
        _translation(pixels),
        _matrix(scale, 0, 0, scale),
        _rotation(turn),
        _matrix(1 / stretch, 0, 0, stretch),
        _rotation(second_turn),
        _translation(move),
    ]
    return reduce(partial(jnp.matmul, precision="highest"), steps)


def _matrix(a: Probability, b: Probability, c: Probability, d: Probability) -> Matrix:
    return jnp.array([[a, b, 0], [c, d, 0], [0, 0, 1]], jnp.float32)


def _rotation(angle: Float[Array, ""]) -> Matrix:
    return _matrix(jnp.cos(angle), -jnp.sin(angle), jnp.sin(angle), jnp.cos(angle))


def _quarter_turn(count: Int[Array, ""]) -> Matrix:
    cosine, sine = jnp.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])[count]
    return _matrix(cosine, -sine, sine, cosine)


def _translation(by: Float[Array, "2"]) -> Matrix:
    return jnp.eye(3).at[:2, 2].set(by)
