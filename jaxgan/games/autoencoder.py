"""VQGAN and VAE-GAN: an autoencoder with a bottleneck, against a discriminator, with the adaptive weight."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key, PyTree

from jaxgan.checks import require, require_call, require_number
from jaxgan.core import Batch, Game, Info, Players, Turn
from jaxgan.devices import average, global_mean, run_once
from jaxgan.games.bottlenecks.contract import Bottleneck
from jaxgan.games.losses import Loss, objective
from jaxgan.networks.adapter import Network, as_network
from jaxgan.networks.errors import errors_of
from jaxgan.networks.layers.convolution import conv

LARGEST = 1e4
"""Largest adaptive weight."""
SMALL = 1e-4
"""Added to the norm by which the adaptive weight divides."""
last_init = nn.initializers.variance_scaling(1 / 3, "fan_in", "uniform")

Images = Float[Array, "batch height width channels"]
sg = jax.lax.stop_gradient


class LastLayer(NamedTuple):
    """The convolution that makes images of the decoder's feature maps."""

    kernel: Float[Array, "3 3 features channels"]
    bias: Float[Array, "channels"]


class Autoencoder(NamedTuple):
    """Parameters of the generator's player."""

    encoder: PyTree
    bottleneck: PyTree
    decoder: PyTree
    last: LastLayer


class Reconstructed(NamedTuple):
    """What the generator's player makes in a step."""

    features: Float[Array, "batch height width features"]
    """Feature maps of the decoder."""
    last: LastLayer
    """The generator's parameters of the last layer, for the adaptive weight."""
    kept: PyTree
    """What the bottleneck keeps for its loss."""


