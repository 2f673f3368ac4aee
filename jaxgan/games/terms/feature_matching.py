"""A term that makes the generator match the mean of the discriminator's features."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.checks import require_number
from jaxgan.core import Info, Players
from jaxgan.devices import average
from jaxgan.games.term import Context, Features, Term, term
from jaxgan.games.weight import Weight, at


def feature_matching(weight: Weight = 1.0) -> Term:
    """L_G + weight · ‖E f(x) − E f(G(z))‖², f the discriminator's features. It costs no further pass.

    It is added to the loss (Wang et al., High-Resolution Image Synthesis with Conditional GANs, 2018), where Salimans
    et al. let it take its place. Info has the unweighted `feature_distance`.

    Args:
        weight: at least 0, or a schedule of the step.

    Reference:
        Salimans et al., [Improved Techniques for Training GANs](https://arxiv.org/abs/1606.03498), 2016, section 3.1.

    Examples:
        >>> game = players(jaxgan.terms.feature_matching(weight=1.0))
    """
    require_number("weight", weight, at_least=0)

    def feature_matching(c: Context) -> tuple[Players, Info]:
        distance = feature_distance(c.real_features, c.fake_features)  # type: ignore[arg-type]
        return Players(at(weight, c.turn.step) * distance, jnp.zeros(())), {"feature_distance": distance}

    return term(feature_matching, needs_features=True)


def feature_distance(real: Features, fake: Features) -> Float[Array, ""]:
    """‖E f(x) − E f(G(z))‖², the means over the whole batch, on all devices."""
    return jnp.sum(average(jnp.mean(real, axis=0) - jnp.mean(fake, axis=0)) ** 2)
