"""The augmentation that R3GAN was trained with."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Key

from jaxgan.augmentation.color import change_color
from jaxgan.augmentation.contract import Augmentation, Image, Probability, check_image
from jaxgan.augmentation.geometry import change_geometry
from jaxgan.checks import require_number
from jaxgan.games.weight import Weight, at


def r3gan(probability: Weight = 0.55) -> Augmentation:
    """`geometry_color_cutout` with a probability that is a number or a schedule of the step.

    Info has the probability as `augment_probability`. The authors let it grow from 0 along their burn-in, to 0.55 on
    CIFAR-10: `r3gan(schedules.cosine_burn_in(0.0, 0.55, steps))`.

    Args:
        probability: in [0, 1].

    Raises:
        ValueError: if it is a negative number; from the transform, if rows are no images `[H, W, C]`.

    Reference:
        Huang et al., [The GAN is dead; long live the GAN! A Modern Baseline GAN](https://arxiv.org/abs/2501.05441),
        2024, appendix, and its program.

    Examples:
        >>> augmentation = jaxgan.augmentation.r3gan(probability=0.55)  # jaxgan.gan(..., augment=augmentation)
    """
    require_number("probability", probability, at_least=0)
    return Augmentation(
        init=lambda: (),
        mix=None,
        transform=lambda variables, key, image, step: geometry_color_cutout(key, image, at(probability, step)),
        update=lambda variables, logits, turn: ((), {"augment_probability": jnp.asarray(at(probability, turn.step))}),
    )


def geometry_color_cutout(key: Key[Array, ""], image: Image, probability: Probability) -> Image:
    """`change_geometry`, `change_color` with half the probability, and `erase`, one after the other.

    Raises:
        ValueError: if the row is no image `[H, W, C]`.
    """
    check_image(image)
    key_geometry, key_color, key_erase = jax.random.split(key, 3)
    image = change_color(key_color, change_geometry(key_geometry, image, probability), probability / 2)
    return erase(key_erase, image, probability)


def erase(key: Key[Array, ""], image: Image, probability: Probability) -> Image:
    """With this probability set a rectangle of half the sides to zero, around a centre uniform over the image.

    The centre may be anywhere between pixels, and the rectangle may reach outside.

    Reference:
        Karras et al., [Training Generative Adversarial Networks with Limited Data](https://arxiv.org/abs/2006.06676),
        2020, appendix B.

    Examples:
        >>> image = jnp.ones([8, 8, 1])
        >>> bool(jnp.all(jaxgan.augmentation.erase(jax.random.key(0), image, probability=0.0) == image))
        True
    """
    key_chance, key_centre = jax.random.split(key)
    centre = jax.random.uniform(key_centre, (2,))
    rows, columns = ((jnp.arange(side) + 0.5) / side for side in image.shape[:2])
    inside = (jnp.abs(rows - centre[0]) < 0.25)[:, None] & (jnp.abs(columns - centre[1]) < 0.25)
    return jnp.where((inside & (jax.random.uniform(key_chance) < probability))[..., None], 0, image)
