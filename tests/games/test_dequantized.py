"""Dequantised images are those of the program of SNGAN."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from games_for_tests import bilinear

from jaxgan import Batch, Players, Turn
from jaxgan.data.media.images import decode
from jaxgan.games.dequantized import dequantized

KEY = jax.random.key(0)


def seen(real):
    rows = []

    def judge(params, variables, samples, turn):
        rows.append(turn.batch.real)
        return Players(0.0, 0.0), (variables, {})

    dequantized(bilinear()._replace(judge=judge)).judge(None, None, None, Turn(Batch(real), KEY, jnp.int32(0)))
    return np.asarray(rows[0], np.float64)


def test_a_level_becomes_the_interval_up_to_the_next():
    """datasets/cifar10.py: u/128 − 1 + U[0, 1/128)."""
    levels = np.arange(256, dtype=np.uint8).reshape(1, 256, 1, 1).repeat(64, axis=2)
    noise = 128 * (seen(jnp.asarray(decode(levels))) + 1) - levels
    assert noise.min() > -1e-4
    assert noise.max() < 1 + 1e-4
    np.testing.assert_allclose(np.mean(noise), 1 / 2, atol=0.01)
    np.testing.assert_allclose(np.var(noise), 1 / 12, rtol=0.02)


def test_every_row_has_noise_of_its_own():
    first, second = seen(jnp.zeros((2, 4, 4, 1)))
    assert np.all(first != second)


def test_rows_that_are_no_images_are_named(without_shape_checks):
    with pytest.raises(ValueError, match=r"dequantized needs images \[B, H, W, C\], got rows of shape \(2,\)"):
        seen(jnp.zeros((4, 2)))
