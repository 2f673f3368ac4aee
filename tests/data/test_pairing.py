"""Two data sets as one: pairs stay together, domains without pairs are drawn apart."""

import itertools
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from jaxgan import data
from jaxgan.data import Dataset, media


def numbered(name, rows, offset=0, mirror=False):
    """Row i holds i + offset on the left, and 100 more on the right."""
    real = np.empty((rows, 2, 2, 1), np.uint8)
    real[:, :, 0] = (np.arange(rows) + offset)[:, None, None]
    real[:, :, 1] = real[:, :, 0] + 100
    return Dataset(name, real, mirror=mirror)


def numbers(rows):
    """Number of each stored row, and whether the row is flipped."""
    left, right = rows[:, 0, 0, 0].astype(int), rows[:, 0, 1, 0].astype(int)
    return np.minimum(left, right), left > right


@pytest.mark.parametrize("mirror", [False, True])
def test_a_row_has_the_source_of_its_place_and_is_flipped_with_it(mirror):
    made = data.pairs(numbered("a", 12, 40, mirror), numbered("b", 12, mirror=mirror))
    assert (made.name, len(made), made.labels, made.num_classes) == ("a to b", 24 if mirror else 12, None, None)
    for step in range(10):
        batch = made.take(made.index(4, 0, step))
        (target, flipped), (source, source_flipped) = numbers(batch.real), numbers(batch.condition)
        np.testing.assert_array_equal(source, target + 40)
        np.testing.assert_array_equal(flipped, source_flipped)
    decoded = next(made.batches(4, 0))
    assert decoded.condition.dtype == decoded.real.dtype == np.float32
    assert np.abs(decoded.condition).max() <= 1


def test_each_domain_has_its_own_epochs_and_the_first_the_order_it_would_have_alone():
    a, b = numbered("a", 12), numbered("b", 20)
    made = data.unpaired(a, b)
    assert (made.name, len(made)) == ("a and b", 12)
    alone = a.batches(4, 7)
    drawn = [(next(alone), batch) for batch in itertools.islice(made.batches(4, 7), 15)]
    for one, two in drawn:
        np.testing.assert_array_equal(one.real, two.real.a)
        assert two.condition is None
    stored = [made.take(made.index(4, 7, step)).real for step in range(15)]
    assert Counter(np.concatenate([numbers(real.a)[0] for real in stored])) == dict.fromkeys(range(12), 5)
    assert Counter(np.concatenate([numbers(real.b)[0] for real in stored])) == dict.fromkeys(range(20), 3)


def test_domains_of_equal_rows_are_not_drawn_alike():
    one = numbered("a", 100)
    made = data.unpaired(one, one)
    together = sum(
        int((numbers(real.a)[0] == numbers(real.b)[0]).sum())
        for real in (made.take(made.index(10, 0, step)).real for step in range(100))
    )
    assert 0 < together < 30  # 10 of 1000, were they independent


A, B = numbered("a", 5), numbered("b", 6)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: data.pairs(A, B), "pairs need equally many rows, got 5 of a and 6 of b"),
        (lambda: data.pairs(A, replace(A, mirror=True)), r"mirrored or neither, got a \(mirror=False\) and a \(mirror"),
        (lambda: data.unpaired(data.unpaired(A, B), B), "a and b has two domains already"),
        (lambda: data.unpaired(A, data.load("ring")), "data sets of one medium, got images of a and points of ring"),
        (lambda: data.unpaired(A, B).batches(6, 0), "batch_size must be from 1 to 5, the size of a and b; got 6"),
        (
            lambda: replace(data.unpaired(A, B), condition=np.zeros((5, 2), np.float32)),
            "without pairs have no condition",
        ),
        (lambda: replace(A, condition=B.real, condition_medium=media.images), "5 rows, but labels or conditions of sh"),
        (lambda: replace(A, condition=A.real, condition_medium=media.points), "a: condition must be float32 points"),
        (lambda: replace(A, condition=np.zeros(5, np.int32)), "a: labels need num_classes, got None"),
        (lambda: Dataset("x", {"a": A.real, "b": B.real}), r"x: data must have equal lengths, got shapes \[\(5, 2, 2"),
        (
            lambda: Dataset("x", {"a": A.real, "b": np.zeros((5, 2), np.float32)}),
            "of one medium, got images and points",
        ),
        (lambda: Dataset("x", {}), "x: no data"),
        (lambda: Dataset("x", [1.0, 2.0]), r"x: data must be arrays \[N, ...\], got float"),
    ],
)
def test_what_does_not_fit_together_is_an_error(make, message):
    with pytest.raises(ValueError, match=message):
        make()
