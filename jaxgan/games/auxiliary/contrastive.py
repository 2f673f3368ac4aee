"""Features that are close to their class and to each other within it."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Key

from jaxgan.checks import require, require_number
from jaxgan.core import Info, Players, Turn
from jaxgan.devices import all_rows, global_mean, global_rows
from jaxgan.games.auxiliary.classifier import Head, classify, linear_head
from jaxgan.games.auxiliary.contract import Classes, auxiliary
from jaxgan.games.term import Features, Term
from jaxgan.games.weight import Weight, at

Heads = dict[str, Head]


def contrastive(weight: Weight = 1.0, temperature: float | Float[Array, ""] = 1.0, size: int = 512) -> Term:
    """L_D + weight · ℓ(x), L_G + weight · ℓ(G(z)), ℓ the conditional contrastive loss, 2C (ContraGAN).

    With h a linear head on the features, e an embedding of the classes, both of unit length, and t the temperature:

        ℓ = −E log [(exp(hᵢ·e(yᵢ)/t) + Σ_{k≠i, yₖ=yᵢ} exp(hᵢ·hₖ/t)) / (exp(hᵢ·e(yᵢ)/t) + Σ_{k≠i} exp(hᵢ·hₖ/t))],

    the sums over the whole batch, on all devices. Rows without a label add nothing to ℓ but stand among the others.

    Args:
        weight: λ ≥ 0, or a schedule of the step.
        temperature: t above 0.
        size: numbers in h and e, at least 1.

    Reference:
        Kang & Park, [ContraGAN: Contrastive Learning for Conditional Image
        Generation](https://arxiv.org/abs/2006.12681), 2020, equation 8.

    Examples:
        >>> game = players(jaxgan.terms.contrastive(weight=1.0, size=8), num_classes=10)
    """
    require_number("weight", weight, at_least=0)
    require_number("temperature", temperature)
    require(
        not isinstance(temperature, int | float) or temperature > 0, f"temperature must be above 0, got {temperature}"
    )
    require(isinstance(size, int) and size >= 1, f"size must be a whole number of at least 1, got {size!r}")

    def init(key: Key[Array, ""], features: int, classes: int) -> Heads:
        key_head, key_embedding = jax.random.split(key)
        embedding = jax.random.normal(key_embedding, (classes, size))
        return {"projection": linear_head(key_head, features, size), "embedding": {"kernel": embedding}}

    def losses(
        heads: Heads, of_real: Features, of_fake: Features, classes: Classes, turn: Turn
    ) -> tuple[Players, Info]:
        e = _unit(classes @ heads["embedding"]["kernel"])
        on_real, on_fake = (
            _two_c(_unit(classify(heads["projection"], features)), e, classes, temperature)
            for features in (of_real, of_fake)
        )
        scale = at(weight, turn.step)
        return Players(generator=scale * on_fake, discriminator=scale * on_real), {}

    return auxiliary(init, losses)


def _two_c(
    h: Float[Array, "rows size"],
    e: Float[Array, "rows size"],
    classes: Float[Array, "rows classes"],
    temperature: float | Float[Array, ""],
) -> Float[Array, ""]:
    """ℓ of this device's rows against all, averaged over devices."""
    to_class = jnp.sum(h * e, axis=-1, keepdims=True) / temperature
    to_rows = h @ all_rows(h).T / temperature
    others = global_rows(len(h))[:, None] != jnp.arange(to_rows.shape[1])[None, :]
    alike = others & (classes @ all_rows(classes).T > 0)
    ratio = _log_sum(to_class, to_rows, others) - _log_sum(to_class, to_rows, alike)
    return global_mean(jnp.sum(classes, axis=-1) * ratio)


def _log_sum(
    to_class: Float[Array, "rows 1"], to_rows: Float[Array, "rows batch"], which: Bool[Array, "rows batch"]
) -> Float[Array, "rows"]:
    kept = jnp.concatenate([jnp.ones_like(which[:, :1]), which], axis=1)
    return jax.nn.logsumexp(jnp.concatenate([to_class, to_rows], axis=1), axis=1, where=kept)


def _unit(x: Float[Array, "rows size"]) -> Float[Array, "rows size"]:
    return x / jnp.sqrt(jnp.maximum(jnp.sum(x**2, axis=-1, keepdims=True), 1e-12))
