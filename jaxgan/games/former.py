"""Options that `jaxgan.gan` had before terms. They will work for one more version."""

import warnings

from jaxgan.games.term import Term
from jaxgan.games.terms.feature_matching import feature_matching
from jaxgan.games.weight import Weight


def former_terms(pair: Term | None, auxiliary: Term | None, weight: Weight) -> list[Term]:
    """The terms that `pair`, `auxiliary` and `feature_matching` of `jaxgan.gan` stand for, with a warning for each."""
    terms = {"pair=...": pair, "auxiliary=...": auxiliary}
    if callable(weight) or not isinstance(weight, int | float) or weight != 0:
        terms["feature_matching=..."] = feature_matching(weight)
    for name, term in terms.items():
        if term is not None:
            instead = "terms.feature_matching(...)" if name.startswith("feature") else "..."
            warnings.warn(f"gan({name}) is now gan(terms=[{instead}])", DeprecationWarning, stacklevel=3)
    return [term for term in terms.values() if term is not None]
