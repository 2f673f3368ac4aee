"""Check two sets of features and convert them to float64 for metrics."""

import numpy as np
from jaxtyping import Float

from jaxgan.checks import require


def two_sets(
    real: np.ndarray, fake: np.ndarray, *, at_least: int, equal: bool = False
) -> tuple[Float[np.ndarray, "real size"], Float[np.ndarray, "fake size"]]:
    """`real` and `fake` in float64.

    Raises:
        ValueError: unless both are finite `[N, size]` of one size with `at_least` rows, and of as many if `equal`.
    """
    for name, rows in (("real", real), ("fake", fake)):
        require(rows.ndim == 2, f"{name} must be features [N, size], got shape {rows.shape}")
        require(len(rows) >= at_least, f"{name} must have at least {at_least} rows, got {len(rows)}")
        require(bool(np.isfinite(rows).all()), f"{name} must be finite, got {(~np.isfinite(rows)).sum()} numbers not")
    require(
        real.shape[1] == fake.shape[1],
        f"real and fake must be features of one size, got {real.shape[1]} and {fake.shape[1]}",
    )
    require(
        not equal or len(real) == len(fake),
        f"real and fake must have as many rows as each other, got {len(real)} and {len(fake)}",
    )
    return np.asarray(real, np.float64), np.asarray(fake, np.float64)
