"""The grammar: probabilities worked out by hand, its entropy, and what is no sentence."""

import math

import numpy as np
import pytest

from jaxgan import data
from jaxgan.data.grammar import LENGTH, PRODUCTIONS, START, WORDS, drawn, log_probability


def row(text):
    places = [WORDS.index(word) for word in text.split()]
    return np.array([places + [0] * (LENGTH - len(places))], np.int32)


def entropy(symbol):
    """That of what a symbol becomes is that of its choice, and those of the parts of each."""
    choices = PRODUCTIONS.get(symbol, ())
    return sum(share * (-math.log(share) + sum(map(entropy, parts))) for share, parts in choices)


def test_probabilities_of_sentences():
    # one; article and noun of 3 and 5; a verb of 3 without an object
    assert log_probability(row("the cat sleeps ."))[0] == pytest.approx(math.log(0.5 * 0.5 / 15 * 0.4 / 3))
    # many; a clause; 2 old cats as the object within it
    clause = 0.25 / 15 * 0.3 / 3 * (0.25 / 0.75) / (3 * 4 * 5)
    found = log_probability(row("the dogs that see two old cats run ."))[0]
    assert found == pytest.approx(math.log(0.5 * clause * 0.4 / 3))


@pytest.mark.parametrize(
    "text",
    [
        "the cat sleep .",
        "two cat sleeps .",
        "the dogs that sees two cats run .",
        "the cat sleeps",
        "the cat sleeps . .",
        "",
        "the cat that sees a dog that sleeps runs .",  # a clause within a clause
    ],
)
def test_what_is_no_sentence(text):
    assert log_probability(row(text))[0] == -math.inf


def test_a_word_after_a_blank_is_no_sentence():
    broken = row("the cat sleeps .")
    broken[0, 6] = WORDS.index("cat")
    assert log_probability(broken)[0] == -math.inf


def test_sentences_are_drawn_with_their_probabilities():
    rows = drawn(np.random.default_rng(1), 1000)
    logs = log_probability(rows)
    assert np.isfinite(logs).all()
    assert -logs.mean() == pytest.approx(entropy(START), abs=4 * logs.std() / len(logs) ** 0.5)


@pytest.mark.slow
def test_the_data_set():
    dataset = data.load("grammar")
    assert (len(dataset), dataset.shape, len(dataset.held_out)) == (10_000, (16, 34), 5000)
    assert dataset.real.max() == 33
    assert dataset.log_probability is log_probability


def test_rows_are_called_sequences():
    assert repr(data.load("grammar")) == f"Dataset('grammar', 10,000 sequences of shape ({LENGTH}, {len(WORDS)}))"