def autoencoder(
    encoder: nn.Module | Network,
    bottleneck: Bottleneck,
    decoder: nn.Module | Network,
    discriminator: nn.Module | Network,
    *,
    loss: Loss,
    adversarial_weight: float | Float[Array, ""] = 0.8,
    start: int | Int[Array, ""] = 0,
    features: Callable[[Images], PyTree] | None = None,
    perceptual_weight: float | Float[Array, ""] = 1.0,
) -> Game:
    """An encoder E, a bottleneck and a decoder G, one player, against a discriminator D of images and reconstructions.

    With x̂ the reconstruction of x, B the bottleneck's loss and W the kernel of the last layer,

        R = E|x − x̂| + perceptual_weight · Σ_k E|f_k(x) − f_k(x̂)|,    A = loss_G(D(x), D(x̂)),
        λ = min(|∂R/∂W| / (|∂A/∂W| + 10⁻⁴), 10⁴),
        L_G = R + adversarial_weight · λ · A + B,    L_D = loss_D(D(x), D(x̂)).

    Samples are asked for by the condition x, images, and are their reconstructions.

    The adaptive weight λ is a number to all derivatives. The generator hands `judge` the decoder's feature maps with
    the last layer, a 3×3 convolution that the game itself makes, instead of images. So `judge` writes R and A as
    functions of W alone and takes both gradients there; they cost one more backward pass of D. λ, and gradients that
    the bottleneck stops, are what the paper defines: rules that differentiate through the vector field see it so.

    The info has `reconstruction_distance` (E|x − x̂|), `perceptual` if there are features, `adaptive_weight` (λ), and
    the bottleneck's numbers.

    Args:
        encoder: images `[B, H, W, C]` to maps `[B, h, w, size]`, such as `networks.VQGANEncoder`.
        bottleneck: what makes the decoder's codes of them: `bottlenecks.codebook()`, `bottlenecks.gaussian()`, or your
            own.
        decoder: codes to feature maps `[B, H, W, F]`, such as `networks.VQGANDecoder`.
        discriminator: images to logits `[B, ...]`, such as `networks.PatchDiscriminator`.
        loss: VQGAN's program takes `losses.hinge()`, halved for D.
        adversarial_weight: at least 0; 0 is an autoencoder without an adversary, for which D is not run.
        start: step from which on D learns and its judgement counts.
        features: `images -> features`, as `terms.perceptual` takes them, or None.
        perceptual_weight: at least 0.

    Raises:
        ValueError: if an argument is out of range; from `init`, if the networks do not fit each other or the data; from
            `sample`, without a condition.
        TypeError: if an argument is of another kind.

    Reference:
        Esser et al., [Taming Transformers for High-Resolution Image Synthesis](https://arxiv.org/abs/2012.09841), 2021,
        equations 4 to 7.

    Examples:
        >>> game = jaxgan.autoencoder(
        ...     jaxgan.networks.VQGANEncoder(size=4, width=8, multipliers=(1, 2), blocks=1),
        ...     jaxgan.bottlenecks.codebook(16),
        ...     jaxgan.networks.VQGANDecoder(width=8, multipliers=(1, 2), blocks=1),
        ...     jaxgan.networks.PatchDiscriminator(layers=1, width=8),
        ...     loss=jaxgan.losses.hinge(),
        ... )
    """
    for name, value in {"start": start, "adversarial_weight": adversarial_weight}.items():
        require_number(name, value, at_least=0)
    require_number("perceptual_weight", perceptual_weight, at_least=0)
    if features is not None:
        require_call("features", features, "images", "lambda images: network.apply(variables, images)")
    e, g, d, score = as_network(encoder), as_network(decoder), as_network(discriminator), objective(loss)
    adversarial = isinstance(adversarial_weight, jax.Array) or adversarial_weight > 0

    def init(key: Key[Array, ""], batch: Batch) -> tuple[Players, Players]:
        return start_of(key, jax.tree.map(lambda x: x[:2], batch.real))

    @run_once
    def start_of(key: Key[Array, ""], x: Images) -> tuple[Players, Players]:
        key_e, key_b, key_g, key_last, key_d = jax.random.split(key, 5)
        with errors_of("encoder", x, None):
            params_e, variables_e = e.init(key_e, x, None)
        z = jax.eval_shape(lambda: e.apply(params_e, variables_e, x, None, train=True, key=key)[0])
        require(z.ndim == 4, f"encoder must make codes [B, h, w, size], got shape {z.shape}")
        params_b = bottleneck.init(key_b, z.shape[-1])
        codes = jax.eval_shape(lambda: bottleneck.apply(params_b, jnp.zeros(z.shape), None)[0])
        with errors_of("decoder", codes, None):
            params_g, variables_g = g.init(key_g, jnp.zeros(codes.shape), None)
        maps = jax.eval_shape(
            lambda: g.apply(params_g, variables_g, jnp.zeros(codes.shape), None, train=True, key=key)[0]
        )
        require(
            maps.shape[:-1] == x.shape[:-1],
            f"decoder makes feature maps of {maps.shape[1:-1]} pixels, but the images have {x.shape[1:-1]}",
        )
        channels = x.shape[-1]
        last = LastLayer(last_init(key_last, (3, 3, maps.shape[-1], channels)), jnp.zeros(channels))
        with errors_of("discriminator", x, None):
            params_d, variables_d = d.init(key_d, x, None)
        return (
            Players(Autoencoder(params_e, params_b, params_g, last), params_d),
            Players((variables_e, variables_g), variables_d),
        )

    def run(
        params: Autoencoder, variables: PyTree, x: Images, *, train: bool, turn: Turn | None = None
    ) -> tuple[Reconstructed, PyTree]:
        keys = {name: None if turn is None else turn.stream(f"{name} dropout") for name in ("encoder", "decoder")}
        options: dict[str, Any] = {"train": train, "step": None if turn is None else turn.step}
        z, moved_e = e.apply(params.encoder, variables[0], x, None, key=keys["encoder"], **options)
        codes, kept = bottleneck.apply(params.bottleneck, z, turn)
        maps, moved_g = g.apply(params.decoder, variables[1], codes, None, key=keys["decoder"], **options)
        return Reconstructed(maps, params.last, kept), (moved_e, moved_g)

    def generate(params: Autoencoder, variables: PyTree, turn: Turn) -> tuple[Reconstructed, PyTree]:
        return run(params, variables, turn.batch.real, train=True, turn=turn)

    def distance(image: Images, real: Images) -> tuple[Array, Info]:
        apart = global_mean(jnp.abs(image - real))
        info: Info = {"reconstruction_distance": apart}
        if features is None:
            return apart, info
        each = jax.tree.map(lambda a, b: global_mean(jnp.abs(a - b)), features(image), features(real))
        info["perceptual"] = sum(jax.tree.leaves(each), jnp.zeros(()))
        return apart + perceptual_weight * info["perceptual"], info

    def judge(
        params: PyTree, variables: PyTree, made: Reconstructed, turn: Turn
    ) -> tuple[Players, tuple[PyTree, Info]]:
        real, image = turn.batch.real, image_of(made.last.kernel, made)
        apart, info = distance(image, real)
        added, of_bottleneck = bottleneck.loss(made.kept, math.prod(real.shape[1:]))
        info |= of_bottleneck
        total = apart + added
        if not adversarial:
            return Players(total, jnp.zeros(())), (variables, info)

        def values(params: PyTree, image: Images) -> tuple[Players, PyTree, tuple[Array, Array]]:
            shared = {"train": True, "step": turn.step}
            on_real, moved = d.apply(params, variables, real, None, key=turn.stream("real dropout"), **shared)
            on_fake, moved = d.apply(params, moved, image, None, key=turn.stream("fake dropout"), **shared)
            losses = score.apply(on_real, on_fake, turn.within("loss"))
            return Players(*map(global_mean, losses)), moved, (on_real, on_fake)

        losses, moved, logits = values(params, image)
        fixed, held = sg(params), sg(made)
        slopes = [
            average(jax.grad(lambda kernel, of=of: of(image_of(kernel, held)))(held.last.kernel))
            for of in (lambda image: distance(image, real)[0], lambda image: values(fixed, image)[0].generator)
        ]
        on_distance, on_judgement = (jnp.sqrt(jnp.sum(slope**2)) for slope in slopes)
        weight = jnp.minimum(on_distance / (on_judgement + SMALL), LARGEST)
        counts = jnp.where(turn.step >= start, 1.0, 0.0)
        total += counts * adversarial_weight * weight * losses.generator
        info |= {name: global_mean(x) for name, x in zip(("real_logits", "fake_logits"), logits, strict=True)}
        info["adaptive_weight"] = weight
        return Players(total, counts * losses.discriminator), (moved, info)

    @jax.jit
    def reconstruct(params: Autoencoder, variables: PyTree, x: Images) -> Images:
        made, _ = run(params, variables, x, train=False)
        return image_of(made.last.kernel, made)

    def sample(params: Autoencoder, variables: PyTree, key: Any, n: int, condition: Any = None) -> Images:
        require(condition is not None, "samples of an autoencoder are reconstructions: give images as the condition")
        return reconstruct(params, variables, condition)

    return Game(init, generate, judge, sample)


def image_of(kernel: Float[Array, "3 3 features channels"], made: Reconstructed) -> Images:
    """Images of the decoder's feature maps, by this kernel of the last layer."""
    return conv(made.features, kernel, 1, "SAME") + made.last.bias
