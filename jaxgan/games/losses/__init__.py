"""Losses: functions `(real_logits, fake_logits) -> Players` of per-sample values; the game averages them.

Logits are high on real data and of any shape `[B, ...]` (a discriminator of patches judges each); both arguments have
the same shape, and so have both results. Everything is written with log σ(x) = −softplus(−x), so values and gradients
are finite for logits of any size that float32 holds, but where a loss says otherwise.

A loss of your own is such a function; copy one of these. One that needs the step is an `Objective`; `top_k` makes one
of any loss. What has variables or looks at more than logits is one of `jaxgan.terms`.
"""

from jaxgan.games.losses.contract import Logits as Logits
from jaxgan.games.losses.contract import Loss as Loss
from jaxgan.games.losses.contract import Objective as Objective
from jaxgan.games.losses.contract import objective as objective
from jaxgan.games.losses.f_divergence import f_divergence as f_divergence
from jaxgan.games.losses.lecam import lecam as lecam
from jaxgan.games.losses.of_logits import hinge as hinge
from jaxgan.games.losses.of_logits import least_squares as least_squares
from jaxgan.games.losses.of_logits import minimax as minimax
from jaxgan.games.losses.of_logits import non_saturating as non_saturating
from jaxgan.games.losses.of_logits import relativistic_average as relativistic_average
from jaxgan.games.losses.of_logits import relativistic_pairing as relativistic_pairing
from jaxgan.games.losses.of_logits import wasserstein as wasserstein
from jaxgan.games.losses.top_k import top_k as top_k
