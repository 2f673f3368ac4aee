"""Statistics over the members of a population."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Array, Float

from jaxgan.checks import require


class Summary(NamedTuple):
    """Summary of the members that are finite."""

    mean: np.ndarray
    """`[...]`; NaN if no member is finite."""
    standard_error: np.ndarray
    """`[...]`: the deviation s of the members, with n − 1, over √n; NaN if fewer than two are finite."""
    members: np.ndarray
    """`[members, ...]`: values of all members, unchanged."""
    finite: np.ndarray
    """`[members]` bool: whether every number of a member is finite."""


def summarize(values: np.ndarray | Float[Array, "members ..."] | Sequence[float]) -> Summary:
    """Mean and standard error over members. Members that diverged are left out, and named.

    Args:
        values: `[members, ...]`, a number or an array of each, such as a loss at every step.

    Raises:
        ValueError: if there is no axis of members, or none on it.

    Examples:
        >>> float(jaxgan.metrics.summary.summarize([1.0, 2.0, 6.0]).mean)
        3.0
    """
    given = np.asarray(values)
    require(given.ndim >= 1 and len(given) >= 1, f"values must be [members, ...], got shape {given.shape}")
    finite = np.isfinite(given.reshape(len(given), -1)).all(axis=1)
    kept = np.asarray(given[finite], np.float64)
    nothing = np.full(given.shape[1:], np.nan)
    mean = kept.mean(axis=0) if len(kept) >= 1 else nothing
    error = kept.std(axis=0, ddof=1) / np.sqrt(len(kept)) if len(kept) >= 2 else nothing
    return Summary(np.asarray(mean), np.asarray(error), given, finite)
