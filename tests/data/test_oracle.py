"""The oracle: probabilities of all sequences add up to 1, and sequences are drawn with them."""

import itertools

import numpy as np
import pytest

from jaxgan import data
from jaxgan.data.oracle import of_random_weights


def every(vocabulary, length):
    return np.array(list(itertools.product(range(vocabulary), repeat=length)), np.int32)


def test_probabilities_add_up_to_one():
    made_by = of_random_weights(np.random.default_rng(0), 4)
    assert np.exp(made_by.log_probability(every(4, 4))).sum() == pytest.approx(1)


def test_sequences_are_drawn_with_their_probabilities():
    made_by, random = of_random_weights(np.random.default_rng(3), 3), np.random.default_rng(0)
    expected = np.exp(made_by.log_probability(every(3, 2)))
    rows = made_by.drawn(random, 5000, 2)
    shares = np.bincount(rows @ [3, 1], minlength=9) / len(rows)
    assert np.abs(shares - expected).max() < 4 * (0.25 / len(rows)) ** 0.5
    assert expected.max() < 0.9


def test_weights_are_standard_normal():
    """Biases too; the field's oracle has 32 numbers in embedding and state."""
    weights = of_random_weights(np.random.default_rng(0), 500)
    assert [leaf.shape for leaf in weights] == [(500, 32), (64, 128), (128,), (32, 500), (500,)]
    assert np.std(np.concatenate([leaf.ravel() for leaf in weights])) == pytest.approx(1, rel=0.02)


def test_options_are_checked():
    with pytest.raises(ValueError, match="vocabulary_size must be a whole number of at least 2, got 1"):
        data.load("oracle", vocabulary_size=1)
    with pytest.raises(ValueError, match="length must be a whole number of at least 1, got 0"):
        data.load("oracle", length=0)
    with pytest.raises(
        ValueError, match="vocabulary_size is for oracle, lines alone, got vocabulary_size=9 for grammar"
    ):
        data.load("grammar", vocabulary_size=9)


@pytest.mark.slow
def test_the_data_set():
    dataset = data.load("oracle", vocabulary_size=10, length=5)
    assert (len(dataset), dataset.shape, len(dataset.held_out)) == (10_000, (5, 10), 5000)
    np.testing.assert_array_equal(dataset.real, data.load("oracle", vocabulary_size=10, length=5).real)
