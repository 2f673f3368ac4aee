"""A classifier of real rows and samples."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from jaxgan.checks import require_number
from jaxgan.core import Info, Players, Turn
from jaxgan.devices import global_mean
from jaxgan.games.auxiliary.contract import Classes, auxiliary
from jaxgan.games.term import Features, Term
from jaxgan.games.weight import Weight, at

Head = dict[str, Float[Array, "..."]]


def classifier(weight: Weight = 1.0) -> Term:
    """L_D + weight · (C(x) + C(G(z))), L_G + weight · C(G(z)), C = −E[log P(class)] by a linear head (AC-GAN).

    Rows without a label add nothing to C. Info has the shares told rightly, `real_accuracy` and `fake_accuracy`.

    Args:
        weight: λ ≥ 0, or a schedule of the step; the paper's is 1.

    Reference:
        Odena et al., [Conditional Image Synthesis with Auxiliary Classifier GANs](https://arxiv.org/abs/1610.09585),
        2017, equations 2 and 3.

    Examples:
        >>> game = players(jaxgan.terms.classifier(weight=1.0), num_classes=10)
    """
    require_number("weight", weight, at_least=0)

    def losses(head: Head, of_real: Features, of_fake: Features, classes: Classes, turn: Turn) -> tuple[Players, Info]:
        real, fake = (classify(head, features) for features in (of_real, of_fake))
        on_real, on_fake = cross_entropy(real, classes), cross_entropy(fake, classes)
        scale = at(weight, turn.step)
        info: Info = {"real_accuracy": accuracy(real, classes), "fake_accuracy": accuracy(fake, classes)}
        return Players(generator=scale * on_fake, discriminator=scale * (on_real + on_fake)), info

    return auxiliary(linear_head, losses)


def linear_head(key: Key[Array, ""], features: int, outputs: int) -> Head:
    """A layer of normal weights of deviation 0.02, and biases of zero."""
    return {"kernel": 0.02 * jax.random.normal(key, (features, outputs)), "bias": jnp.zeros(outputs)}


def classify(head: Head, features: Features) -> Float[Array, "batch outputs"]:
    """x·W + b."""
    return features @ head["kernel"] + head["bias"]


def cross_entropy(logits: Float[Array, "batch classes"], classes: Classes) -> Float[Array, ""]:
    """−E[Σ c·log softmax(logits)] over all devices."""
    return -global_mean(jnp.sum(classes * jax.nn.log_softmax(logits), axis=-1))


def accuracy(logits: Float[Array, "batch classes"], classes: Classes) -> Float[Array, ""]:
    """Share of the rows with labels whose class has the highest logit, over all devices."""
    labelled = jnp.sum(classes, axis=-1)
    right = labelled * (jnp.argmax(logits, axis=-1) == jnp.argmax(classes, axis=-1))
    return global_mean(right) / jnp.maximum(global_mean(labelled), 1e-6)
