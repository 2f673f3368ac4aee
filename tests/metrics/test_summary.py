"""Mean and standard error of a population, and which of its members they are of."""

import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.metrics.summary import summarize


def test_mean_and_standard_error_by_hand():
    """1, 2, 6: mean 3, s² = (4 + 1 + 9) / 2 = 7, s/√3 = √(7/3)."""
    found = summarize(jnp.array([1.0, 2.0, 6.0]))
    assert float(found.mean) == 3
    np.testing.assert_allclose(found.standard_error, np.sqrt(7 / 3))
    np.testing.assert_array_equal(found.members, [1, 2, 6])
    assert found.finite.all()


def test_members_that_are_not_finite_are_left_out_and_named():
    curves = np.array([[1.0, 3.0], [2.0, np.inf], [3.0, 7.0], [np.nan, 0.0]])
    found = summarize(curves)
    np.testing.assert_array_equal(found.finite, [True, False, True, False])
    np.testing.assert_array_equal(found.mean, [2, 5])
    np.testing.assert_allclose(found.standard_error, [1, 2])  # √2 / √2 and 2√2 / √2
    np.testing.assert_array_equal(found.members, curves)


def test_too_few_to_tell():
    one = summarize(np.array([5, 7])[:1])
    assert (float(one.mean), np.isnan(one.standard_error)) == (5, True)
    none = summarize(np.full((3, 2), np.nan))
    assert np.isnan(none.mean).tolist() == [True, True]
    assert np.isnan(none.standard_error).tolist() == [True, True]


@pytest.mark.parametrize("values", [np.float32(1), np.zeros((0, 3))])
def test_members_are_needed(values, without_shape_checks):
    with pytest.raises(ValueError, match=r"values must be \[members, ...\], got shape"):
        summarize(values)
