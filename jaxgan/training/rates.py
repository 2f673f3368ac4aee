"""What changes over the steps of a run: learning rates, b2, the weights of penalties, the memory of the average."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
import optax
from jaxtyping import Array, Float

from jaxgan.core import Players
from jaxgan.games.weight import Weight
from jaxgan.optimizers import adam
from jaxgan.schedules import cosine_burn_in, half_life
from jaxgan.training.config import Config

Numbers = Mapping[str, Float[Array, ""]]
"""By their names in the configuration, in the place of what it says."""


def optimizers(config: Config, traced: Numbers) -> Players[optax.GradientTransformation]:
    """Adam of both players."""
    moves = config.steps * (2 if config.rule in ("extragradient", "past_extragradient") else 1)
    return Players(
        _adam(config, traced, "generator_rate", moves, 1),
        _adam(config, traced, "discriminator_rate", moves * config.discriminator_steps, config.discriminator_steps),
    )


def penalty_weight(config: Config, weight: Weight) -> Weight:
    """The weight of a penalty that ends at `weight`."""
    return _burning_in(config, weight, config.burn_in_penalty, 1)


def average_decay(config: Config, decay: Any) -> Weight:
    """The decay of the average that ends at `decay`."""
    if config.burn_in == 0:
        return decay
    return half_life(cosine_burn_in(0.0, -1 / jnp.log2(decay), config.burn_in))


def _adam(config: Config, traced: Numbers, name: str, moves: int, a_step: int) -> optax.GradientTransformation:
    """Adam of a player that moves `moves` times in all, `a_step` times a step."""
    rate, b1, b2 = (traced.get(number, getattr(config, number)) for number in (name, "b1", "b2"))
    if config.burn_in > 0:
        start = b2 if config.burn_in_b2 is None else config.burn_in_b2
        b2 = cosine_burn_in(start, b2, config.burn_in * a_step)
        return adam(_burning_in(config, rate, config.burn_in_rate, a_step), b1=b1, b2=b2)
    if config.schedule == "cosine":
        rate = optax.cosine_decay_schedule(rate, moves)
    elif config.schedule == "linear":
        rate = optax.linear_schedule(rate, 0.0, moves)
    return optax.adam(rate, b1=b1, b2=b2)


def _burning_in(config: Config, value: Any, factor: float, a_step: int) -> Weight:
    if config.burn_in == 0 or factor == 1:
        return value
    return cosine_burn_in(factor * value, value, config.burn_in * a_step)
