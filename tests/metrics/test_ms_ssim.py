"""Multi-scale structural similarity against its formula in NumPy, and its mean over pairs."""

import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.metrics.ms_ssim import ms_ssim, similarity_of_pairs

RANDOM = np.random.default_rng(0)


def compared(x, y):
    """Luminance and contrast of one channel in [0, 1], window by window."""
    line = np.exp(-((np.arange(11) - 5) ** 2) / (2 * 1.5**2))
    window = np.outer(line, line) / line.sum() ** 2
    luminance, contrast = [], []
    for i in range(x.shape[0] - 10):
        for j in range(x.shape[1] - 10):
            a, b = x[i : i + 11, j : j + 11], y[i : i + 11, j : j + 11]
            mean_a, mean_b = np.sum(window * a), np.sum(window * b)
            var_a, var_b = np.sum(window * (a - mean_a) ** 2), np.sum(window * (b - mean_b) ** 2)
            both = np.sum(window * (a - mean_a) * (b - mean_b))
            luminance.append((2 * mean_a * mean_b + 1e-4) / (mean_a**2 + mean_b**2 + 1e-4))
            contrast.append((2 * both + 9e-4) / (var_a + var_b + 9e-4))
    return np.array(luminance), np.array(contrast)


def test_two_scales_against_the_formula_with_the_mean_of_the_product_at_the_last():
    """Where luminance and contrast vary together, the mean of the product is not the product of the means."""
    x = RANDOM.uniform(-1, 1, (40, 38)).cumsum(axis=0) / 9
    y = x - np.linspace(0, 1.2, 38) + RANDOM.normal(size=(40, 38)) * np.linspace(0, 0.6, 38)
    halves = [image.reshape(20, 2, 19, 2).mean(axis=(1, 3)) for image in (x, y)]
    (_, fine), (luminance, coarse) = (compared((a + 1) / 2, (b + 1) / 2) for a, b in ((x, y), halves))
    weight = 0.0448 / (0.0448 + 0.2856)
    expected = fine.mean() ** weight * (luminance * coarse).mean() ** (1 - weight)
    assert abs(luminance.mean() * coarse.mean() / (luminance * coarse).mean() - 1) > 0.01
    found = ms_ssim(*(jnp.asarray(image[None, :, :, None], jnp.float32) for image in (x, y)))
    np.testing.assert_allclose(found, [expected], rtol=1e-4)


def test_plain_images_differ_in_luminance_alone():
    black, gray = jnp.full((1, 11, 11, 2), -0.6), jnp.full((1, 11, 11, 2), 0.2)
    np.testing.assert_allclose(ms_ssim(black, gray), (2 * 0.2 * 0.6 + 1e-4) / (0.04 + 0.36 + 1e-4), rtol=1e-4)
    np.testing.assert_allclose(ms_ssim(gray, gray), 1, rtol=1e-6)


def test_pairs_are_of_different_images():
    """Three images of which two are equal: a third of the pairs of different images has similarity 1."""
    plain = np.zeros((3, 11, 11, 1), np.float32)
    plain[0] = RANDOM.uniform(-1, 1, (11, 11, 1))
    apart = float(ms_ssim(jnp.asarray(plain[:1]), jnp.asarray(plain[1:2]))[0])
    found = similarity_of_pairs(plain, pairs=3000)
    np.testing.assert_allclose(found, (1 + 2 * apart) / 3, atol=0.03)
    assert found == similarity_of_pairs(plain, pairs=3000)
    np.testing.assert_allclose(similarity_of_pairs(np.zeros((2, 11, 11, 1), np.uint8), pairs=70), 1, rtol=1e-6)


def test_what_does_not_fit_is_named(without_shape_checks):
    with pytest.raises(ValueError, match="images must have 11 pixels a side or more, got"):
        similarity_of_pairs(np.zeros((2, 8, 8, 1), np.float32))
    with pytest.raises(ValueError, match="at least 11 pixels a side for MS-SSIM, got"):
        ms_ssim(*jnp.zeros((2, 1, 8, 8, 1)))
    with pytest.raises(ValueError, match="images must be finite, got 1 that are not"):
        similarity_of_pairs(np.stack([np.zeros((16, 16, 1)), np.full((16, 16, 1), np.nan)]))
    with pytest.raises(ValueError, match="images must be two or more"):
        similarity_of_pairs(np.zeros((1, 16, 16, 1), np.float32))
    with pytest.raises(ValueError, match="pairs must be at least 1, got 0"):
        similarity_of_pairs(np.zeros((2, 16, 16, 1), np.float32), pairs=0)
