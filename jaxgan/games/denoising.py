"""Diffusion: the loss by which a denoiser learns, noise levels, and the deterministic sampler.

All constants are for data of standard deviation 0.5. A denoiser is a function `(rows [B, ...], σ [B]) -> rows`.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.checks import require
from jaxgan.core import Turn
from jaxgan.devices import global_mean
from jaxgan.networks.denoiser import DEVIATION

Rows = Float[Array, "batch ..."]
Levels = Float[Array, "batch"]
Denoise = Callable[[Rows, Levels], Rows]
LOWEST, HIGHEST = 0.002, 80.0
"""Standard deviations of the least and of the most noise."""
STEEPNESS = 7.0
"""ρ, which spaces the levels."""


def level_at(share: Float[Array, "..."]) -> Float[Array, "..."]:
    """σ at a share of the way from the least to the most noise: (σ_min^(1/ρ) + share · (σ_max^(1/ρ) − σ_min^(1/ρ)))^ρ.

    Reference:
        Karras et al., [Elucidating the Design Space of Diffusion-Based Generative
        Models](https://arxiv.org/abs/2206.00364), 2022, equation 5.

    Examples:
        >>> print(jaxgan.games.denoising.level_at(jnp.array([0.0, 0.5, 1.0])).round(3))
        [ 0.002  2.515 80.   ]
    """
    low, high = LOWEST ** (1 / STEEPNESS), HIGHEST ** (1 / STEEPNESS)
    return (low + share * (high - low)) ** STEEPNESS


def spaced(turn: Turn, low: float = 0.0, high: float = 1.0) -> Levels:
    """A level for each row of the turn, from `level_at` shares that are uniform between two."""
    return turn.draw("level", lambda key: level_at(jax.random.uniform(key, minval=low, maxval=high)))


def noised(rows: Rows, level: Levels, turn: Turn) -> Rows:
    """Rows with noise of these standard deviations."""
    return rows + by_row(level, rows) * turn.draw("noise", lambda key: jax.random.normal(key, rows.shape[1:]))


def by_row(values: Float[Array, "batch"], rows: Rows) -> Rows:
    """One value for each row, to multiply rows by."""
    return values.reshape(-1, *[1] * (rows.ndim - 1))


def denoising_loss(denoise: Denoise, rows: Rows, level: Levels, turn: Turn) -> Float[Array, ""]:
    """`weighted_error` of D(x + σn; σ), with n normal.

    Its least value over all functions is at D(y; σ) = E[x | x + σn = y], which tells the score of noised data:
    ∇ log p(y; σ) = (D(y; σ) − y)/σ².

    Args:
        denoise: D.
        rows: x.
        level: σ of each row.
        turn: for n.

    Reference:
        Karras et al., [Elucidating the Design Space of Diffusion-Based Generative
        Models](https://arxiv.org/abs/2206.00364), 2022, equations 2, 3 and 8.
    """
    return weighted_error(denoise(noised(rows, level, turn), level), rows, level)


def weighted_error(denoised: Rows, rows: Rows, level: Levels) -> Float[Array, ""]:
    """Mean of (σ² + σ_d²)/(σ·σ_d)² · (D − x)², with σ_d = 0.5.

    Reference:
        Karras et al., [Elucidating the Design Space of Diffusion-Based Generative
        Models](https://arxiv.org/abs/2206.00364), 2022, table 1.

    Examples:
        >>> weighted = jaxgan.games.denoising.weighted_error
        >>> print(weighted(jnp.array([[1.0], [1.0]]), jnp.array([[0.0], [1.0]]), jnp.array([0.5, 1.0])))
        4.0
    """
    weight = (level**2 + DEVIATION**2) / (level * DEVIATION) ** 2
    return global_mean(by_row(weight, rows) * (denoised - rows) ** 2)


def probability_flow(denoise: Denoise, noise: Rows, steps: int = 18) -> Rows:
    """Carry noise to data along dx/dσ = (x − D(x; σ))/σ by Heun's method, with 2 · steps − 1 calls of D.

    Args:
        denoise: D.
        noise: normal numbers, where data begin at σ = 80.
        steps: at least 1; one step is D(80 · noise; 80).

    Raises:
        ValueError: unless there is a whole number of at least one step.

    Reference:
        Karras et al., [Elucidating the Design Space of Diffusion-Based Generative
        Models](https://arxiv.org/abs/2206.00364), 2022, algorithm 1 with equation 5.

    Examples:
        >>> gaussian = lambda x, level: x / (1 + level[:, None] ** 2)  # of data with mean 0 and deviation 1
        >>> print(jaxgan.games.denoising.probability_flow(gaussian, jnp.array([[1.0]]), 100).round(2))
        [[1.]]
    """
    require(isinstance(steps, int) and steps >= 1, f"steps must be a whole number of at least 1, got {steps!r}")
    levels = jnp.append(level_at(jnp.linspace(1.0, 0.0, steps)) if steps > 1 else jnp.array([HIGHEST]), 0.0)

    def slope(x: Rows, level: Float[Array, ""]) -> Rows:
        return (x - denoise(x, jnp.broadcast_to(level, x.shape[:1]))) / level

    def step(x: Rows, ends: tuple[Array, Array]) -> tuple[Rows, None]:
        here, there = ends
        first = slope(x, here)
        ahead = x + (there - here) * first
        return x + (there - here) * (first + slope(ahead, there)) / 2, None

    x, _ = jax.lax.scan(step, HIGHEST * noise, (levels[:-2], levels[1:-1]))
    return denoise(x, jnp.broadcast_to(levels[-2], x.shape[:1]))
