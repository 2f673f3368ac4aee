"""Discriminators of several scales whose losses weigh alike."""

import math

import jax.numpy as jnp
import numpy as np

from jaxgan.checks import require
from jaxgan.core import Players, Turn
from jaxgan.games.losses.contract import Logits, Loss, Objective, objective


def by_scale(loss: Loss | Objective, patches: tuple[int, ...]) -> Objective:
    """The mean over scales of each scale's mean loss, where a plain mean weighs a scale by its number of patches.

        judge = networks.MultiScalePatchDiscriminator(scales=2)
        loss = losses.by_scale(losses.least_squares(), judge.patches(256, 256))

    The values of scale k are multiplied by P / (K·p_k), for P = Σ_k p_k patches of K scales.

    Args:
        loss: any loss whose values have the shape of the logits.
        patches: number of logits of each scale, in their order; see `networks.MultiScalePatchDiscriminator.patches`.

    Raises:
        ValueError: if a number is below 1, or when called, if the logits have another number of patches.

    Reference:
        Wang et al., [High-Resolution Image Synthesis and Semantic Manipulation with Conditional
        GANs](https://arxiv.org/abs/1711.11585), 2018 (pix2pixHD), equation 3, divided by K.

    Examples:
        >>> loss = jaxgan.losses.by_scale(jaxgan.losses.wasserstein(), patches=(4, 1))  # weights 5/(2·4) and 5/(2·1)
        >>> turn = jaxgan.Turn(jaxgan.Batch(jnp.zeros([1, 1])), jax.random.key(0), jnp.array(0))
        >>> print(loss.apply(jnp.zeros([1, 5]), -jnp.ones([1, 5]), turn).generator)
        [[0.625 0.625 0.625 0.625 2.5  ]]
    """
    require(
        len(patches) >= 1 and all(isinstance(count, int) and count >= 1 for count in patches),
        f"patches must be whole numbers of at least 1, got {patches}",
    )
    inner, total = objective(loss), sum(patches)
    weights = np.concatenate([np.full(count, total / (len(patches) * count), np.float32) for count in patches])

    def apply(real: Logits, fake: Logits, turn: Turn) -> Players:
        require(
            math.prod(real.shape[1:]) == total,
            f"the logits must have {total} patches for patches={patches}, got shape {list(real.shape)}",
        )
        values = inner.apply(real, fake, turn)
        each = jnp.asarray(weights).reshape(real.shape[1:])
        return Players(*(value * each.astype(value.dtype) for value in values))

    return inner._replace(apply=apply)
