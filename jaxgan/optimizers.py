"""Optimizers of parameters: Adam with schedules, and optax transformations to chain with any optimizer.

These are no penalties of a game, because a game's losses are functions of samples: what depends on one player's
parameters alone is part of how this player moves, as weight decay is.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float, Int, PyTree

from jaxgan.checks import require, require_number
from jaxgan.games.weight import Weight, at


class AdamState(NamedTuple):
    """The moments of `adam`."""

    updates: Int[Array, ""]
    mu: PyTree
    nu: PyTree
    weights: tuple[Float[Array, ""], Float[Array, ""]]
    """Sums of the weights in `mu` and `nu`: 1 − ∏ β over the updates so far."""


def adam(rate: Weight, b1: Weight = 0.9, b2: Weight = 0.999, eps: float = 1e-8) -> optax.GradientTransformation:
    """`optax.adam` whose β1 and β2 may be schedules too: u = −rate · m̂ / (√v̂ + eps).

    The moments m and v of the gradient are divided by the sums of their weights, 1 − ∏ β, which is the usual bias
    correction 1 − βᵗ for constant β.

    Args:
        rate: at least 0.
        b1: β1 in [0, 1), like the others a number or a schedule of the number of updates.
        b2: β2 in [0, 1).
        eps: above 0.

    Raises:
        ValueError: if an argument is out of range.

    Reference:
        Kingma & Ba, [Adam: A Method for Stochastic Optimization](https://arxiv.org/abs/1412.6980), 2015, algorithm 1.

    Examples:
        >>> optimizer = jaxgan.optimizers.adam(0.1)
        >>> updates, _ = optimizer.update(jnp.array(3.0), optimizer.init(jnp.array(1.0)), jnp.array(1.0))
        >>> round(float(updates), 3)  # the first step has the length of the rate
        -0.1
    """
    require_number("rate", rate, at_least=0)
    require_number("b1", b1, at_least=0, below=1)
    require_number("b2", b2, at_least=0, below=1)
    require_number("eps", eps)
    require(eps > 0, f"eps must be above 0, got {eps}")

    def init(params: PyTree) -> AdamState:
        mu, nu = (jax.tree.map(jnp.zeros_like, params) for _ in range(2))
        return AdamState(jnp.zeros((), jnp.int32), mu, nu, (jnp.zeros(()), jnp.zeros(())))

    def update(updates: PyTree, state: AdamState, params: PyTree = None) -> tuple[PyTree, AdamState]:
        size, beta1, beta2 = (at(value, state.updates) for value in (rate, b1, b2))
        mu = jax.tree.map(lambda m, g: beta1 * m + (1 - beta1) * g, state.mu, updates)
        nu = jax.tree.map(lambda v, g: beta2 * v + (1 - beta2) * g**2, state.nu, updates)
        of_mu, of_nu = (beta * w + (1 - beta) for beta, w in zip((beta1, beta2), state.weights, strict=True))
        moved = jax.tree.map(lambda m, v: -size * (m / of_mu) / (jnp.sqrt(v / of_nu) + eps), mu, nu)
        return moved, AdamState(optax.safe_increment(state.updates), mu, nu, (of_mu, of_nu))

    return optax.GradientTransformation(init, update)


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
        Arjovsky et al., [Wasserstein GAN](https://arxiv.org/abs/1701.07875), 2017, algorithm 1.

    Examples:
        >>> optimizer = optax.chain(optax.sgd(1.0), jaxgan.optimizers.clip_weights(0.01))
        >>> weights = jnp.array([0.0, 0.005])
        >>> updates, _ = optimizer.update(jnp.array([-1.0, 0.0]), optimizer.init(weights), weights)
        >>> print(weights + updates)
        [0.01  0.005]
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
    """Add the gradient of weight · Σ ‖WᵀW ⊙ (1 − I)‖², which makes the filters of each layer more orthogonal.

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
        Brock et al., [Large Scale GAN Training for High Fidelity Natural Image
        Synthesis](https://arxiv.org/abs/1809.11096), 2019, equation 3; the authors' code takes half this gradient.

    Examples:
        >>> optimizer = optax.chain(jaxgan.optimizers.orthogonal(1.0), optax.sgd(0.1))
        >>> weights = {"kernel": jnp.eye(2)}  # orthogonal already: nothing is added to the gradient
        >>> updates, _ = optimizer.update({"kernel": jnp.zeros([2, 2])}, optimizer.init(weights), weights)
        >>> float(jnp.max(jnp.abs(updates["kernel"])))
        0.0
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
