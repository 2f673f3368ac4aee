"""A term that keeps the discriminator's logits near earlier logits of the other side."""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from jaxgan.checks import require_number
from jaxgan.core import Info, Players
from jaxgan.devices import global_mean
from jaxgan.games.term import Context, Shapes, Term
from jaxgan.games.weight import Weight, at


class Anchors(NamedTuple):
    """Moving averages of the logits."""

    real: Float[Array, ""]
    fake: Float[Array, ""]


def lecam(weight: Weight = 0.3, decay: Weight = 0.99) -> Term:
    """L_D + weight · (E[(D(x) − α_fake)²] + E[(D(G(z)) − α_real)²]); the generator's loss stays.

    α_real and α_fake are moving averages of the mean logits over the whole batch, α ← decay·α + (1 − decay)·E[D].
    They start at 0, are used as they were before the discriminator's step and moved by it. With the Wasserstein loss
    and α_real = −α_fake = α, the best D of densities p of data and q of samples gives
    E[D(x)] − E[D(G(z))] = (1/(2·weight) − α)·∫ (p − q)²/(p + q), a LeCam divergence.

    Args:
        weight: λ ≥ 0, or a schedule of the step (the authors begin with 0, until the averages have settled).
        decay: in [0, 1), or a schedule of the step.

    Reference:
        Tseng et al., [Regularizing Generative Adversarial Networks under Limited
        Data](https://arxiv.org/abs/2104.03310), 2021, R_LC; the paper's loss is the hinge loss. The authors' code
        penalises a logit only on the right side of its anchor, D(x) > α_fake and D(G(z)) < α_real: it holds back a
        discriminator that tells the two apart, and lets one on the wrong side go.

    Examples:
        >>> game = players(jaxgan.terms.lecam(weight=0.3))
    """
    require_number("weight", weight, at_least=0)
    require_number("decay", decay, at_least=0, below=1)

    def start(shapes: Shapes) -> Anchors:
        return Anchors(jnp.zeros(()), jnp.zeros(()))

    def losses(heads: PyTree, anchors: Anchors, c: Context) -> tuple[Players, Anchors, Info]:
        real, fake, kept = c.real_logits, c.fake_logits, at(decay, c.turn.step)
        apart = (real - anchors.fake) ** 2 + (fake - anchors.real) ** 2
        moved = Anchors(
            real=kept * anchors.real + (1 - kept) * global_mean(real),
            fake=kept * anchors.fake + (1 - kept) * global_mean(fake),
        )
        return Players(jnp.zeros(()), at(weight, c.turn.step) * global_mean(apart)), moved, {}

    return Term("lecam", losses, variables=start)
