"""Penalties against closed forms on linear and quadratic critics."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from jaxgan import Batch, Turn, penalties

RANDOM = np.random.default_rng(0)
REAL, FAKE = RANDOM.normal(size=(2, 5, 3)).astype(np.float32)
IMAGES, FAKE_IMAGES = RANDOM.normal(size=(2, 5, 2, 3, 1)).astype(np.float32)
MATRIX = RANDOM.normal(size=(3, 3)).astype(np.float32)
SYMMETRIC = (MATRIX + MATRIX.T) / 2


def turn_at(step, rows=5):
    return Turn(Batch(jnp.zeros((rows, 0))), jax.random.key(7), jnp.int32(step))


def linear(w, x):
    return x.reshape(len(x), -1) @ w


def quadratic(matrix, x):
    return jnp.einsum("bi,ij,bj->b", x, matrix, x) / 2


def interpolated(real, fake, turn):
    keys = [jax.random.fold_in(turn.stream("penalty"), row) for row in range(len(real))]
    mix = np.array([jax.random.uniform(key) for key in keys]).reshape(-1, *[1] * (real.ndim - 1))
    assert mix.std() > 0.1
    return mix * real + (1 - mix) * fake


@pytest.mark.parametrize(
    ("penalty", "closed_form"),
    [
        (penalties.r1(0.6), lambda norm: 0.3 * norm**2),
        (penalties.r2(0.6), lambda norm: 0.3 * norm**2),
        (penalties.gradient_penalty(), lambda norm: 10 * (norm - 1) ** 2),
        (penalties.gradient_penalty(0.5), lambda norm: 0.5 * (norm - 1) ** 2),
    ],
)
def test_linear_critic_has_the_norm_of_its_weights_everywhere(penalty, closed_form):
    w = RANDOM.normal(size=6).astype(np.float32)
    value = penalty(partial(linear, w), jnp.asarray(IMAGES), jnp.asarray(FAKE_IMAGES), turn_at(0))
    assert value.shape == ()
    np.testing.assert_allclose(value, closed_form(np.linalg.norm(w)), rtol=1e-5)


@pytest.mark.parametrize(("penalty", "where"), [(penalties.r1, REAL), (penalties.r2, FAKE)])
def test_quadratic_critic_and_the_gradient_of_its_matrix(penalty, where):
    def value(matrix):
        return penalty(1.4)(partial(quadratic, matrix), jnp.asarray(REAL), jnp.asarray(FAKE), turn_at(0))

    force = where @ SYMMETRIC
    np.testing.assert_allclose(value(MATRIX), 0.7 * np.mean(np.sum(force**2, axis=1)), rtol=1e-5)
    outer = np.mean(force[:, :, None] * where[:, None, :], axis=0)
    np.testing.assert_allclose(jax.grad(value)(MATRIX), 1.4 * (outer + outer.T) / 2, rtol=1e-4, atol=1e-5)


def test_gradient_penalty_is_taken_between_each_pair_by_the_turn_s_own_draws():
    turn = turn_at(3)
    value = penalties.gradient_penalty(2.0)(partial(quadratic, MATRIX), jnp.asarray(REAL), jnp.asarray(FAKE), turn)
    norm = np.linalg.norm(interpolated(REAL, FAKE, turn) @ SYMMETRIC, axis=1)
    np.testing.assert_allclose(value, 2 * np.mean((norm - 1) ** 2), rtol=1e-5)


def test_gradient_penalty_of_a_flat_critic_has_a_finite_gradient():
    def value(w):
        return penalties.gradient_penalty(1.0)(partial(linear, w), jnp.asarray(REAL), jnp.asarray(FAKE), turn_at(0))

    result, gradient = jax.value_and_grad(value)(jnp.zeros(3))
    np.testing.assert_allclose(result, 1.0, rtol=1e-6)
    np.testing.assert_array_equal(gradient, 0)


def test_a_critic_that_couples_rows_is_differentiated_through_the_sum_over_the_batch():
    squared = penalties.squared_gradient_norm(lambda x: x[:, 0] - jnp.mean(x[:, 0]), jnp.asarray(REAL))
    np.testing.assert_allclose(squared, 0, atol=1e-12)


@pytest.mark.parametrize("penalty", [penalties.r1, penalties.r2, penalties.gradient_penalty])
def test_a_schedule_as_weight_follows_the_turn_s_step(penalty):
    critic, real, fake = partial(quadratic, MATRIX), jnp.asarray(REAL), jnp.asarray(FAKE)
    unit = penalty(1.0)(critic, real, fake, turn_at(0))
    scheduled = penalty(optax.linear_schedule(1.0, 5.0, 8))
    for step, weight in [(0, 1.0), (3, 2.5), (8, 5.0), (20, 5.0)]:
        np.testing.assert_allclose(scheduled(critic, real, fake, turn_at(step)), weight * unit, rtol=1e-6)


def test_every_is_n_times_the_penalty_on_every_nth_step_and_zero_between_in_one_trace():
    n, gamma, traces = 3, 0.5, []
    w = jnp.array([1.0, -2.0, 0.5])

    @jax.jit
    def value_gradient_hessian(w, step):
        traces.append(step)

        def value(w):
            turn = turn_at(0)._replace(step=step)
            lazy = penalties.every(n, penalties.r1(gamma))
            return lazy(partial(linear, w), jnp.asarray(REAL), jnp.asarray(FAKE), turn)

        return value(w), jax.grad(value)(w), jax.hessian(value)(w)

    for step in range(2 * n + 1):
        value, gradient, hessian = value_gradient_hessian(w, step)
        scale = n * gamma if step % n == 0 else 0
        np.testing.assert_allclose(value, scale / 2 * jnp.sum(w**2), rtol=1e-6)
        np.testing.assert_allclose(gradient, scale * w, rtol=1e-6)
        np.testing.assert_allclose(hessian, scale * np.eye(3), rtol=1e-6)
    assert len(traces) == 1


def test_every_one_is_the_penalty_itself():
    arguments = partial(quadratic, MATRIX), jnp.asarray(REAL), jnp.asarray(FAKE), turn_at(1)
    assert penalties.every(1, penalties.r1(1.0))(*arguments) == penalties.r1(1.0)(*arguments)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: penalties.r1(-1.0), "gamma must be at least 0, got -1.0"),
        (lambda: penalties.r2(float("nan")), "gamma must be .*got nan"),
        (lambda: penalties.gradient_penalty(float("inf")), "weight must be finite, got inf"),
        (lambda: penalties.gradient_penalty(-0.1), "weight must be at least 0, got -0.1"),
    ],
)
def test_weights_out_of_range_are_errors(build, message):
    with pytest.raises(ValueError, match=message):
        build()


@pytest.mark.parametrize("n", [0, -4, 1.5])
def test_every_needs_a_whole_number(n):
    with pytest.raises((ValueError, TypeError), match=f"n.*{n}"):
        penalties.every(n, penalties.r1(1.0))
