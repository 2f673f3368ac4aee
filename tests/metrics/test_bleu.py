"""BLEU against the figures of sacrebleu 2 and of NLTK 3, which agree.

BLEU(smooth_method="floor", smooth_value=0.1, tokenize="none", max_ngram_order=3).sentence_score(text, references)
sentence_bleu(references, text, (1/3, 1/3, 1/3), smoothing_function=SmoothingFunction().method1)
"""

import pytest

from jaxgan.metrics.bleu import bleu, self_bleu

REFERENCES = ["the cat sleeps on the mat .", "the dog sees a cat .", "two birds sing .", "the the old dog runs"]
FIGURES = {
    "the cat sees a cat .": 0.6933612743506349,
    "the the the the": 0.20274006651911322,
    "two old birds sing loudly today": 0.14938015821857212,
    "a b c d": 0.07469007910928609,
    "two birds sing .": 1.0,
}
OTHERS = (0.05753695826647881, 0.06933612743506348, 0.05816869209797718, 0.07937005259840997)
"""Each of the references against the three others."""


def split(texts):
    return [tuple(text.split()) for text in texts]


def test_each_sentence_and_their_mean():
    for text, figure in FIGURES.items():
        assert bleu(split([text]), split(REFERENCES)) == pytest.approx(figure)
    assert bleu(split(FIGURES), split(REFERENCES)) == pytest.approx(sum(FIGURES.values()) / 5)


def test_each_against_the_others():
    assert self_bleu(split(REFERENCES)) == pytest.approx(sum(OTHERS) / 4)
    assert self_bleu(split(["a b c d"] * 2)) == pytest.approx(1)


def test_short_sentences_and_none():
    assert bleu(split(["two birds"]), split(REFERENCES)) == 0
    assert bleu(split(["two birds"]), split(REFERENCES), order=2) == pytest.approx(2.718281828**-1)
    with pytest.raises(ValueError, match="bleu needs sentences"):
        bleu([], split(REFERENCES))
    with pytest.raises(ValueError, match="self_bleu needs two sentences or more"):
        self_bleu(split(["a b c"]))


def test_sentences_may_be_lists_of_words():
    assert bleu([["the", "cat"]], [["the", "cat"]], order=2) == pytest.approx(1)
