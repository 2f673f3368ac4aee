"""A term that makes the features of samples match those of their targets."""

from collections.abc import Callable
from typing import Literal

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from jaxgan.checks import require_call, require_choice, require_number
from jaxgan.core import Info, Players
from jaxgan.devices import global_mean
from jaxgan.games.term import Context, Term, term
from jaxgan.games.weight import Weight, at


def perceptual(
    features: Callable[[Float[Array, "batch ..."]], PyTree], weight: Weight = 1.0, norm: Literal["l1", "l2"] = "l1"
) -> Term:
    """L_G + weight · Σ_k E|f_k(G(z, c)) − f_k(x)|, or with norm l2 the squares: the mean over rows and numbers of f_k.

    The features are those of a network that is not trained here, such as a `metrics.classifier.Classifier`, `lambda
    images: classifier.feature_function().of(images).features`, `metrics.vgg.vgg19`, or `metrics.random_features`. x are
    the real rows. Info has the unweighted distance as `perceptual`.

    Args:
        features: `images -> features`, an array `[B, ...]` or a tree of them, one for each layer k.
        weight: at least 0, or a schedule of the step.
        norm: "l1" or "l2".

    Raises:
        ValueError: if an argument is out of range.
        TypeError: if `features` is no function of one argument.

    Reference:
        Johnson et al., [Perceptual Losses for Real-Time Style Transfer and
        Super-Resolution](https://arxiv.org/abs/1603.08155), 2016, equation 2; Wang et al.,
        [ESRGAN](https://arxiv.org/abs/1809.00219), 2018, section 3.3, with the l1 norm of their program.

    Examples:
        >>> game = players(jaxgan.terms.perceptual(lambda images: images**2, weight=1.0))
    """
    require_call("features", features, "images", "lambda images: network.apply(variables, images)")
    require_number("weight", weight, at_least=0)
    require_choice("norm", norm, ("l1", "l2"))
    size = jnp.abs if norm == "l1" else jnp.square

    def perceptual(c: Context) -> tuple[Players, Info]:
        apart = jax.tree.map(lambda x, y: global_mean(size(x - y)), features(c.samples), features(c.batch.real))
        total = sum(jax.tree.leaves(apart), jnp.zeros(()))
        return Players(at(weight, c.turn.step) * total, jnp.zeros(())), {"perceptual": total}

    return term(perceptual)
