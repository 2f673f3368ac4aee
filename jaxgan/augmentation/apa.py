"""Adaptive pseudo augmentation."""

from functools import partial

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.augmentation import adaptive
from jaxgan.augmentation.adaptive import Adaptive, Pace
from jaxgan.augmentation.contract import Augmentation, Rows
from jaxgan.core import Turn


def apa(target: float | Float[Array, ""] = 0.6, images: int = 500_000, interval: int = 4) -> Augmentation:
    """With probability p a sample takes the place of a real row, to keep the discriminator from being sure (APA).

    p follows λ_r = E[sign(D(x))], on the rows that the discriminator is to take for real; the arguments are those of
    `ada`. It fits data of any shape. The sample is that of the same row, so the condition fits it. The authors' code
    takes another one: of a loss that is a sum over rows the expectation is the same, while
    `losses.relativistic_pairing` learns nothing from such a row.

    Reference:
        Jiang et al., [Deceive D: Adaptive Pseudo Augmentation for GAN Training with Limited
        Data](https://arxiv.org/abs/2111.06849), 2021, section 3.

    Examples:
        >>> augmentation = jaxgan.augmentation.apa(target=0.6)  # jaxgan.gan(..., augment=augmentation)
    """
    pace = Pace(target, images, interval)
    pace.check()

    def mix(variables: Adaptive, real: Rows, fake: Rows, turn: Turn) -> Rows:
        replaced = turn.draw("pseudo", lambda key: jax.random.uniform(key) < variables.probability)
        return jnp.where(replaced.reshape(-1, *[1] * (real.ndim - 1)), fake, real)

    return Augmentation(adaptive.start, mix, None, partial(adaptive.follow, pace))
