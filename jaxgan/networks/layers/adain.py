"""Adaptive instance normalisation: the content of one image with the means and spreads of another, or of a style."""

import flax.linen as nn
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxgan.networks.layers.instance_norm import instance_norm
from jaxgan.networks.layers.linear import Dense, Initializer
from jaxgan.networks.layers.precision import at_least_float32


def adain(
    content: Float[Array, "batch height width channels"],
    style: Float[Array, "batch rows columns channels"],
    epsilon: float = 1e-5,
) -> Float[Array, "batch height width channels"]:
    """σ(y) (x − μ(x)) / σ(x) + μ(y), with x the content, y the style and μ, σ over the places of a row's channel.

    σ is √(variance + ε). The sides of both may differ. The statistics are at least float32, and the result has the
    dtype of the content.

    Reference:
        Huang & Belongie, [Arbitrary Style Transfer in Real-time with Adaptive Instance
        Normalization](https://arxiv.org/abs/1703.06868), 2017, equation 8.

    Examples:
        >>> content, style = (jax.random.normal(jax.random.key(i), [1, 4, 4, 2]) for i in (0, 1))
        >>> mixed = jaxgan.networks.layers.adain(content, style)
        >>> bool(jnp.allclose(mixed.mean((1, 2)), style.mean((1, 2)), atol=1e-3))
        True
    """
    wide = at_least_float32(style)
    mean = jnp.mean(wide, axis=(1, 2), keepdims=True)
    spread = jnp.sqrt(jnp.var(wide, axis=(1, 2), keepdims=True) + epsilon)
    return (spread * instance_norm(at_least_float32(content), epsilon) + mean).astype(content.dtype)


class AdaptiveInstanceNorm(nn.Module):
    """(1 + γ(s)) x̂ + β(s), with x̂ from `instance_norm` and γ, β affine in the style s `[B, S]` of each row.

    Reference:
        Karras et al., [A Style-Based Generator Architecture for Generative Adversarial
        Networks](https://arxiv.org/abs/1812.04948), 2019, equation 1; with 1 + γ as in the authors' program of StarGAN
        v2 ([Choi et al., 2020](https://arxiv.org/abs/1912.01865)).

    Examples:
        >>> layer = jaxgan.networks.layers.AdaptiveInstanceNorm()
        >>> layer.init_with_output(jax.random.key(0), jnp.zeros([2, 4, 4, 8]), jnp.zeros([2, 3]), train=True)[0].shape
        (2, 4, 4, 8)
    """

    kernel_init: Initializer = nn.initializers.lecun_normal()
    epsilon: float = 1e-5

    @nn.compact
    def __call__(
        self, x: Float[Array, "batch *places channels"], style: Float[Array, "batch size"], *, train: bool
    ) -> Float[Array, "batch *places channels"]:
        """Normalise."""
        places = tuple(range(1, x.ndim - 1))
        gain, shift = (
            jnp.expand_dims(Dense(x.shape[-1], kernel_init=self.kernel_init, name=name)(style, train=train), places)
            for name in ("gain", "shift")
        )
        return (instance_norm(at_least_float32(x), self.epsilon) * (1 + gain) + shift).astype(x.dtype)
