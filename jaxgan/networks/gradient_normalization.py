"""Gradient normalisation of a whole discriminator."""

from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from jaxgan.checks import require
from jaxgan.networks.adapter import Network, RandomKey, Step, as_network


def gradient_normalized(discriminator: nn.Module | Network) -> Network:
    """D̂(x) = D(x) / (‖∇D(x)‖ + |D(x)|), in [−1, 1], in training and evaluation mode alike.

    Where D is piecewise linear, as with leaky ReLU, ‖∇D̂‖ = (‖∇D‖ / (‖∇D‖ + |D|))² ≤ 1 almost everywhere. Every pass
    takes a gradient of the input. Where D and its gradient vanish together, D̂ = D. With batch normalisation the
    gradient is that of the sum over the batch.

    Args:
        discriminator: a Linen module or a `Network` with logits `[B]`.

    Raises:
        ValueError: from `apply`, if the logits are not `[B]`.

    Reference:
        Wu et al., [Gradient Normalization for Generative Adversarial Networks](https://arxiv.org/abs/2109.02235), 2021.

    Examples:
        >>> shape(jaxgan.networks.gradient_normalized(jaxgan.networks.MLPDiscriminator(hidden=(8,))), jnp.zeros([2, 3]))
        (2,)
    """
    d = as_network(discriminator)

    def apply(
        params: PyTree,
        variables: PyTree,
        x: Float[Array, "batch ..."],
        condition: Any,
        *,
        train: bool,
        key: RandomKey,
        step: Step = None,
    ) -> tuple[Float[Array, "batch"], PyTree]:
        def plain(x: Float[Array, "batch ..."]) -> tuple[Array, PyTree]:
            return d.apply(params, variables, x, condition, train=train, key=key, step=step)

        logits, pull, variables_after = jax.vjp(plain, x, has_aux=True)
        require(logits.ndim == 1, f"gradient_normalized needs logits of shape [B], got {logits.shape}")
        (gradient,) = pull(jnp.ones_like(logits))
        squared = jnp.sum(gradient**2, axis=tuple(range(1, x.ndim)))
        norm = jnp.where(squared > 0, jnp.sqrt(jnp.where(squared > 0, squared, 1)), 0)
        scale = norm + jnp.abs(logits)
        return logits / jnp.where(scale > 0, scale, 1), variables_after

    return Network(d.init, apply)
