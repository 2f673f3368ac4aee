"""What changes over the steps of a run: learning rates, b2, the weights of penalties, the memory of the average."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
import optax
from jaxtyping import Array, Float

from jaxgan.core import Players
from jaxgan.games.weight import Weight
from jaxgan.optimizers import adam
from jaxgan.recipes.config import Config
from jaxgan.schedules import cosine_burn_in

Numbers = Mapping[str, Float[Array, ""]]
"""By their names in the configuration, in the place of what it says."""


def optimizers(config: Config, traced: Numbers) -> Players[optax.GradientTransformation]:
    """Adam of both players. Its rate and β2 are functions of the step, however often a player moves in it."""
    moves = 2 if config.rule in ("extragradient", "past_extragradient") else 1
    return Players(
        _adam(config, traced, "generator_rate", moves),
        _adam(config, traced, "discriminator_rate", moves * config.discriminator_steps),
    )


def penalty_weight(config: Config, weight: Weight) -> Weight:
    """The weight of a penalty that ends at `weight`."""
    return _burning_in(config, weight, config.burn_in_penalty)


def augment_probability(config: Config) -> Weight:
    """The probability of R3GAN's augmentation."""
    if config.burn_in == 0:
        return config.augment_probability
    return cosine_burn_in(0.0, config.augment_probability, config.burn_in)


def average_decay(config: Config, decay: Any) -> Weight:
    """The decay of the average that ends at `decay`: a schedule with burn-in or a late start, else a number."""
    if config.burn_in > 0:
        share = cosine_burn_in(0.0, 1.0, config.burn_in)
        return lambda step: decay ** (1 / share(step))  # of `share` times the half-life
    if config.ema_start > 0:
        return lambda step: jnp.where(step < config.ema_start, 0.0, decay)
    return decay


def _adam(config: Config, traced: Numbers, name: str, moves: int) -> optax.GradientTransformation:
    """Adam of a player that moves `moves` times a step."""
    rate, b1, b2 = (traced.get(number, getattr(config, number)) for number in (name, "b1", "b2"))

    def by_moves(value: Weight) -> Weight:
        """The same schedule for an optimizer, which counts its moves."""
        return (lambda count: value(count // moves)) if callable(value) else value

    if config.burn_in > 0:
        start = b2 if config.burn_in_b2 is None else config.burn_in_b2
        b2 = cosine_burn_in(start, b2, config.burn_in)
        return adam(by_moves(_burning_in(config, rate, config.burn_in_rate)), b1=b1, b2=by_moves(b2))
    if config.schedule == "cosine":
        rate = optax.cosine_decay_schedule(rate, config.steps)
    elif config.schedule == "linear":
        rate = optax.linear_schedule(rate, 0.0, config.steps)
    return optax.adam(by_moves(rate), b1=b1, b2=b2)


def _burning_in(config: Config, value: Any, factor: float) -> Weight:
    if config.burn_in == 0 or factor == 1:
        return value
    return cosine_burn_in(factor * value, value, config.burn_in)
