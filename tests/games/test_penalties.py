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
        (penalties.one_sided(0.5), lambda norm: 0.5 * max(0, norm - 1) ** 2),
        (penalties.zero_centered(0.5), lambda norm: 0.5 * norm**2),
        (penalties.dragan(0.5), lambda norm: 0.5 * (norm - 1) ** 2),
    ],
)
@pytest.mark.parametrize("norm", [0.4, 2.0])
def test_linear_critic_has_the_norm_of_its_weights_everywhere(penalty, closed_form, norm):
    w = RANDOM.normal(size=6).astype(np.float32)
    w *= norm / np.linalg.norm(w)
    value = penalty(partial(linear, w), jnp.asarray(IMAGES), jnp.asarray(FAKE_IMAGES), turn_at(0))
    assert value.shape == ()
    np.testing.assert_allclose(value, closed_form(norm), rtol=1e-5)


@pytest.mark.parametrize(("penalty", "where"), [(penalties.r1, REAL), (penalties.r2, FAKE)])
def test_quadratic_critic_and_the_gradient_of_its_matrix(penalty, where):
    def value(matrix):
        return penalty(1.4)(partial(quadratic, matrix), jnp.asarray(REAL), jnp.asarray(FAKE), turn_at(0))

    force = where @ SYMMETRIC
    np.testing.assert_allclose(value(MATRIX), 0.7 * np.mean(np.sum(force**2, axis=1)), rtol=1e-5)
    outer = np.mean(force[:, :, None] * where[:, None, :], axis=0)
    np.testing.assert_allclose(jax.grad(value)(MATRIX), 1.4 * (outer + outer.T) / 2, rtol=1e-4, atol=1e-5)


def perturbed(real, turn):
    keys = [jax.random.fold_in(turn.stream("penalty"), row) for row in range(len(real))]
    return real + 0.3 * np.array([jax.random.normal(key, real.shape[1:]) for key in keys])


@pytest.mark.parametrize(
    ("penalty", "of_norm"),
    [
        (penalties.gradient_penalty(2.0), lambda norm: 2 * (norm - 1) ** 2),
        (penalties.one_sided(2.0), lambda norm: 2 * np.maximum(0, norm - 1) ** 2),
        (penalties.zero_centered(2.0), lambda norm: 2 * norm**2),
    ],
)
def test_penalties_between_are_taken_on_each_pair_s_line_by_the_turn_s_own_draws(penalty, of_norm):
    turn = turn_at(3)
    value = penalty(partial(quadratic, 2 * MATRIX), jnp.asarray(REAL), jnp.asarray(FAKE), turn)
    norm = np.linalg.norm(interpolated(REAL, FAKE, turn) @ (2 * SYMMETRIC), axis=1)
    assert norm.min() < 1 < norm.max()
    np.testing.assert_allclose(value, np.mean(of_norm(norm)), rtol=1e-5)


def test_dragan_is_taken_near_real_data_whatever_the_samples_are():
    turn = turn_at(3)
    norm = np.linalg.norm(perturbed(REAL, turn) @ SYMMETRIC, axis=1)
    for fake in (FAKE, np.full_like(FAKE, np.nan)):
        value = penalties.dragan(2.0, deviation=0.3)(
            partial(quadratic, MATRIX), jnp.asarray(REAL), jnp.asarray(fake), turn
        )
        np.testing.assert_allclose(value, np.mean(2 * (norm - 1) ** 2), rtol=1e-5)


@pytest.mark.parametrize(
    ("penalty", "flat"),
    [
        (penalties.gradient_penalty, 1.0),
        (penalties.dragan, 1.0),
        (penalties.one_sided, 0.0),
        (penalties.zero_centered, 0.0),
    ],
)
def test_penalties_of_a_flat_critic_have_a_finite_gradient(penalty, flat):
    def value(w):
        return penalty(1.0)(partial(linear, w), jnp.asarray(REAL), jnp.asarray(FAKE), turn_at(0))

    result, gradient = jax.value_and_grad(value)(jnp.zeros(3))
    np.testing.assert_allclose(result, flat, atol=1e-6)
    np.testing.assert_array_equal(gradient, 0)
    assert np.isfinite(jax.hessian(value)(jnp.zeros(3))).all()


def test_a_critic_that_couples_rows_is_differentiated_through_the_sum_over_the_batch():
    squared = penalties.squared_gradient_norm(lambda x: x[:, 0] - jnp.mean(x[:, 0]), jnp.asarray(REAL))
    np.testing.assert_allclose(squared, 0, atol=1e-12)


WEIGHTED = [
    penalties.r1,
    penalties.r2,
    penalties.gradient_penalty,
    penalties.one_sided,
    penalties.zero_centered,
    penalties.dragan,
]


@pytest.mark.parametrize("penalty", WEIGHTED)
def test_the_weight_is_a_number_a_traced_number_or_a_schedule_of_the_turn_s_step(penalty):
    def value(weight, step=0):
        return penalty(weight)(partial(quadratic, 2 * MATRIX), jnp.asarray(REAL), jnp.asarray(FAKE), turn_at(step))

    unit = value(1.0)
    assert unit > 0
    np.testing.assert_allclose(jax.jit(value)(2.5), 2.5 * unit, rtol=1e-5)
    schedule = optax.linear_schedule(1.0, 5.0, 8)
    for step, weight in [(0, 1.0), (3, 2.5), (8, 5.0), (20, 5.0)]:
        np.testing.assert_allclose(value(schedule, step), weight * unit, rtol=1e-6)


def test_dragan_s_deviation_may_be_a_schedule():
    arguments = partial(quadratic, MATRIX), jnp.asarray(REAL), jnp.asarray(FAKE), turn_at(4)
    scheduled = penalties.dragan(1.0, optax.linear_schedule(0.0, 1.0, 8))(*arguments)
    np.testing.assert_allclose(scheduled, penalties.dragan(1.0, 0.5)(*arguments), rtol=1e-6)
    assert scheduled != penalties.dragan(1.0, 0.4)(*arguments)


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
        (lambda: penalties.one_sided(-0.1), "weight must be at least 0, got -0.1"),
        (lambda: penalties.zero_centered(-0.1), "weight must be at least 0, got -0.1"),
        (lambda: penalties.dragan(-0.1), "weight must be at least 0, got -0.1"),
        (lambda: penalties.dragan(1.0, deviation=-1), "deviation must be at least 0, got -1"),
    ],
)
def test_weights_out_of_range_are_errors(build, message):
    with pytest.raises(ValueError, match=message):
        build()


@pytest.mark.parametrize("n", [0, -4, 1.5])
def test_every_needs_a_whole_number(n):
    with pytest.raises((ValueError, TypeError), match=f"n.*{n}"):
        penalties.every(n, penalties.r1(1.0))
