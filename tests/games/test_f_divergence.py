"""f-GAN losses: their optimal critics give the divergences of two known discrete distributions."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan import losses

P, Q = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.2, 0.6])
REAL = np.repeat([0, 1, 2], (10 * P).round().astype(int))
FAKE = np.repeat([0, 1, 2], (10 * Q).round().astype(int))


def kl(p, q):
    return np.sum(p * np.log(p / q))


CASES = {
    "kl": (kl(P, Q), 1 + np.log(P / Q)),
    "reverse_kl": (kl(Q, P), np.log(P / Q)),
    "pearson": (np.sum((P - Q) ** 2 / Q), 2 * (P / Q - 1)),
    "jensen_shannon": (kl(P, (P + Q) / 2) + kl(Q, (P + Q) / 2), np.log(P / Q)),
}
each_divergence = pytest.mark.parametrize(("name", "divergence", "optimum"), [(n, *c) for n, c in CASES.items()])


@pytest.fixture(autouse=True)
def float64():
    with jax.enable_x64(True):
        yield


def loss_of_critic(name, logits):
    """L_D of a critic that gives each of the three points its logit."""
    return losses.f_divergence(name)(logits[REAL], logits[FAKE]).discriminator.mean()


@each_divergence
def test_the_best_critic_gives_the_divergence_and_any_other_less(name, divergence, optimum):
    logits = jnp.asarray(optimum)
    np.testing.assert_allclose(loss_of_critic(name, logits), -divergence, rtol=1e-12)
    np.testing.assert_allclose(jax.grad(loss_of_critic, 1)(name, logits), 0, atol=1e-12)
    curvature = np.linalg.eigvalsh(jax.hessian(loss_of_critic, 1)(name, logits))
    assert (curvature > 0.01).all()
    assert loss_of_critic(name, logits + jnp.array([0.3, -0.2, 0.1])) > -divergence


@each_divergence
def test_the_generator_descends_what_the_discriminator_climbs_or_does_not_saturate(name, divergence, optimum):
    logits, zeros = jnp.linspace(-1.5, 2, 5), jnp.zeros(5)
    plain, heuristic = losses.f_divergence(name), losses.f_divergence(name, non_saturating=True)

    def slope(term):
        return jax.grad(lambda v: term(v).sum())(logits)

    on_fake = slope(lambda v: plain(zeros, v).discriminator)
    on_real = slope(lambda v: plain(v, zeros).discriminator)
    np.testing.assert_allclose(slope(lambda v: plain(zeros, v).generator), -on_fake, rtol=1e-12)
    np.testing.assert_allclose(slope(lambda v: heuristic(zeros, v).generator), on_real, rtol=1e-12)
    assert (on_fake > 0).all()
    assert (on_real < 0).all()


def test_jensen_shannon_is_minimax_up_to_constants():
    real, fake = np.random.default_rng(0).normal(scale=3, size=(2, 4, 3))
    got = losses.f_divergence("jensen_shannon")(jnp.asarray(real), jnp.asarray(fake))
    minimax = losses.minimax()(jnp.asarray(real), jnp.asarray(fake))
    np.testing.assert_allclose(got.discriminator, minimax.discriminator - np.log(4), rtol=1e-12)
    np.testing.assert_allclose(got.generator, minimax.generator + np.log(2), rtol=1e-12)
    heuristic = losses.f_divergence("jensen_shannon", non_saturating=True)(jnp.asarray(real), jnp.asarray(fake))
    expected = losses.non_saturating()(jnp.asarray(real), jnp.asarray(fake)).generator - np.log(2)
    np.testing.assert_allclose(heuristic.generator, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "real", "fake"),
    [
        ("kl", [-1e4, 1e4], [-1e4, 88]),
        ("reverse_kl", [-88, 1e4], [-1e4, 1e4]),
        ("pearson", [-1e4, 1e4], [-1e4, 1e4]),
        ("jensen_shannon", [-1e4, 1e4], [-1e4, 1e4]),
    ],
)
def test_values_and_gradients_are_finite_in_float32_where_it_is_said(name, real, fake):
    logits = jnp.asarray(real, jnp.float32), jnp.asarray(fake, jnp.float32)

    def total(real, fake):
        return sum(jnp.sum(value) for value in losses.f_divergence(name)(real, fake))

    value, slopes = jax.value_and_grad(total, (0, 1))(*logits)
    assert value.dtype == jnp.float32
    assert np.isfinite(value)
    assert all(np.isfinite(slope).all() for slope in slopes)


def test_an_unknown_divergence_is_named_with_the_known_ones():
    with pytest.raises(ValueError, match=r"divergence must be one of kl, reverse_kl.*; got 'hellinger'"):
        losses.f_divergence("hellinger")
