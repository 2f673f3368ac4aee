"""The end of a discriminator: features to logits, with the condition projected onto them."""

from functools import partial
from typing import Literal

import flax.linen as nn
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.networks.layers.linear import Dense, Initializer, SpectralNorm
from jaxgan.networks.layers.precision import at_least_float32

Pooling = Literal["sum", "mean"]
POOLINGS: tuple[Pooling, ...] = ("sum", "mean")


class ProjectionHead(nn.Module):
    """Feature maps `[B, H, W, C]` to logits wᵀφ + b + (Vy)ᵀφ, where φ pools ReLU of the maps and y is the condition.

    Without a condition the last term is left out. φ is sown as features, in float32.

    Reference:
        Miyato & Koyama, [cGANs with Projection Discriminator](https://arxiv.org/abs/1802.05637), 2018, equation 3.

    Examples:
        >>> head = jaxgan.networks.layers.ProjectionHead()
        >>> features, classes = jnp.zeros([2, 4, 4, 8]), jnp.zeros([2, 10])
        >>> head.init_with_output(jax.random.key(0), features, classes, train=True)[0].shape
        (2,)
    """

    pooling: Pooling = "sum"
    """Over places."""
    spectral_norm: SpectralNorm = False
    kernel_init: Initializer = nn.initializers.lecun_normal()
    use_bias: bool = True
    """Add b; without it, wᵀφ alone."""

    @nn.compact
    def __call__(
        self,
        x: Float[Array, "batch height width channels"],
        condition: Float[Array, "batch size"] | None = None,
        *,
        train: bool,
    ) -> Float[Array, "batch"]:
        """Judge."""
        pool = jnp.sum if self.pooling == "sum" else jnp.mean
        features = pool(at_least_float32(nn.relu(x)), axis=(1, 2))
        self.sow("intermediates", "features", features)
        dense = partial(Dense, kernel_init=self.kernel_init, spectral_norm=self.spectral_norm)
        logits = dense(1, use_bias=self.use_bias)(features, train=train)[:, 0]
        if condition is None:
            return logits
        embed = dense(features.shape[-1], use_bias=False, name="embedding")
        return logits + jnp.sum(embed(condition, train=train) * features, axis=-1)
