"""A term that makes neighbouring pixels of samples similar."""

import jax.numpy as jnp

from jaxgan.checks import require, require_number
from jaxgan.core import Info, Players
from jaxgan.devices import global_mean
from jaxgan.games.term import Context, Term, term
from jaxgan.games.weight import Weight, at


def total_variation(weight: Weight = 1.0) -> Term:
    """L_G + weight · (E|G_(i+1, j) − G_(i, j)| + E|G_(i, j+1) − G_(i, j)|), means over rows, places and channels.

    The anisotropic form, for images `[B, H, W, C]`. Info has the unweighted sum as `total_variation`.

    Args:
        weight: at least 0, or a schedule of the step.

    Raises:
        ValueError: if the weight is negative; while tracing, if samples are no images of 2 pixels a side or more.

    Reference:
        Rudin, Osher & Fatemi, Nonlinear total variation based noise removal algorithms, 1992; Johnson et al.,
        [Perceptual Losses for Real-Time Style Transfer and Super-Resolution](https://arxiv.org/abs/1603.08155), 2016,
        section 3.2.

    Examples:
        >>> game = players(jaxgan.terms.total_variation(weight=1e-3))
    """
    require_number("weight", weight, at_least=0)

    def total_variation(c: Context) -> tuple[Players, Info]:
        shape = jnp.shape(c.samples)
        require(len(shape) == 4 and min(shape[1:3]) >= 2, f"total_variation needs images [B, H, W, C], got {shape}")
        value = sum((global_mean(jnp.abs(jnp.diff(c.samples, axis=axis))) for axis in (1, 2)), jnp.zeros(()))
        return Players(at(weight, c.turn.step) * value, jnp.zeros(())), {"total_variation": value}

    return term(total_variation)
