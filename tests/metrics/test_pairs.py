"""Measures of pairs of images against their formulas."""

import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.metrics.ms_ssim import ms_ssim, ssim
from jaxgan.metrics.pairs import pair_measures

RANDOM = np.random.default_rng(0)


def images(value, side=12):
    return np.full((3, side, side, 1), value, np.float32)


def test_flat_images_have_the_numbers_of_the_formulas():
    """In [0, 1] they are 0.75 and 0.25: SSIM is its luminance, PSNR 10 log₁₀(1 / 0.25)."""
    found = pair_measures(images(0.5), images(-0.5))
    assert found["l1"] == pytest.approx(1)
    assert found["psnr"] == pytest.approx(10 * np.log10(1 / 0.5**2))
    assert found["ssim"] == pytest.approx((2 * 0.75 * 0.25 + 1e-4) / (0.75**2 + 0.25**2 + 1e-4), rel=1e-3)


def test_the_same_images_are_alike_and_small_ones_have_no_ssim():
    some = RANDOM.uniform(-1, 1, (2, 11, 13, 3)).astype(np.float32)
    found = pair_measures(some, some)
    assert (found["l1"], found["psnr"]) == (0, np.inf)
    assert found["ssim"] == pytest.approx(1, rel=1e-4)
    assert set(pair_measures(some[:, :10], some[:, :10])) == {"l1", "psnr"}


def test_psnr_is_the_mean_of_that_of_each_pair():
    made, target = images(0.0), images(0.0)
    target[0], target[1], target[2] = 0.2, 0.02, 0.002
    assert pair_measures(made, target)["psnr"] == pytest.approx(np.mean([20, 40, 60]), rel=1e-4)


def test_ssim_is_ms_ssim_of_images_with_room_for_one_scale():
    first, second = (jnp.asarray(RANDOM.uniform(-1, 1, (2, 16, 16, 1)), jnp.float32) for _ in range(2))
    second = 0.8 * first + 0.2 * second
    np.testing.assert_allclose(ssim(first, second), ms_ssim(first, second), rtol=1e-5)


def test_images_of_other_shapes_are_refused():
    with pytest.raises(ValueError, match=r"must be images of one shape \[n, H, W, C\], got \(3, 12, 12, 1\)"):
        pair_measures(images(0.0), images(0.0, side=8))
