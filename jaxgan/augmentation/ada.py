"""Adaptive discriminator augmentation."""

from collections.abc import Callable
from functools import partial

import jax
from jaxtyping import Array, Float, Key

from jaxgan.augmentation import adaptive
from jaxgan.augmentation.adaptive import Pace
from jaxgan.augmentation.color import change_color
from jaxgan.augmentation.contract import Augmentation, Image, Probability, check_image
from jaxgan.augmentation.geometry import change_geometry


def blit_geometry_color(key: Key[Array, ""], image: Image, probability: Probability) -> Image:
    """`change_geometry`, then `change_color`: each of their transforms with the given probability (the paper's bgc).

    With a fixed probability it is a transform for `jaxgan.gan`: `partial(blit_geometry_color, probability=0.3)`.

    Args:
        probability: p in [0, 1]; 0 leaves the image as it is, exactly.

    Raises:
        ValueError: if the row is no image `[H, W, C]`.

    Examples:
        >>> image = jnp.ones([8, 8, 3])
        >>> same = jaxgan.augmentation.blit_geometry_color(jax.random.key(0), image, probability=0.0)
        >>> bool(jnp.allclose(same, image))
        True
    """
    check_image(image)
    key_geometry, key_color = jax.random.split(key)
    return change_color(key_color, change_geometry(key_geometry, image, probability), probability)


def ada(
    target: float | Float[Array, ""] = 0.6,
    images: int = 500_000,
    interval: int = 4,
    transform: Callable[[Key[Array, ""], Array, Probability], Array] = blit_geometry_color,
) -> Augmentation:
    """Transforms with a probability p that keeps r_t = E[sign(D(x))] on augmented real rows at its target (ADA).

    p starts at 0 and is kept with the discriminator's variables. Every `interval` passes of the discriminator it goes
    up where r_t is above the target, and down where below, at the pace of 1 in `images` real images; info has it as
    `augment_probability`. It asks for logits that are 0 where the discriminator cannot tell, as those of every loss but
    `losses.least_squares`, `losses.wasserstein` and the relativistic ones.

    Args:
        target: target of r_t, in [−1, 1]: 0 for a guess, 1 if the discriminator is sure of all real rows.
        images: at least 1; the paper's 500,000.
        interval: at least 1.
        transform: `(key, image, probability) -> image` of one row.

    Raises:
        ValueError: if an argument is out of range.

    Reference:
        Karras et al., [Training Generative Adversarial Networks with Limited Data](https://arxiv.org/abs/2006.06676),
        2020, section 3.

    Examples:
        >>> augmentation = jaxgan.augmentation.ada(target=0.6)  # jaxgan.gan(..., augment=augmentation)
    """
    pace = Pace(target, images, interval)
    pace.check()
    return Augmentation(
        init=adaptive.start,
        mix=None,
        transform=lambda variables, key, image, step: transform(key, image, variables.probability),
        update=partial(adaptive.follow, pace),
    )
