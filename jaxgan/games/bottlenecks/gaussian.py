"""The bottleneck of VAE-GAN: normal codes."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key, PyTree

from jaxgan.checks import require, require_number
from jaxgan.core import Info, Turn
from jaxgan.devices import global_mean
from jaxgan.games.bottlenecks.contract import Bottleneck, Encoded

LEAST, MOST = -30.0, 20.0
"""Bounds of the logarithm of a variance."""


def divergence(mean: Float[Array, "batch ..."], log_variance: Float[Array, "batch ..."]) -> Float[Array, "batch"]:
    """KL(N(μ, σ²) ‖ N(0, 1)) = ½ Σ (μ² + σ² − 1 − log σ²) of each row, in nats.

    Reference:
        Kingma and Welling, [Auto-Encoding Variational Bayes](https://arxiv.org/abs/1312.6114), 2013, equation 10.

    Examples:
        >>> from jaxgan.games.bottlenecks.gaussian import divergence
        >>> print(divergence(jnp.array([[0.0, 2.0]]), jnp.zeros((1, 2))))
        [2.]
    """
    each = mean**2 + jnp.exp(log_variance) - 1 - log_variance
    return jnp.sum(each.reshape(len(each), -1), axis=1) / 2


def gaussian(weight: float | Float[Array, ""] = 1e-6) -> Bottleneck:
    """The bottleneck of a variational autoencoder: codes z = μ + σε with ε normal; samples have z = μ.

    The encoder makes maps of twice the size of a code, first μ, then log σ², which is bounded by −30 and 20. The loss
    is weight · E KL(N(μ, σ²) ‖ N(0, 1)) / n, for images of n numbers. The info has `divergence`, the mean KL of an
    image in nats.

    Args:
        weight: at least 0, 1e-6 in the program of latent diffusion, which sums absolute differences over the numbers of
            an image; the game has their mean, so that the KL is divided by n here.

    Raises:
        ValueError: if the weight is below 0; from `init`, if the encoder makes maps of an odd size.

    Reference:
        Rombach et al., [High-Resolution Image Synthesis with Latent Diffusion
        Models](https://arxiv.org/abs/2112.10752), 2022, appendix G; Larsen et al., [Autoencoding beyond pixels using a
        learned similarity metric](https://arxiv.org/abs/1512.09300), 2016, who named VAE-GAN, compare features of D.

    Examples:
        >>> codes, _ = jaxgan.bottlenecks.gaussian().apply({}, jnp.ones((2, 4, 4, 6)), None)
        >>> codes.shape
        (2, 4, 4, 3)
    """
    require_number("weight", weight, at_least=0)

    def init(key: Key[Array, ""], size: int) -> PyTree:
        require(size % 2 == 0, f"encoder must make a mean and a variance for each number of a code, got size {size}")
        return {}

    def apply(params: PyTree, z: Encoded, turn: Turn | None) -> tuple[Encoded, Float[Array, "batch"]]:
        mean, log_variance = jnp.split(z, 2, axis=-1)
        log_variance = jnp.clip(log_variance, LEAST, MOST)
        if turn is None:
            return mean, divergence(mean, log_variance)
        noise = turn.draw("code", lambda key: jax.random.normal(key, mean.shape[1:]))
        return mean + jnp.exp(log_variance / 2) * noise, divergence(mean, log_variance)

    def loss(kept: Float[Array, "batch"], numbers: int) -> tuple[Float[Array, ""], Info]:
        whole = global_mean(kept)
        return weight * whole / numbers, {"divergence": whole}

    return Bottleneck(init, apply, loss)
