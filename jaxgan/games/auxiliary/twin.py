"""Two classifiers, the second of which sees only samples."""

import jax
from jaxtyping import Array, Key

from jaxgan.checks import require_number
from jaxgan.core import Info, Players, Turn
from jaxgan.games.auxiliary.classifier import Head, accuracy, classify, cross_entropy, linear_head
from jaxgan.games.auxiliary.contract import Classes, auxiliary
from jaxgan.games.term import Features, Term
from jaxgan.games.weight import Weight, at


def twin(weight: Weight = 1.0) -> Term:
    """L_D + weight · (C(x) + C(G(z)) + T(G(z))), L_G + weight · (C(G(z)) − T(G(z))), C and T two heads (TAC-GAN).

    C is that of `classifier`, which alone would have the generator make samples that are easy to classify, not varied
    ones; T learns the classes of samples, and the generator is to keep it from it. At their best the two make the
    generator's term the divergence of the classes' distributions.

    Args:
        weight: λ ≥ 0, or a schedule of the step.

    Reference:
        Gong et al., [Twin Auxiliary Classifiers GAN](https://arxiv.org/abs/1907.02690), 2019, section 4.

    Examples:
        >>> game = players(jaxgan.terms.twin(weight=1.0), num_classes=10)
    """
    require_number("weight", weight, at_least=0)

    def init(key: Key[Array, ""], features: int, classes: int) -> tuple[Head, Head]:
        first, second = jax.random.split(key)
        return linear_head(first, features, classes), linear_head(second, features, classes)

    def losses(
        heads: tuple[Head, Head], of_real: Features, of_fake: Features, classes: Classes, turn: Turn
    ) -> tuple[Players, Info]:
        head, twin_head = heads
        real, fake = (classify(head, features) for features in (of_real, of_fake))
        on_real, on_fake = cross_entropy(real, classes), cross_entropy(fake, classes)
        of_twin = cross_entropy(classify(twin_head, of_fake), classes)
        scale = at(weight, turn.step)
        info: Info = {"real_accuracy": accuracy(real, classes), "fake_accuracy": accuracy(fake, classes)}
        terms = Players(generator=on_fake - of_twin, discriminator=on_real + on_fake + of_twin)
        return Players(*(scale * term for term in terms)), info

    return auxiliary(init, losses)
