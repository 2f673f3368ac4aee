"""What acts on parameters: optax transformations to chain with any optimizer.

These are no penalties of a game, because a game's losses are functions of samples: what depends on one player's
parameters alone is part of how this player moves, as weight decay is.
"""

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float, Int, PyTree

from jaxgan.checks import require, require_number
from jaxgan.games.weight import Weight, at


def clip_weights(bound: Weight) -> optax.GradientTransformation:
    """Project every parameter onto [−bound, bound]: u ← clip(p + u, −bound, bound) − p.

    The last of a chain: `optax.chain(optax.rmsprop(5e-5), optimizers.clip_weights(0.01))`. Parameters lie within the
    bound, rounding included, after each step that finds them there, and up to rounding after the first.

    Args:
        bound: at least 0, or a schedule of the number of updates; the same for every parameter (`optax.masked` leaves
            some out).

    Raises:
        ValueError: from the update, if it is not given the parameters.

    Reference:
        Arjovsky et al., Wasserstein GAN, 2017, algorithm 1.
    """
    require_number("bound", bound, at_least=0)

    def project(u: Array, p: Array, limit: Float[Array, ""] | float) -> Array:
        target = jnp.clip(p + u, -limit, limit)
        step = target - p
        inwards = jnp.sign(target) * jnp.abs(step) * jnp.finfo(step.dtype).eps
        return jnp.where(jnp.abs(p + step) > limit, step - inwards, step)

    def update(updates: PyTree, count: Int[Array, ""], params: PyTree = None) -> tuple[PyTree, Int[Array, ""]]:
        require(params is not None, "clip_weights needs the parameters: call update(updates, state, params)")
        limit = at(bound, count)
        return jax.tree.map(lambda u, p: project(u, p, limit), updates, params), optax.safe_increment(count)

    return optax.GradientTransformation(lambda params: jnp.zeros((), jnp.int32), update)


def orthogonal(weight: Weight = 1e-4) -> optax.GradientTransformation:
    """Add to the gradient that of weight · Σ ‖WᵀW ⊙ (1 − I)‖², which draws apart the filters of each layer.

    The sum is over all parameters of two or more axes, as matrices W `[inputs, outputs]` with the filters in their
    columns (kernels of convolutions are reshaped); the lengths of filters are free. The gradient is exact,
    4 · weight · W(WᵀW ⊙ (1 − I)). The first of a chain: `optax.chain(optimizers.orthogonal(1e-4), optax.adam(2e-4))`
    is the regulariser as a term of the loss; behind `adam` it would be decoupled from its moments.

    Args:
        weight: β ≥ 0, or a schedule of the number of updates. `optax.masked` leaves parameters out, as the paper does
            with the embeddings.

    Raises:
        ValueError: from the update, if it is not given the parameters.

    Reference:
        Brock et al., Large Scale GAN Training for High Fidelity Natural Image Synthesis, 2019, equation 3; the authors'
        code takes half this gradient.
    """
    require_number("weight", weight, at_least=0)

    def pull(w: Array) -> Array:
        matrix = w.reshape(-1, w.shape[-1])
        gram = matrix.T @ matrix
        return (4 * matrix @ (gram - jnp.diag(jnp.diag(gram)))).reshape(w.shape)

    def update(updates: PyTree, count: Int[Array, ""], params: PyTree = None) -> tuple[PyTree, Int[Array, ""]]:
        require(params is not None, "orthogonal needs the parameters: call update(updates, state, params)")
        beta = at(weight, count)
        pulled = jax.tree.map(lambda u, w: u + beta * pull(w) if w.ndim >= 2 else u, updates, params)
        return pulled, optax.safe_increment(count)

    return optax.GradientTransformation(lambda params: jnp.zeros((), jnp.int32), update)
