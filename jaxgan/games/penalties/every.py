"""A penalty taken every so many steps."""

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from jaxgan.checks import require
from jaxgan.core import Turn
from jaxgan.games.penalties.contract import Critic, Penalty


def every(n: int, penalty: Penalty) -> Penalty:
    """Lazy regularisation: n times the penalty on the steps 0, n, 2n, ..., and nothing, at no cost, in between.

    The penalty is a part of the ordinary update. The authors' programs give it an update of its own, n + 1 in n steps,
    and make up for it by learning rates times n/(n + 1) and Adam's β to the power of n/(n + 1). Here the rates and β
    that a paper states are to be taken as they are.

    The branch stays a branch in one compiled program. Networks that call XLA's own convolutions run many times slower
    inside a branch on the CPU; those of `jaxgan.networks` do not.

    Args:
        n: at least 1.

    Reference:
        Karras et al., Analyzing and Improving the Image Quality of StyleGAN, 2020, appendix B.
    """
    require(isinstance(n, int) and n >= 1, f"n must be a whole number of at least 1, got {n!r}")

    def lazy(critic: Critic, real: Array, fake: Array, turn: Turn) -> Float[Array, ""]:
        value = jax.eval_shape(lambda: penalty(critic, real, fake, turn))
        return lax.cond(
            turn.step % n == 0,
            lambda: n * penalty(critic, real, fake, turn),
            lambda: jnp.zeros(value.shape, value.dtype),
        )

    return lazy
