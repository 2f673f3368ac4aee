"""The losses of f-GAN: the discriminator estimates a divergence, the generator descends it."""

import math

import jax.numpy as jnp
from jax.nn import softplus

from jaxgan.checks import require_choice
from jaxgan.core import Players
from jaxgan.games.losses.contract import Logits, Loss

DIVERGENCES = {
    "kl": (lambda v: v, lambda v: jnp.exp(v - 1)),
    "reverse_kl": (lambda v: -jnp.exp(-v), lambda v: v - 1),
    "pearson": (lambda v: v, lambda v: v**2 / 4 + v),
    "jensen_shannon": (lambda v: math.log(2) - softplus(-v), lambda v: softplus(v) - math.log(2)),
}
"""For each name, g, which maps logits to the domain of the conjugate f*, and f* ∘ g."""


def f_divergence(divergence: str, *, non_saturating: bool = False) -> Loss:
    """L_D = −E[g(D(x))] + E[f∗(g(D(G(z))))], L_G = −E[f∗(g(D(G(z))))]: D estimates a divergence.

    The least L_D over all D is −D_f(data ‖ samples).

    | divergence | D_f of densities p of data, q of samples | g(v) | f∗(g(v)) | D at the optimum |
    |---|---|---|---|---|
    | `kl` | ∫ p log(p/q) | v | exp(v − 1) | 1 + log(p/q) |
    | `reverse_kl` | ∫ q log(q/p) | −exp(−v) | v − 1 | log(p/q) |
    | `pearson` | ∫ (p − q)²/q | v | v²/4 + v | 2(p/q − 1) |
    | `jensen_shannon` | twice the Jensen-Shannon divergence | log 2 − softplus(−v) | softplus(v) − log 2 | log(p/q) |

    `jensen_shannon` is `minimax` up to constants. The exponentials overflow float32: `kl` where logits of samples
    exceed 89, `reverse_kl` where logits of real data (or, non-saturating, of samples) fall below −88.

    Args:
        divergence: one of the names above.
        non_saturating: L_G = −E[g(D(G(z)))] instead, which has a gradient where D rejects the samples.

    Raises:
        ValueError: if there is no such divergence.

    Reference:
        Nowozin et al., [f-GAN: Training Generative Neural Samplers using Variational Divergence
        Minimization](https://arxiv.org/abs/1606.00709), 2016, equations 6 and 7, table 6, and section 3.2 for the
        non-saturating generator.

    Examples:
        >>> print(*jaxgan.losses.f_divergence("pearson")(jnp.array([2.0]), jnp.array([-1.0])))
        [0.75] [-2.75]
    """
    require_choice("divergence", divergence, tuple(DIVERGENCES))
    g, conjugate = DIVERGENCES[divergence]

    def loss(real: Logits, fake: Logits) -> Players:
        return Players(
            generator=-g(fake) if non_saturating else -conjugate(fake), discriminator=conjugate(fake) - g(real)
        )

    return loss
