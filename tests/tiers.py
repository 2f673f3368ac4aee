"""Which rows of a table of tests are in the first tier."""

import pytest


def mostly_slow(names, rows, *, quick, ids=None):
    """`pytest.mark.parametrize`, but only some rows are in the first tier: the others have the marker `slow`.

    `quick` is the number of rows, from the first on, or the list of values or ids of those that stay in the first tier.
    """
    rows, several = list(rows), not isinstance(names, str)
    words = ids if callable(ids) else list(ids or [None] * len(rows))

    def is_early(i, value):
        return i < quick if isinstance(quick, int) else value in quick or (not callable(ids) and words[i] in quick)

    params = [
        pytest.param(*(value if several else [value]), marks=() if is_early(i, value) else pytest.mark.slow)
        for i, value in enumerate(rows)
    ]
    return pytest.mark.parametrize(names, params, ids=words if ids else None)
