"""Batch normalisation whose scale and shift are functions of the row's condition."""

from functools import partial

import flax.linen as nn
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.networks.layers.batch_norm import batch_norm
from jaxgan.networks.layers.linear import Dense, Initializer, SpectralNorm
from jaxgan.networks.layers.precision import Computed, at_least_float32


class ConditionalBatchNorm(nn.Module):
    """y = (1 + γ(c)) x̂ + β(c), x̂ batch-normalised, γ and β linear in the condition c `[B, K]` of each row.

    With one-hot labels each class has its scales and shifts; with the latent as the condition the norm is
    self-modulated, for which γ and β are to have a hidden layer. Without a condition it is `batch_norm`.

    Reference:
        Dumoulin et al., [A Learned Representation for Artistic Style](https://arxiv.org/abs/1610.07629), 2017, and de
        Vries et al., [Modulating Early Visual Processing by Language](https://arxiv.org/abs/1707.00683), 2017, for the
        norm; Chen et al., [On Self Modulation for Generative Adversarial Networks](https://arxiv.org/abs/1810.01365),
        2019.

    Examples:
        >>> layer = jaxgan.networks.layers.ConditionalBatchNorm()
        >>> layer.init_with_output(jax.random.key(0), jnp.zeros([2, 4, 4, 8]), jnp.zeros([2, 3]), train=True)[0].shape
        (2, 4, 4, 8)
    """

    hidden: int | None = None
    """Units of a hidden layer with ReLU that γ and β share, or None."""
    spectral_norm: SpectralNorm = False
    kernel_init: Initializer = nn.initializers.zeros
    """Initializer of the kernels of γ and β; do not use zeros with spectral norm."""
    epsilon: float = 1e-5
    dtype: Computed = None

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch ... channels"], condition: Float[Array, "batch size"] | None = None, *, train: bool
    ) -> Float[Array, "batch ... channels"]:
        """Normalise."""
        y = batch_norm(train=train, affine=condition is None, epsilon=self.epsilon, dtype=self.dtype)(x)
        if condition is None:
            return y
        dense = partial(Dense, spectral_norm=self.spectral_norm, dtype=self.dtype)
        if self.hidden is not None:
            condition = nn.relu(dense(self.hidden, name="hidden")(condition, train=train))
        places = tuple(range(1, x.ndim - 1))
        gain, shift = (
            dense(x.shape[-1], use_bias=False, kernel_init=self.kernel_init, name=name)(condition, train=train)
            for name in ("gain", "shift")
        )
        gain, shift = (jnp.expand_dims(at_least_float32(c), places) for c in (gain, shift))
        return (y * (1 + gain) + shift).astype(y.dtype)
