"""Losses: functions `(real_logits, fake_logits) -> Players` of per-sample values; the game averages them.

Logits are high on real data and of any shape `[B, ...]` (a discriminator of patches judges each); both arguments have
the same shape, and so have both results. Everything is written with log σ(x) = −softplus(−x), so values and gradients
are finite for logits of any size that float32 holds, but where a loss says otherwise.

A loss of your own is such a function; copy one of these. One that needs the step is an `Objective`; `top_k` makes one
of any loss. What has variables or looks at more than logits is one of `jaxgan.terms`.
"""

from jaxgan.games.losses.by_scale import by_scale
from jaxgan.games.losses.contract import Logits, Loss, Objective, objective
from jaxgan.games.losses.f_divergence import f_divergence
from jaxgan.games.losses.lecam import lecam
from jaxgan.games.losses.of_logits import (
    hinge,
    least_squares,
    minimax,
    non_saturating,
    relativistic_average,
    relativistic_pairing,
    wasserstein,
)
from jaxgan.games.losses.top_k import top_k

__all__ = [
    "Logits",
    "Loss",
    "Objective",
    "by_scale",
    "f_divergence",
    "hinge",
    "least_squares",
    "lecam",
    "minimax",
    "non_saturating",
    "objective",
    "relativistic_average",
    "relativistic_pairing",
    "top_k",
    "wasserstein",
]
