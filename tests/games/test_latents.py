"""Latent distributions: shape, range and moments. Ways between latents: great circles and straight lines."""

import math

import jax
import jax.numpy as jnp
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


@pytest.mark.parametrize("bound", [0.1, 1.0, 3.0])
def test_truncated_has_the_moments_of_the_truncated_normal(bound):
    """Mean 0 and variance 1 - 2 T phi(T) / (2 Phi(T) - 1)."""
    z = rows(latents.truncated(bound))
    density = math.exp(-(bound**2) / 2) / math.sqrt(2 * math.pi)
    variance = 1 - 2 * bound * density / math.erf(bound / math.sqrt(2))
    error = 5 / np.sqrt(ROWS)
    assert 0.99 * bound < np.abs(z).max() <= bound
    np.testing.assert_allclose(z.T @ z / ROWS, variance * np.eye(SIZE), atol=error * bound**2)
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=error * bound)


@pytest.mark.parametrize(("bound", "message"), [(0, "above 0"), (-1.0, "above 0"), (float("inf"), "finite")])
def test_truncated_needs_a_bound(bound, message):
    with pytest.raises(ValueError, match=f"bound must be {message}, got {bound}"):
        latents.truncated(bound)


@pytest.mark.parametrize(("rest", "fourth"), [(latents.normal, 3), (latents.sphere, 3 * 2 / 4)])
def test_signs_come_first_and_the_rest_as_asked(rest, fourth):
    z = rows(latents.with_signs(3, rest))
    error = 5 / np.sqrt(ROWS)
    np.testing.assert_allclose(z.T @ z / ROWS, np.eye(SIZE), atol=error * np.sqrt(3))
    np.testing.assert_allclose((z[:, 3:] ** 4).mean(axis=0), fourth, atol=error * np.sqrt(105))
    patterns, counts = np.unique(z[:, :3], axis=0, return_counts=True)
    assert len(patterns) == 8
    np.testing.assert_array_equal(np.abs(patterns), 1)
    np.testing.assert_allclose(counts / ROWS, 1 / 8, atol=5 * np.sqrt(7 / 64 / ROWS))


def test_a_latent_may_be_signs_alone():
    np.testing.assert_array_equal(np.abs(rows(latents.with_signs(SIZE))), 1)


def test_signs_must_fit_into_the_latent():
    with pytest.raises(ValueError, match="count must be a whole number of at least 1, got 0"):
        latents.with_signs(0)
    with pytest.raises(ValueError, match="count=6 signs are more than the 5 numbers of a latent"):
        latents.with_signs(6)(jax.random.key(0), SIZE)


T = np.linspace(0, 1, 9)
A, B = np.random.default_rng(0).normal(size=(2, SIZE)).astype(np.float32)
BETWEEN = {
    "apart": B,
    "same": A,
    "opposite": -A,
    "opposite and longer": -3 * A,
    "nearly the same": A + 1e-5 * B,
    "nearly opposite": -A + 1e-5 * B,
    "one axis": np.eye(SIZE, dtype=np.float32)[2],
}


def angle(a, b):
    a, b = (np.asarray(z, np.float64) for z in (a, b))
    a, b = (z / np.linalg.norm(z, axis=-1, keepdims=True) for z in (a, b))
    return 2 * np.arctan2(np.linalg.norm(a - b, axis=-1), np.linalg.norm(a + b, axis=-1))


@pytest.mark.parametrize("b", BETWEEN.values(), ids=BETWEEN.keys())
def test_slerp_turns_by_t_times_the_angle_and_grows_straight(b):
    walk = np.asarray(latents.slerp(jnp.array(A), jnp.array(b), jnp.array(T)))
    np.testing.assert_array_equal(walk[[0, -1]], [A, b])
    np.testing.assert_allclose(angle(A, walk), T * angle(A, b), atol=3e-6)
    norms = (1 - T) * np.linalg.norm(A) + T * np.linalg.norm(b)
    np.testing.assert_allclose(np.linalg.norm(walk, axis=-1), norms, rtol=1e-6)


@pytest.mark.parametrize("b", [B, np.arange(SIZE, dtype=np.float32)])
def test_slerp_on_a_sphere_is_the_formula(b):
    b = b * np.linalg.norm(A) / np.linalg.norm(b)
    whole = angle(A, b)
    expected = [(math.sin((1 - t) * whole) * A + math.sin(t * whole) * b) / math.sin(whole) for t in T]
    np.testing.assert_allclose(latents.slerp(jnp.array(A), jnp.array(b), jnp.array(T)), expected, atol=1e-6)
    np.testing.assert_allclose(latents.slerp(jnp.array(A), jnp.array(b), 0.25), expected[2], atol=1e-6)


def test_slerp_of_opposite_numbers_goes_through_zero():
    walk = latents.slerp(jnp.array([1.0]), jnp.array([-2.0]), jnp.array([0.0, 0.5, 1.0]))
    np.testing.assert_allclose(walk[:, 0], [1, 0, -2], atol=1e-6)


def test_slerp_takes_many_at_once():
    a, b = (jnp.asarray(rows(latents.normal)[i : i + 6].reshape(2, 3, SIZE), jnp.float32) for i in (0, 6))
    t = jnp.array([[0.2], [0.7]])
    walk = latents.slerp(a, b, t)
    np.testing.assert_allclose(walk[1, 2], latents.slerp(a[1, 2], b[1, 2], 0.7), rtol=1e-5)


def test_lerp_is_the_straight_line():
    walk = latents.lerp(jnp.array(A), jnp.array(B), jnp.array(T))
    np.testing.assert_allclose(walk, A + T[:, None] * (B - A), atol=1e-6)
    np.testing.assert_array_equal(walk[jnp.array([0, -1])], [A, B])
