"""Optax transformations on parameters: projections exactly, regularisers against derivatives of their formulas."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from jaxgan import optimizers

RANDOM = np.random.default_rng(0)
PARAMS = {
    "kernel": jnp.asarray(RANDOM.normal(size=(5, 4)), jnp.float32),
    "convolution": jnp.asarray(RANDOM.normal(size=(2, 2, 3, 6)), jnp.float32),
    "bias": jnp.asarray(RANDOM.normal(size=4), jnp.float32),
}


def after(transformation, params, updates):
    """What comes of parameters by the public way of optax."""
    updates, _ = transformation.update(updates, transformation.init(params), params)
    return optax.apply_updates(params, updates)


GRADIENTS = [jax.tree.map(lambda p, i=i: jnp.cos(3 * p + i) * 10.0 ** (i - 1), PARAMS) for i in range(4)]


def trained(optimizer):
    """Parameters after each of the gradients."""
    params, state, all_params = PARAMS, optimizer.init(PARAMS), []
    for gradient in GRADIENTS:
        updates, state = optimizer.update(gradient, state, params)
        params = optax.apply_updates(params, updates)
        all_params.append(params)
    return all_params


@pytest.mark.parametrize(("b1", "b2", "eps"), [(0.9, 0.999, 1e-8), (0.0, 0.99, 1e-8), (0.5, 0.0, 0.1)])
def test_adam_is_that_of_optax_if_nothing_changes(b1, b2, eps):
    ours, expected = trained(optimizers.adam(0.01, b1, b2, eps)), trained(optax.adam(0.01, b1, b2, eps))
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6), ours, expected)


def test_adam_follows_its_schedules():
    rate, b1, b2 = (lambda t: 0.1 / (1 + t)), (lambda t: 0.1 * t), (lambda t: 0.5 + 0.1 * t)
    p, m, v, of_m, of_v = np.asarray(PARAMS["kernel"], np.float64), 0.0, 0.0, 0.0, 0.0
    for t, (gradient, got) in enumerate(zip(GRADIENTS, trained(optimizers.adam(rate, b1, b2)), strict=True)):
        g = np.asarray(gradient["kernel"], np.float64)
        m, of_m = b1(t) * m + (1 - b1(t)) * g, b1(t) * of_m + 1 - b1(t)
        v, of_v = b2(t) * v + (1 - b2(t)) * g**2, b2(t) * of_v + 1 - b2(t)
        p = p - rate(t) * (m / of_m) / (np.sqrt(v / of_v) + 1e-8)
        np.testing.assert_allclose(got["kernel"], p, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("bound", [0.01, 0.3, 7.0])
@pytest.mark.parametrize("compile_it", [lambda f: f, jax.jit])
def test_clipped_weights_are_within_the_bound_to_the_last_bit(bound, compile_it):
    limit = np.float32(bound)
    params = jnp.asarray(RANDOM.uniform(-limit, limit, 100_000), jnp.float32)
    updates = jnp.asarray(RANDOM.normal(size=100_000) * limit * 10.0 ** RANDOM.uniform(-3, 3, 100_000), jnp.float32)
    moved = np.asarray(compile_it(lambda p, u: after(optimizers.clip_weights(bound), p, u))(params, updates))
    free = np.asarray(params + updates)
    assert np.abs(moved).max() <= limit
    np.testing.assert_allclose(moved, np.clip(free, -limit, limit), rtol=5e-7)
    inside = np.abs(free) <= limit
    assert 0.1 < inside.mean() < 0.9
    np.testing.assert_allclose(moved[inside], free[inside], rtol=1e-6, atol=1e-7 * bound)


def test_weights_outside_are_brought_in_and_a_bound_of_zero_is_zero():
    params = {"a": jnp.array([5.0, -3.0, 0.001]), "b": jnp.array(-100.0)}
    still = jax.tree.map(jnp.zeros_like, params)
    moved = after(optimizers.clip_weights(0.01), params, still)
    np.testing.assert_allclose(moved["a"], [0.01, -0.01, 0.001], rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(moved["b"], -0.01, atol=2e-5)
    jax.tree.map(lambda x: np.testing.assert_array_equal(x, 0), after(optimizers.clip_weights(0), params, still))


def test_the_bound_may_be_traced_and_the_projection_differentiated():
    def end(bound, p):
        return after(optimizers.clip_weights(bound), p, jnp.ones(3))

    params = jnp.array([0.0, -3.0, -0.5])
    np.testing.assert_allclose(jax.jit(end)(0.6, params), [0.6, -0.6, 0.5], rtol=1e-6)
    jacobian = jax.jacobian(end, 1)(0.6, params)
    np.testing.assert_allclose(jacobian, np.diag([0, 0, 1]), atol=1e-6)


def test_the_bound_may_be_a_schedule_of_the_updates():
    transformation, params = optimizers.clip_weights(optax.linear_schedule(1.0, 0.5, 2)), jnp.full(3, 4.0)
    state = transformation.init(params)
    for bound in (1.0, 0.75, 0.5):
        updates, state = transformation.update(jnp.zeros(3), state, params)
        np.testing.assert_allclose(optax.apply_updates(params, updates), bound, rtol=1e-5)


def test_orthogonal_is_the_gradient_of_its_formula():
    def formula(params):
        total = 0.0
        for name in ("kernel", "convolution"):
            w = params[name].reshape(-1, params[name].shape[-1])
            total += 0.3 * jnp.sum((w.T @ w * (1 - jnp.eye(w.shape[1]))) ** 2)
        return total

    gradient = jax.tree.map(jnp.ones_like, PARAMS)
    transformation = optimizers.orthogonal(0.3)
    got, _ = transformation.update(gradient, transformation.init(PARAMS), PARAMS)
    expected = jax.tree.map(lambda one, g: one + g, gradient, jax.grad(formula)(PARAMS))
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=2e-5, atol=1e-5), got, expected)
    assert float(jnp.abs(got["convolution"]).max()) > 2


def test_orthogonal_filters_of_any_length_are_left_alone_and_others_become_so():
    lengths = jnp.array([1.0, 2.0, 0.5])
    square = jnp.linalg.qr(jnp.asarray(RANDOM.normal(size=(3, 3)), jnp.float32))[0] * lengths
    pulled, _ = optimizers.orthogonal(1.0).update(jnp.zeros((3, 3)), jnp.int32(0), square)
    np.testing.assert_allclose(pulled, 0, atol=1e-5)

    optimizer = optax.chain(optimizers.orthogonal(1.0), optax.sgd(0.02))
    w = PARAMS["kernel"] / 2
    state = optimizer.init(w)

    @jax.jit
    def step(w, state):
        updates, state = optimizer.update(jnp.zeros_like(w), state, w)
        return optax.apply_updates(w, updates), state

    for _ in range(300):
        w, state = step(w, state)
    gram = np.asarray(w.T @ w)
    assert np.abs(gram - np.diag(np.diag(gram))).max() < 1e-3 < np.diag(gram).min()


def test_orthogonal_follows_a_schedule_of_its_updates_and_a_traced_weight():
    transformation = optimizers.orthogonal(optax.linear_schedule(0.0, 1.0, 4))
    state, still = transformation.init(PARAMS), jax.tree.map(jnp.zeros_like, PARAMS)
    unit, _ = optimizers.orthogonal(1.0).update(still, jnp.int32(0), PARAMS)
    for beta in (0.0, 0.25, 0.5):
        got, state = transformation.update(still, state, PARAMS)
        np.testing.assert_allclose(got["kernel"], beta * unit["kernel"], rtol=1e-6)

    traced = jax.jit(lambda beta: optimizers.orthogonal(beta).update(still, jnp.int32(0), PARAMS)[0])(0.25)
    np.testing.assert_allclose(traced["kernel"], 0.25 * unit["kernel"], rtol=1e-5)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: optimizers.adam(-0.1), "rate must be at least 0, got -0.1"),
        (lambda: optimizers.adam(0.1, b1=1.0), "b1 must be less than 1, got 1.0"),
        (lambda: optimizers.adam(0.1, b2=-0.5), "b2 must be at least 0, got -0.5"),
        (lambda: optimizers.adam(0.1, eps=0.0), "eps must be above 0, got 0.0"),
        (lambda: optimizers.clip_weights(-0.1), "bound must be at least 0, got -0.1"),
        (lambda: optimizers.orthogonal(-0.1), "weight must be at least 0, got -0.1"),
        (lambda: optimizers.clip_weights(1.0).update(PARAMS, jnp.int32(0)), "clip_weights needs the parameters"),
        (lambda: optimizers.orthogonal(1.0).update(PARAMS, jnp.int32(0)), "orthogonal needs the parameters"),
    ],
)
def test_what_is_out_of_range_or_missing_is_named(build, message):
    with pytest.raises(ValueError, match=message):
        build()
