"""A penalty taken every so many steps."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float, Int

from jaxgan.checks import require
from jaxgan.core import DUE, Info, Turn
from jaxgan.games.penalties.contract import Critic, Penalty


@dataclass(frozen=True)
class Lazy:
    """What `every` makes: a penalty that says how often it is taken."""

    n: int
    penalty: Penalty

    def __call__(self, critic: Critic, real: Array, fake: Array, turn: Turn) -> Float[Array, ""]:
        """n times the penalty if it is due, else 0."""
        value = jax.eval_shape(lambda: self.penalty(critic, real, fake, turn))
        return lax.cond(
            turn.step % self.n == 0,
            lambda: self.n * self.penalty(critic, real, fake, turn),
            lambda: jnp.zeros(value.shape, value.dtype),
        )


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
    return Lazy(n, penalty)


def reported(name: str, value: Float[Array, ""], step: Int[Array, ""], n: int) -> Info:
    """The info of a number that is computed every n steps."""
    return {name: value} if n == 1 else {name: value, name + DUE: jnp.asarray(step % n == 0, jnp.float32)}
