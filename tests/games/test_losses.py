"""Losses against their formulas in NumPy, float64, and their behaviour at extreme logits."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.scipy.special import logit

from jaxgan import Players, losses


def log_sigmoid(x):
    return np.log(1 / (1 + np.exp(-x)))


def stable_log_sigmoid(x):
    return -np.logaddexp(0, -x)


def minimax(r, f, log, s=0.0):
    return log(-f), -(1 - s) * log(r) - s * log(-r) - log(-f)


def non_saturating(r, f, log, s=0.0):
    return -log(f), -(1 - s) * log(r) - s * log(-r) - log(-f)


def least_squares(r, f, log, s=0.0):
    return (f - 1) ** 2 / 2, (r - 1 + s) ** 2 / 2 + f**2 / 2


def wasserstein(r, f, log):
    return -f, f - r


def hinge(r, f, log):
    return -f, np.maximum(0, 1 - r) + np.maximum(0, 1 + f)


def relativistic_pairing(r, f, log):
    return -log(f - r), -log(r - f)


def relativistic_average(r, f, log):
    relative_real, relative_fake = r - f.mean(), f - r.mean()
    return -log(-relative_real) - log(relative_fake), -log(relative_real) - log(-relative_fake)


CASES = {
    "minimax": (losses.minimax(), minimax),
    "minimax, smooth": (losses.minimax(0.1), lambda r, f, log: minimax(r, f, log, 0.1)),
    "non_saturating": (losses.non_saturating(), non_saturating),
    "non_saturating, smooth": (losses.non_saturating(0.25), lambda r, f, log: non_saturating(r, f, log, 0.25)),
    "least_squares": (losses.least_squares(), least_squares),
    "least_squares, smooth": (losses.least_squares(0.1), lambda r, f, log: least_squares(r, f, log, 0.1)),
    "wasserstein": (losses.wasserstein(), wasserstein),
    "hinge": (losses.hinge(), hinge),
    "relativistic_pairing": (losses.relativistic_pairing(), relativistic_pairing),
    "relativistic_average": (losses.relativistic_average(), relativistic_average),
}
each_loss = pytest.mark.parametrize(("loss", "formula"), CASES.values(), ids=CASES)


@each_loss
@pytest.mark.parametrize("shape", [(6,), (4, 3, 2)])
def test_values_are_the_formula_for_each_sample(loss, formula, shape):
    real, fake = np.random.default_rng(0).normal(scale=3, size=(2, *shape))
    with jax.enable_x64(True):
        values = loss(jnp.asarray(real), jnp.asarray(fake))
    assert isinstance(values, Players)
    for value, expected in zip(values, formula(real, fake, log_sigmoid), strict=True):
        assert value.shape == shape
        np.testing.assert_allclose(value, expected, rtol=1e-9, atol=1e-12)


@each_loss
def test_extreme_logits_keep_values_and_gradients_finite(loss, formula):
    batches = np.array(list(itertools.product([-1e4, 1e4], repeat=2)))[..., None]
    values, gradients = jax.jit(jax.vmap(lambda b: (loss(*b), jax.jacrev(lambda b: loss(*b))(b))))(batches)
    for i, (real, fake) in enumerate(batches):
        expected = formula(real, fake, stable_log_sigmoid)
        np.testing.assert_allclose([values.generator[i], values.discriminator[i]], expected, rtol=1e-6)
    assert all(np.isfinite(gradient).all() for gradient in gradients)


@each_loss
def test_the_generator_wants_high_logits_and_the_discriminator_the_gap(loss, formula):
    real, fake = jnp.zeros(4), jnp.full(4, 0.5)

    def total(real, fake):
        return jax.tree.map(jnp.sum, loss(real, fake))

    (_, for_generator), (on_real, on_fake) = jax.jit(jax.jacrev(total, (0, 1)))(real, fake)
    assert (for_generator < 0).all()
    assert (on_real < 0).all()
    assert (on_fake > 0).all()


@pytest.mark.parametrize("loss", [losses.minimax, losses.non_saturating])
def test_smoothed_cross_entropy_is_least_where_the_probability_is_one_minus_s(loss):
    s = 0.2
    optimum = logit(jnp.array([1 - s]))
    slope = jax.grad(lambda real: loss(s)(real, jnp.zeros(1)).discriminator.sum())(optimum)
    np.testing.assert_allclose(slope, 0, atol=1e-6)


@pytest.mark.parametrize("loss", [losses.minimax, losses.non_saturating, losses.least_squares])
@pytest.mark.parametrize("smoothing", [-0.1, 1.0, float("nan")])
def test_smoothing_out_of_range_is_an_error(loss, smoothing):
    with pytest.raises(ValueError, match=f"label_smoothing must be .*{smoothing}"):
        loss(label_smoothing=smoothing)


def test_smoothing_may_be_traced():
    real, fake = jnp.ones(2), jnp.zeros(2)
    traced = jax.jit(lambda s: losses.minimax(s)(real, fake).discriminator)(0.1)
    np.testing.assert_allclose(traced, losses.minimax(0.1)(real, fake).discriminator, rtol=1e-6)
