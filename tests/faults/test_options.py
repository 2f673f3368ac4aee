"""A short form of `options.py`."""

import pytest
from options import tried


@pytest.mark.slow
def test_random_options_are_described_or_refused_in_words():
    described, faults = tried(25, seed=1)
    assert described > 0
    assert not faults, faults[0]
