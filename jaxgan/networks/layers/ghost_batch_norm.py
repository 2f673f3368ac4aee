"""Batch normalisation of groups of rows, each by its own statistics."""

import flax.linen as nn
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from jaxgan.checks import require
from jaxgan.networks.layers.precision import Computed


class BatchNorm(nn.Module):
    """Flax's `BatchNorm` in training mode, for groups of rows that follow each other.

    Its name, parameters and variables are those of Flax's. The running statistics move by the mean over all groups; in
    the paper they move by one group after another. Statistics are float32 whatever the `dtype` of the result.

    Raises:
        ValueError: when called, if the groups do not divide the rows.

    Reference:
        Hoffer et al., [Train Longer, Generalize Better](https://arxiv.org/abs/1705.08741), 2017, algorithm 1.
    """

    groups: int
    momentum: float
    epsilon: float
    affine: bool
    dtype: Computed

    @nn.compact
    def __call__(self, x: Float[Array, "batch ..."]) -> Float[Array, "batch ..."]:
        """Normalise each channel, the last axis."""
        rows, features = x.shape[0], x.shape[-1]
        require(rows % self.groups == 0, f"batch_norm_groups: {self.groups} groups do not divide {rows} rows of a pass")
        exact = x.astype(jnp.promote_types(jnp.float32, x.dtype)).reshape(self.groups, -1, *x.shape[1:])
        places = tuple(range(1, x.ndim))
        mean = jnp.mean(exact, places, keepdims=True)
        variance = jnp.maximum(0, jnp.mean(exact**2, places, keepdims=True) - mean**2)
        for name, start, statistic in (("mean", jnp.zeros, mean), ("var", jnp.ones, variance)):
            kept = self.variable("batch_stats", name, start, (features,), jnp.float32)
            found = jnp.mean(statistic, (0, *places))
            kept.value = self.momentum * kept.value + (1 - self.momentum) * found
        factor = lax.rsqrt(variance + self.epsilon)
        if self.affine:
            factor *= self.param("scale", nn.initializers.ones, (features,), jnp.float32)
        y = (exact - mean) * factor
        if self.affine:
            y += self.param("bias", nn.initializers.zeros, (features,), jnp.float32)
        return y.reshape(x.shape).astype(self.dtype or y.dtype)
