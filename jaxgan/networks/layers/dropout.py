"""Dropout with masks that belong to the rows of the global batch."""

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.networks.layers.rows import draw_rows


class Dropout(nn.Module):
    """Set each element to 0 with probability `rate`, else divide it by 1 − rate; do nothing in evaluation mode.

    One device and many draw the same masks, which Flax's `nn.Dropout` under `jaxgan.pmapped` does not.

    Reference:
        Srivastava et al., [Dropout: A Simple Way to Prevent Neural Networks from
        Overfitting](https://jmlr.org/papers/v15/srivastava14a.html), 2014.

    Examples:
        >>> layer = jaxgan.networks.layers.Dropout(0.5)
        >>> rows = layer.apply({}, jnp.ones([100, 1]), train=True, rngs={"dropout": jax.random.key(0)})
        >>> sorted(set(rows[:, 0].tolist()))
        [0.0, 2.0]
    """

    rate: float

    @nn.compact
    def __call__(self, x: Float[Array, "batch ..."], *, train: bool) -> Float[Array, "batch ..."]:
        """Drop."""
        if not train or self.rate == 0:
            return x
        kept = draw_rows(self, x.shape[0], lambda key: jax.random.bernoulli(key, 1 - self.rate, x.shape[1:]))
        return jnp.where(kept, x / (1 - self.rate), 0)
