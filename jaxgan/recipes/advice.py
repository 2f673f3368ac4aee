"""Advice for a GAN that does not train, which depends on its options: nothing that it already does."""

from typing import TYPE_CHECKING

from jaxgan.recipes.objectives import FDivergence, Minimax, NoAugmentation, RelativisticPairing, is_on
from jaxgan.recipes.rates import Constant
from jaxgan.recipes.rules import Alternating, Lookahead, Simultaneous, WithAdam
from jaxgan.recipes.sources import Images, Pixels

if TYPE_CHECKING:
    from jaxgan.recipes.gan import GAN


def of(gan: "GAN", finding: str) -> tuple[str, ...]:
    """Advice on the finding of that name, the most promising first."""
    advise = {
        "mode collapse": _variety,
        "missing modes": _variety,
        "stray samples": _clusters,
        "divergence": _calm,
        "distant samples": _calm,
        "unstable discriminator": _calm,
        "oscillation": _damping,
        "wandering samples": _damping,
        "vanishing gradients": _gradients,
        "discriminator overfitting": _generalization,
        "ignored labels": _labels,
    }
    return tuple(text for text in advise[finding](gan) if text) if finding in advise else ()


def _variety(gan: "GAN") -> list[str]:
    objective = gan.objective
    paired = isinstance(objective.loss, RelativisticPairing)
    options = [
        "" if paired else "--loss relativistic_pairing",
        "" if is_on(objective.r1) else "--r1 1",
        "" if is_on(objective.r2) else "--r2 1",
    ]
    signs = "" if isinstance(gan.data, Pixels) or gan.latents.latent_signs else _signs(gan)
    return [" ".join(filter(None, options)), signs, _slower_generator(gan)]


def _clusters(gan: "GAN") -> list[str]:
    return ["" if gan.latents.latent_signs else _signs(gan), _falling_rate(gan), "more --steps"]


def _calm(gan: "GAN") -> list[str]:
    rates = gan.rates
    lower = f"--generator-rate {rates.generator_rate / 10:.2g} --discriminator-rate {rates.discriminator_rate / 10:.2g}"
    return [lower, _penalty(gan)]


def _damping(gan: "GAN") -> list[str]:
    rule = gan.rule
    momentum = isinstance(rule, WithAdam) and is_on(rule.b1)
    plain = isinstance(rule, Alternating | Simultaneous | Lookahead)
    return [
        _penalty(gan),
        "--b1 0" if momentum else "",
        "--rule extragradient" if plain else "",
        _falling_rate(gan),
    ]


def _gradients(gan: "GAN") -> list[str]:
    loss = gan.objective.loss
    saturating = isinstance(loss, FDivergence) and loss.saturating
    return [
        "--loss non_saturating" if isinstance(loss, Minimax) else "--no-saturating" if saturating else "",
        _penalty(gan),
        "" if is_on(gan.objective.instance_noise) else "--instance-noise 0.1",
        f"a slower discriminator: --discriminator-rate {gan.rates.discriminator_rate / 2:.2g}",
    ]


def _generalization(gan: "GAN") -> list[str]:
    images = isinstance(gan.data, Pixels)
    flips = images and isinstance(gan.data, Images) and not gan.data.mirror
    return [
        "more data",
        "--augment diffaugment" if images and isinstance(gan.augment, NoAugmentation) else "",
        "--mirror, if left and right may change places" if flips else "",
        _penalty(gan),
    ]


def _labels(gan: "GAN") -> list[str]:
    has_heads = getattr(gan.condition, "auxiliary", "none") != "none"
    return ["" if has_heads else "--auxiliary classifier", "more --steps"]


def _penalty(gan: "GAN") -> str:
    """Advice to use R1, or more of it."""
    objective = gan.objective
    if is_on(objective.r1):
        return f"--r1 {3 * objective.r1:.2g}"
    return "" if objective.has_penalties() else "--r1 1"


def _signs(gan: "GAN") -> str:
    return f"--latent-signs {min(10, gan.latents.latent_size)}"


def _slower_generator(gan: "GAN") -> str:
    return f"a slower generator: --generator-rate {gan.rates.generator_rate / 2:.2g}"


def _falling_rate(gan: "GAN") -> str:
    return "--schedule cosine" if isinstance(gan.rates.schedule, Constant) else ""
