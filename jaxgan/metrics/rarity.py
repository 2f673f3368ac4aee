"""Rarity: how uncommon each sample is among the data."""

import numpy as np
from jaxtyping import Float

from jaxgan.checks import require
from jaxgan.metrics.neighbours import nearest, radii, whole, within
from jaxgan.metrics.rows import two_sets


def rarity(real: np.ndarray, fake: np.ndarray, *, neighbours: int = 3) -> Float[np.ndarray, "samples"]:
    """Around each datum lies a ball as large as the distance r to its k-th nearest other; the rarity of a sample is

        min {r of balls that the sample lies in},

    so it is large where data are far apart. A sample in no ball, which `precision_recall` does not count among the
    data, has none: NaN.

    Args:
        real: features `[N, size]`.
        fake: features `[M, size]`.
        neighbours: k, from 1 to below N.

    Returns:
        Rarities `[M]`, distances of features.

    Raises:
        ValueError: if the features do not fit each other, or there are too few rows.

    Reference:
        Han et al., [Rarity Score: A New Metric to Evaluate the Uncommonness of Synthesized
        Images](https://arxiv.org/abs/2206.08549), 2023, section 3.

    Examples:
        >>> real = np.array([[0.0], [1.0], [2.0], [10.0], [14.0]])
        >>> print(jaxgan.metrics.rarity.rarity(real, np.array([[0.5], [12.0], [50.0]]), neighbours=1))
        [ 1.  4. nan]
    """
    require(isinstance(neighbours, int) and neighbours >= 1, f"neighbours must be at least 1, got {neighbours!r}")
    real, fake = two_sets(real, fake, at_least=1)
    require(len(real) > neighbours, f"real must have more rows than neighbours={neighbours}, got {len(real)}")
    exact, points = whole(real, fake)
    last = nearest(exact, exact, neighbours + 1)[:, neighbours]
    radius = np.linalg.norm(real - real[last], axis=1)
    balls = within(points, exact, radii(exact, neighbours))
    found = np.concatenate([np.where(inside, radius, np.inf).min(axis=1) for inside in balls])
    return np.where(np.isfinite(found), found, np.nan)
