"""Instance normalisation: each channel of each image by its own mean and spread over the places."""

import flax.linen as nn
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from jaxgan.networks.layers.precision import at_least_float32


def instance_norm(
    x: Float[Array, "batch *places channels"], epsilon: float = 1e-5
) -> Float[Array, "batch *places channels"]:
    """(x − μ) / √(σ² + ε), with μ and σ² the mean and variance over the places of a row's channel.

    Rows stay apart, and training and evaluation are the same. The statistics are at least float32, and the result has
    the dtype of x. A bias of the layer before has no effect, and a map of one place becomes 0.

    Reference:
        Ulyanov et al., [Instance Normalization: The Missing Ingredient for Fast
        Stylization](https://arxiv.org/abs/1607.08022), 2016, equation 3.

    Examples:
        >>> x = jnp.array([[[1.0], [3.0]]])  # one row, two places, one channel
        >>> print(jnp.round(jaxgan.networks.layers.instance_norm(x)[0, :, 0], 3))
        [-1.  1.]
    """
    wide, places = at_least_float32(x), tuple(range(1, x.ndim - 1))
    mean, variance = jnp.mean(wide, places, keepdims=True), jnp.var(wide, places, keepdims=True)
    return ((wide - mean) * lax.rsqrt(variance + epsilon)).astype(x.dtype)


class InstanceNorm(nn.Module):
    """`instance_norm`, then a learned scale and shift of each channel.

    Examples:
        >>> layer = jaxgan.networks.layers.InstanceNorm()
        >>> layer.init_with_output(jax.random.key(0), jnp.ones([1, 4, 4, 2]))[0].shape
        (1, 4, 4, 2)
    """

    epsilon: float = 1e-5

    @nn.compact
    def __call__(self, x: Float[Array, "batch *places channels"]) -> Float[Array, "batch *places channels"]:
        """Normalise."""
        scale = self.param("scale", nn.initializers.ones, x.shape[-1:])
        bias = self.param("bias", nn.initializers.zeros, x.shape[-1:])
        return (instance_norm(at_least_float32(x), self.epsilon) * scale + bias).astype(x.dtype)
