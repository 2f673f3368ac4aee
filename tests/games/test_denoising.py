"""Diffusion against Gaussians, whose best denoiser and whose way from noise to data are known."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan import Batch, Turn
from jaxgan.games import denoising

KEY = jax.random.key(0)
MEAN, DEVIATION = 0.3, 0.7


def turn_of(rows):
    return Turn(Batch(rows), KEY, jnp.zeros((), jnp.int32))


def best(x, level):
    """E[x | x + σn] of data N(MEAN, DEVIATION²): the mean, and the share of the variance that is of the data."""
    share = DEVIATION**2 / (DEVIATION**2 + denoising.by_row(level, x) ** 2)
    return MEAN + share * (x - MEAN)


def test_levels_go_from_the_least_to_the_most_noise_in_equal_steps_of_the_seventh_root():
    roots = np.asarray(denoising.level_at(jnp.linspace(0, 1, 9))) ** (1 / 7)
    np.testing.assert_allclose(roots[[0, -1]] ** 7, (0.002, 80.0), rtol=1e-5)
    np.testing.assert_allclose(np.diff(roots), np.diff(roots)[0], rtol=1e-4)
    drawn = denoising.spaced(turn_of(jnp.zeros((500, 1))), 0.25, 0.75)
    low, high = (float(denoising.level_at(jnp.array(share))) for share in (0.25, 0.75))
    assert low <= float(drawn.min()) < 1.3 * low
    assert 0.8 * high < float(drawn.max()) <= high


def test_noise_has_the_standard_deviations_of_the_levels():
    level = jnp.array([0.1, 10.0])
    rows = jnp.ones((2, 4000))
    noise = denoising.noised(rows, level, turn_of(rows)) - rows
    np.testing.assert_allclose(noise.std(axis=1), level, rtol=0.05)
    assert abs(np.corrcoef(noise)[0, 1]) < 0.1


def test_the_error_is_weighted_as_in_table_1():
    denoised, rows, level = jnp.array([[1.0, 3.0], [0.0, 0.0]]), jnp.zeros((2, 2)), jnp.array([0.2, 7.0])
    weight = (0.2**2 + 0.5**2) / (0.2 * 0.5) ** 2
    assert float(denoising.weighted_error(denoised, rows, level)) == pytest.approx(weight * 10 / 4)


def test_the_best_denoiser_has_the_least_loss_and_that_of_its_variance():
    """E(x − E[x | y])² = s²σ²/(s² + σ²); a denoiser beside it has more."""
    rows = MEAN + DEVIATION * jax.random.normal(KEY, (20_000, 1))
    level = jnp.full(len(rows), 0.4)
    left = DEVIATION**2 * 0.4**2 / (DEVIATION**2 + 0.4**2)
    expected = left * (0.4**2 + 0.5**2) / (0.4 * 0.5) ** 2
    turn = turn_of(rows)._replace(key=jax.random.key(1))
    least = float(denoising.denoising_loss(best, rows, level, turn))
    assert least == pytest.approx(expected, rel=0.03)
    for beside in (lambda x, level: best(x, level) + 0.1, lambda x, level: 1.1 * best(x, level)):
        assert float(denoising.denoising_loss(beside, rows, level, turn)) > least


def test_the_sampler_carries_noise_along_the_known_way():
    """x(σ) = μ + (x(T) − μ)·√((s² + σ²)/(s² + T²)): noise n becomes μ + (Tn − μ)·s/√(s² + T²)."""
    noise = jax.random.normal(KEY, (50, 3))
    expected = MEAN + (80 * noise - MEAN) * DEVIATION / np.sqrt(DEVIATION**2 + 80**2)
    np.testing.assert_allclose(denoising.probability_flow(best, noise, 200), expected, atol=2e-3)
    errors = [float(jnp.abs(denoising.probability_flow(best, noise, n) - expected).max()) for n in (10, 20, 40)]
    assert errors[0] > 3 * errors[1] > 9 * errors[2]


def test_the_sampler_has_the_data_s_mean_and_covariance():
    """Correlated data, N(0, Σ): D(x; σ) = Σ(Σ + σ²)⁻¹x."""
    covariance = jnp.array([[1.0, 0.6], [0.6, 0.5]])

    def denoise(x, level):
        return jax.vmap(lambda row, one: covariance @ jnp.linalg.solve(covariance + one**2 * jnp.eye(2), row))(x, level)

    samples = denoising.probability_flow(denoise, jax.random.normal(KEY, (4000, 2)), 40)
    np.testing.assert_allclose(np.cov(samples.T), covariance, atol=0.06)


def test_one_step_is_one_call_at_the_most_noise():
    noise, calls = jnp.ones((2, 1)), []

    def denoise(x, level):
        calls.append((x, level))
        return x / 4

    assert float(denoising.probability_flow(denoise, noise, 1)[0, 0]) == 20
    ((x, level),) = calls[-1:]
    assert float(x[0, 0]) == float(level[0]) == 80
    with pytest.raises(ValueError, match="steps must be a whole number of at least 1, got 0"):
        denoising.probability_flow(best, noise, 0)
