"""VAE-GAN: an autoencoder with normal codes, against a discriminator, as latent diffusion uses it."""

from collections.abc import Callable

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key, PyTree

from jaxgan.checks import require, require_number
from jaxgan.core import Game, Info, Turn
from jaxgan.devices import global_mean
from jaxgan.games.autoencoder import Bottleneck, Encoded, Images, autoencoder
from jaxgan.games.losses import Loss
from jaxgan.networks.adapter import Network

LEAST, MOST = -30.0, 20.0
"""Bounds of the logarithm of a variance."""


def divergence(mean: Float[Array, "batch ..."], log_variance: Float[Array, "batch ..."]) -> Float[Array, "batch"]:
    """KL(N(μ, σ²) ‖ N(0, 1)) = ½ Σ (μ² + σ² − 1 − log σ²) of each row, in nats.

    Reference:
        Kingma and Welling, [Auto-Encoding Variational Bayes](https://arxiv.org/abs/1312.6114), 2013, equation 10.

    Examples:
        >>> print(jaxgan.games.vae_gan.divergence(jnp.array([[0.0, 2.0]]), jnp.zeros((1, 2))))
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
        weight: at least 0. The authors' program sums absolute differences over the numbers of an image, where
            `reconstruction_distance` is their mean, so that the KL is divided by n here.

    Raises:
        ValueError: if the weight is below 0; from `init`, if the encoder makes maps of an odd size.

    Examples:
        >>> codes, _ = jaxgan.games.vae_gan.gaussian().apply({}, jnp.ones((2, 4, 4, 6)), None)
        >>> codes.shape
        (2, 4, 4, 3)
    """
    require_number("kl_weight", weight, at_least=0)

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


def vae_gan(
    encoder: nn.Module | Network,
    decoder: nn.Module | Network,
    discriminator: nn.Module | Network,
    *,
    loss: Loss,
    kl_weight: float | Float[Array, ""] = 1e-6,
    adversarial_weight: float | Float[Array, ""] = 0.5,
    start: int | Int[Array, ""] = 0,
    features: Callable[[Images], PyTree] | None = None,
    perceptual_weight: float | Float[Array, ""] = 1.0,
) -> Game:
    """An encoder E and a decoder G, one player, against a discriminator D of images and reconstructions.

    With z drawn from N(μ(x), σ²(x)), which E makes, x̂ = G(z), n numbers in an image and W the kernel of the last layer,

        R = E|x − x̂| + perceptual_weight · Σ_k E|f_k(x) − f_k(x̂)|,    A = loss_G(D(x), D(x̂)),
        λ = min(|∂R/∂W| / (|∂A/∂W| + 10⁻⁴), 10⁴),
        L_G = R + adversarial_weight · λ · A + kl_weight · E KL(N(μ, σ²) ‖ N(0, 1)) / n,
        L_D = loss_D(D(x), D(x̂)).

    Samples are asked for by the condition x, images, and are their reconstructions G(μ(x)). `games.autoencoder` says
    how λ is found; the info has its numbers and the `divergence`, in nats.

    Args:
        encoder: images `[B, H, W, C]` to `[B, h, w, 2·size]`, such as `networks.VQGANEncoder`.
        decoder: `[B, h, w, size]` to feature maps `[B, H, W, F]`, such as `networks.VQGANDecoder`.
        discriminator: images to logits `[B, ...]`, such as `networks.PatchDiscriminator`.
        loss: the paper's program takes `losses.hinge()`, halved for D.
        kl_weight: at least 0, see `gaussian`.
        adversarial_weight: at least 0; 0 is a variational autoencoder without an adversary, for which D is not run.
        start: step from which on D learns and its judgement counts.
        features: `images -> features`, as `terms.perceptual` takes them, or None.
        perceptual_weight: at least 0.

    Raises:
        ValueError: if an argument is out of range; from `init`, if the networks do not fit each other or the data; from
            `sample`, without a condition.
        TypeError: if an argument is of another kind.

    Reference:
        Rombach et al., [High-Resolution Image Synthesis with Latent Diffusion
        Models](https://arxiv.org/abs/2112.10752), 2022, appendix G; Larsen et al., [Autoencoding beyond pixels using a
        learned similarity metric](https://arxiv.org/abs/1512.09300), 2016, who named it, compare features of D.

    Examples:
        >>> game = jaxgan.vae_gan(
        ...     jaxgan.networks.VQGANEncoder(size=8, width=8, multipliers=(1, 2), blocks=1),
        ...     jaxgan.networks.VQGANDecoder(width=8, multipliers=(1, 2), blocks=1),
        ...     jaxgan.networks.PatchDiscriminator(layers=1, width=8),
        ...     loss=jaxgan.losses.hinge(),
        ... )
    """
    return autoencoder(
        encoder,
        gaussian(kl_weight),
        decoder,
        discriminator,
        loss=loss,
        adversarial_weight=adversarial_weight,
        start=start,
        features=features,
        perceptual_weight=perceptual_weight,
    )
