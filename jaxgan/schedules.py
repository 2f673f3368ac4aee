"""Schedules of the step for weights, rates and averages, beside those of optax."""

from collections.abc import Callable

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from jaxgan.checks import require, require_number
from jaxgan.games.weight import Weight, at

Schedule = Callable[[Int[Array, ""]], Float[Array, ""]]


def cosine_burn_in(start: float | Float[Array, ""], end: float | Float[Array, ""], steps: int) -> Schedule:
    """From `start` to `end` along half a cosine within `steps`, and then `end`:

        end + (start − end) · (1 + cos(π · min(t/steps, 1))) / 2.

    R3GAN lets the learning rate, β2, the γ of R1 and R2 and the half-life of the average go this way early in training
    (Huang et al., The GAN is dead; long live the GAN!, 2024, appendix).

    Raises:
        ValueError: unless `steps` is a whole number of at least 1.

    Examples:
        >>> schedule = jaxgan.schedules.cosine_burn_in(1.0, 0.0, steps=100)
        >>> [round(float(schedule(step)), 3) for step in (0, 50, 100, 200)]
        [1.0, 0.5, 0.0, 0.0]
    """
    require(isinstance(steps, int) and steps >= 1, f"steps must be a whole number of at least 1, got {steps!r}")

    def schedule(step: Int[Array, ""]) -> Float[Array, ""]:
        share = jnp.minimum(step / steps, 1.0)
        return end + (start - end) * (1 + jnp.cos(jnp.pi * share)) / 2

    return schedule


def half_life(steps: Weight) -> Schedule:
    """The decay 2^(−1/steps) of an average whose memory halves within `steps` steps; 0 for `steps` 0.

    For `jaxgan.algorithm(..., ema_decay=half_life(...))`. Karras et al. (Progressive Growing of GANs,
    2018) and their successors state half-lives in images: divide by the batch size.

    Args:
        steps: at least 0, or a schedule of the step.

    Examples:
        >>> decay = jaxgan.schedules.half_life(100)
        >>> round(float(decay(0)) ** 100, 3)
        0.5
    """
    require_number("steps", steps, at_least=0)
    return lambda step: jnp.exp2(-1 / jnp.asarray(at(steps, step), jnp.float32))
