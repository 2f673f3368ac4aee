"""Latent distributions: shape, range and moments."""

import jax
import numpy as np
import pytest

from jaxgan import latents

SIZE, ROWS = 5, 20_000

FOURTH_MOMENTS = {
    latents.normal: (1, 3),
    latents.uniform: (1 / 3, 1 / 5),
    latents.sphere: (1, 3 * SIZE / (SIZE + 2)),
}


def rows(latent, size=SIZE):
    return np.asarray(jax.vmap(lambda key: latent(key, size))(jax.random.split(jax.random.key(0), ROWS)), np.float64)


@pytest.mark.parametrize("latent", FOURTH_MOMENTS)
@pytest.mark.parametrize("size", [1, 7])
def test_one_key_draws_one_row(latent, size):
    row = latent(jax.random.key(0), size)
    assert row.shape == (size,)
    assert row.dtype == np.float32


@pytest.mark.parametrize(("latent", "moments"), FOURTH_MOMENTS.items())
def test_moments_are_those_of_the_distribution(latent, moments):
    z = rows(latent)
    second, fourth = moments
    error = 5 / np.sqrt(ROWS)
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=error)
    np.testing.assert_allclose(z.T @ z / ROWS, second * np.eye(SIZE), atol=error * np.sqrt(fourth))
    np.testing.assert_allclose((z**4).mean(axis=0), fourth, atol=error * np.sqrt((z**8).mean()))


def test_uniform_fills_its_range():
    z = rows(latents.uniform)
    assert -1 <= z.min() < -0.999
    assert 0.999 < z.max() < 1


def test_sphere_has_the_radius_of_a_normal_latent():
    np.testing.assert_allclose(np.linalg.norm(rows(latents.sphere), axis=1), np.sqrt(SIZE), rtol=1e-6)
