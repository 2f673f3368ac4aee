"""Penalties on what an augmentation that keeps the meaning of an image changes in the critic's logit.

An augmentation is a function `(key, image) -> image` of one row. The augmented images serve these penalties alone; the
losses are taken on the images as they are.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from jaxgan.augmentation.diffaugment import pixels
from jaxgan.checks import require_number
from jaxgan.core import Turn
from jaxgan.devices import global_mean
from jaxgan.games.penalties.contract import Critic, Penalty
from jaxgan.games.weight import Weight, at

Augmentation = Callable[[Key[Array, ""], Float[Array, "..."]], Float[Array, "..."]]


def flip_and_shift(
    key: Key[Array, ""], image: Float[Array, "height width channels"]
) -> Float[Array, "height width channels"]:
    """Mirror the image left to right or not, and move it by up to an eighth of its sides; edges are repeated.

    Examples:
        >>> image = jnp.ones([8, 8, 1])
        >>> jaxgan.penalties.flip_and_shift(jax.random.key(0), image).shape
        (8, 8, 1)
    """
    flip_key, shift_key = jax.random.split(key)
    image = jnp.where(jax.random.bernoulli(flip_key), image[:, ::-1], image)
    eighths = [pixels(side, 1 / 8) for side in image.shape[:2]]
    start = jax.random.randint(shift_key, (3,), 0, 2 * jnp.array([*eighths, 0]) + 1)
    pad = [(eighth, eighth) for eighth in eighths]
    return jax.lax.dynamic_slice(jnp.pad(image, [*pad, (0, 0)], mode="edge"), start, image.shape)


def consistency(weight: Weight = 10.0, augmentation: Augmentation = flip_and_shift) -> Penalty:
    """weight · E[(D(x) − D(T(x)))²] on real data, T drawn anew for each row (CR).

    Args:
        weight: λ ≥ 0, or a schedule of the step.
        augmentation: T, `(key, image) -> image` of one row.

    Reference:
        Zhang et al., [Consistency Regularization for Generative Adversarial
        Networks](https://arxiv.org/abs/1910.12027), 2020, algorithm 1.

    Examples:
        >>> brighter = lambda key, image: image + 1.0
        >>> penalty = jaxgan.penalties.consistency(weight=10.0, augmentation=brighter)
        >>> float(penalty(critic, real, fake, turn))  # 10 · (3 + 4)²
        490.0
    """
    require_number("weight", weight, at_least=0)

    def penalty(critic: Critic, real: Array, fake: Array, turn: Turn) -> Float[Array, ""]:
        return at(weight, turn.step) * _change(critic, real, augmentation, turn, "augment real")

    return penalty


def balanced_consistency(
    real_weight: Weight = 10.0, fake_weight: Weight = 10.0, augmentation: Augmentation = flip_and_shift
) -> Penalty:
    """real_weight · E[(D(x) − D(T(x)))²] + fake_weight · E[(D(G(z)) − D(T(G(z))))²], T drawn for each row (bCR).

    Without a penalty on samples the generator may learn to draw what the augmentation does.

    Args:
        real_weight: λ_real ≥ 0, or a schedule of the step.
        fake_weight: λ_fake ≥ 0, or a schedule of the step.
        augmentation: T, `(key, image) -> image` of one row.

    Reference:
        Zhao et al., [Improved Consistency Regularization for GANs](https://arxiv.org/abs/2002.04724), 2021, algorithm
        1.

    Examples:
        >>> brighter = lambda key, image: image + 1.0
        >>> penalty = jaxgan.penalties.balanced_consistency(real_weight=10.0, fake_weight=5.0, augmentation=brighter)
        >>> float(penalty(critic, real, fake, turn))  # (10 + 5) · (3 + 4)²
        735.0
    """
    require_number("real_weight", real_weight, at_least=0)
    require_number("fake_weight", fake_weight, at_least=0)

    def penalty(critic: Critic, real: Array, fake: Array, turn: Turn) -> Float[Array, ""]:
        on_real = at(real_weight, turn.step) * _change(critic, real, augmentation, turn, "augment real")
        return on_real + at(fake_weight, turn.step) * _change(critic, fake, augmentation, turn, "augment fake")

    return penalty


def _change(
    critic: Critic, x: Float[Array, "batch ..."], augmentation: Augmentation, turn: Turn, stream: str
) -> Float[Array, ""]:
    augmented = jax.vmap(augmentation)(turn.draw(stream, lambda key: key), x)
    return global_mean((critic(x) - critic(augmented)) ** 2)
