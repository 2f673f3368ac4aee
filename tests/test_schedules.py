"""Schedules at their ends and between."""

import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan import schedules


def test_a_burn_in_goes_along_half_a_cosine_and_stays():
    schedule = schedules.cosine_burn_in(2e-4, 5e-5, 400)
    found = [schedule(jnp.int32(t)) for t in (0, 100, 200, 400, 10_100)]
    turned = 5e-5 + 1.5e-4 * (1 + np.cos(np.pi / 4)) / 2
    np.testing.assert_allclose(found, [2e-4, turned, 1.25e-4, 5e-5, 5e-5], rtol=1e-6)


def test_half_of_an_average_is_left_after_its_half_life():
    np.testing.assert_allclose(schedules.half_life(20)(jnp.int32(3)) ** 20, 0.5, rtol=1e-5)
    growing = schedules.half_life(schedules.cosine_burn_in(0, 50, 10))
    assert growing(jnp.int32(0)) == 0
    np.testing.assert_allclose(growing(jnp.int32(5)) ** 25, 0.5, rtol=1e-5)


def test_what_is_out_of_range_is_named():
    with pytest.raises(ValueError, match="steps must be a whole number of at least 1, got 0"):
        schedules.cosine_burn_in(1.0, 0.0, 0)
    with pytest.raises(ValueError, match="steps must be at least 0, got -1"):
        schedules.half_life(-1)
