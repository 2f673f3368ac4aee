"""Dropout whose masks belong to the rows of the global batch."""

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.devices import global_rows, shard_rows

STREAM = "row_dropout"
"""The random stream of its masks: the same key on every device, where Flax's own "dropout" has one for each. Outside a
game, "dropout" serves too."""


class Dropout(nn.Module):
    """Each element is 0 with probability `rate`, else divided by 1 − rate; in evaluation mode nothing is done.

    One device and many draw the same masks, which Flax's `nn.Dropout` under `jaxgan.pmapped` does not.

    Reference:
        Srivastava et al., Dropout: A Simple Way to Prevent Neural Networks from Overfitting, 2014.
    """

    rate: float

    @nn.compact
    def __call__(self, x: Float[Array, "batch ..."], *, train: bool) -> Float[Array, "batch ..."]:
        """Drop."""
        if not train or self.rate == 0:
            return x
        rows = shard_rows(global_rows(x.shape[0]))
        key = self.make_rng(STREAM if self.has_rng(STREAM) else "dropout")
        keys = jax.vmap(jax.random.fold_in, (None, 0))(key, rows)
        kept = jax.vmap(lambda key: jax.random.bernoulli(key, 1 - self.rate, x.shape[1:]))(keys)
        return jnp.where(shard_rows(kept), x / (1 - self.rate), 0)
