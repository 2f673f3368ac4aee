"""Measures of texts: the data's own are the floor, and what each says of samples that are known."""

import dataclasses
import math

import numpy as np
import pytest

from jaxgan import data
from jaxgan.data import media
from jaxgan.metrics.texts import OF_TEXTS, TextMeasures, measurable, names

WORDS = ("", "a", "b", "c", "d")
ROWS = np.array([[1, 2, 3, 4], [1, 2, 3, 0]] * 64, np.int32)


def fair(rows):
    """Four words or three, equally likely; only these two texts."""
    known = (rows[:, :3] == [1, 2, 3]).all(axis=1) & np.isin(rows[:, 3], (0, 4))
    return np.where(known, -math.log(2), -np.inf)


DATA = data.Dataset("x", ROWS, medium=media.tokens(WORDS), log_probability=fair)


def of(measures, rows, *more):
    return measures(np.eye(5)[rows], *more)


def test_data_are_as_good_as_their_floor():
    measures = TextMeasures(DATA, 64, 0)
    found = of(measures, ROWS[:64], np.full(64, -2.0))
    assert tuple(found) == OF_TEXTS
    nll = math.log(2) / 4
    assert found["validity"] == (1, 1, 1)
    assert found["nll_oracle"] == pytest.approx((nll, nll, nll))
    assert found["nll_gen"] == pytest.approx((2 / 4, nll, nll))
    assert found["bleu_3"] == pytest.approx((1, 1, 1))
    assert found["self_bleu_3"] == pytest.approx((1, 1, 1))


def test_wrong_and_repeated_texts():
    rows = ROWS[:64].copy()
    rows[:16] = [4, 4, 4, 4]
    found = of(TextMeasures(DATA, 64, 0), rows)
    assert "nll_gen" not in found
    assert found["validity"].value == 0.75
    assert found["nll_oracle"].value == pytest.approx(math.log(2) / 4)
    wrong = (1 / 4 * 0.1 / 3 * 0.1 / 2) ** (1 / 3)  # one d is in a row of the data, no two
    assert found["bleu_3"].value == pytest.approx(0.75 + 0.25 * wrong)
    assert found["self_bleu_3"].value == pytest.approx(1)
    rows[:] = [1, 1, 1, 1]
    assert math.isnan(of(TextMeasures(DATA, 64, 0), rows)["nll_oracle"].value)


def test_held_out_rows_are_compared_with():
    held_out = dataclasses.replace(DATA, held_out=ROWS[1::2].repeat(2, axis=0))
    measures = TextMeasures(held_out, 2500, 0)
    assert (measures.reference, measures.count) == ("x, held out", 64)
    assert of(measures, ROWS[1::2])["bleu_3"].value == pytest.approx(1)
    assert (measures.real == [1, 2, 3, 0]).all()


def test_what_is_measured():
    unknown = dataclasses.replace(DATA, log_probability=None)
    assert names(DATA, likelihood=True) == OF_TEXTS
    assert names(unknown, likelihood=True) == ("nll_gen", "bleu_3", "self_bleu_3")
    assert names(unknown, likelihood=False) == ("bleu_3", "self_bleu_3")
    assert math.isnan(of(TextMeasures(unknown, 64, 0), ROWS[:64], np.zeros(64))["nll_gen"].floor)
    few = dataclasses.replace(DATA, real=ROWS[:63])
    assert not measurable(few)
    assert not measurable(data.load("ring"))
    with pytest.raises(ValueError, match="the measures need at least 64 texts as tokens"):
        TextMeasures(few, 64, 0)
    with pytest.raises(ValueError, match="texts are measured by 32 samples at least, got 31"):
        TextMeasures(DATA, 31, 0)
    with pytest.raises(ValueError, match="samples must be at least 64, got 3"):
        of(TextMeasures(DATA, 64, 0), ROWS[:3])
