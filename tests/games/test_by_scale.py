"""Scales that weigh alike, against means of means in NumPy."""

import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan import losses
from jaxgan.core import Batch, Turn

REAL, FAKE = np.random.default_rng(0).standard_normal((2, 3, 20)).astype(np.float32)
TURN = Turn(Batch(jnp.zeros((3, 1))), None, jnp.zeros(()))


def test_the_mean_is_that_of_the_means_of_the_scales():
    values = losses.by_scale(losses.least_squares(), (16, 4)).apply(REAL, FAKE, TURN)
    parts = (slice(16), slice(16, 20))
    generator = np.mean([np.mean((FAKE[:, part] - 1) ** 2 / 2) for part in parts])
    discriminator = np.mean([np.mean((REAL[:, part] - 1) ** 2 / 2 + FAKE[:, part] ** 2 / 2) for part in parts])
    np.testing.assert_allclose([value.mean() for value in values], [generator, discriminator], rtol=1e-5)


def test_wrong_numbers_of_patches_are_refused():
    with pytest.raises(ValueError, match=r"patches must be whole numbers of at least 1, got \(3, 0\)"):
        losses.by_scale(losses.hinge(), (3, 0))
    with pytest.raises(ValueError, match=r"must have 7 patches for patches=\(4, 3\), got shape \[3, 20\]"):
        losses.by_scale(losses.hinge(), (4, 3)).apply(REAL, FAKE, TURN)
