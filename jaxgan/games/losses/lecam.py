"""The former name of `terms.lecam`."""

import warnings

from jaxgan.games.losses.contract import Loss, Objective, objective
from jaxgan.games.terms.lecam import lecam as lecam_term
from jaxgan.games.weight import Weight


def lecam(loss: Loss | Objective, weight: Weight = 0.3, decay: Weight = 0.99) -> Objective:
    """Deprecated: write `jaxgan.gan(loss=loss, terms=[terms.lecam(weight, decay)])`."""
    warnings.warn(
        "losses.lecam(loss, weight, decay) is now a term: gan(loss=loss, terms=[terms.lecam(weight, decay)])",
        DeprecationWarning,
        stacklevel=2,
    )
    inner = objective(loss)
    return inner._replace(terms=(*inner.terms, lecam_term(weight, decay)))
