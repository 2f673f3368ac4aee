"""Losses that know the turn: top-k; and LeCam, a term with variables; alone, together, and in a game."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from games_for_tests import of_discriminator

import jaxgan
from jaxgan import Batch, Players, Turn, dynamics, losses, networks, terms
from jaxgan.devices import AXIS
from jaxgan.games.term import Context, Shapes
from jaxgan.networks import Network

NO_SHAPES = Shapes(None, None, None)
RANDOM = np.random.default_rng(0)
REAL, FAKE = RANDOM.normal(size=(2, 8)).astype(np.float32)


def turn_at(step, rows=8):
    return Turn(Batch(jnp.zeros((rows, 0))), jax.random.key(7), jnp.int32(step))


def values(objective, real=REAL, fake=FAKE, step=0):
    return objective.apply(jnp.asarray(real), jnp.asarray(fake), turn_at(step))


@pytest.mark.parametrize(("fraction", "k"), [(1, 8), (0.5, 4), (0.3, 2), (0.01, 1)])
@pytest.mark.parametrize("loss", [losses.non_saturating(), losses.relativistic_average()])
def test_top_k_is_the_mean_over_the_best_samples(loss, fraction, k):
    plain, got = loss(jnp.asarray(REAL), jnp.asarray(FAKE)), values(losses.top_k(loss, fraction))
    best = np.argsort(FAKE)[-k:]
    np.testing.assert_allclose(got.generator.mean(), plain.generator[best].mean(), rtol=1e-6)
    assert (got.generator != 0).sum() == k
    np.testing.assert_array_equal(got.discriminator, plain.discriminator)


def test_top_k_of_equals_takes_the_first_and_no_more():
    got = values(losses.top_k(losses.wasserstein(), 0.5), fake=np.array([1, 2, 2, 2, 0, 2, 2, 1], np.float32))
    np.testing.assert_array_equal(got.generator, [0, -4, -4, -4, 0, -4, 0, 0])


def test_top_k_ranks_samples_judged_by_patches_by_their_mean():
    fake = RANDOM.normal(size=(8, 3, 2)).astype(np.float32)
    got = values(losses.top_k(losses.wasserstein(), 0.25), real=np.zeros_like(fake), fake=fake).generator
    expected = np.zeros_like(fake)
    best = np.argsort(fake.mean((1, 2)))[-2:]
    expected[best] = -4 * fake[best]
    np.testing.assert_allclose(got, expected, rtol=1e-6)


@pytest.mark.slow
def test_top_k_moves_the_best_samples_alone_and_the_ranking_passes_no_gradient():
    def total(fake):
        return values(losses.top_k(losses.non_saturating(), 0.5), fake=fake).generator.mean()

    best = np.argsort(FAKE)[-4:]
    expected = np.zeros(8)
    expected[best] = -1 / (1 + np.exp(FAKE[best])) / 4
    np.testing.assert_allclose(jax.grad(total)(FAKE), expected, rtol=1e-5)
    assert np.isfinite(jax.hessian(total)(FAKE)).all()


def test_top_k_s_fraction_may_be_a_schedule_or_traced():
    def count(fraction, step=0):
        return (values(losses.top_k(losses.wasserstein(), fraction), step=step).generator != 0).sum()

    schedule = optax.linear_schedule(1.0, 0.25, 4)
    assert [int(count(schedule, step)) for step in (0, 2, 4, 9)] == [8, 5, 2, 2]
    assert int(jax.jit(count)(0.5)) == 4


def test_top_k_is_taken_over_all_devices_together():
    objective = losses.top_k(losses.wasserstein(), 0.5)
    uneven = np.sort(FAKE)
    one = values(objective, fake=uneven).generator
    four = jax.pmap(partial(values, objective), axis_name=AXIS)(REAL.reshape(4, 2), uneven.reshape(4, 2)).generator
    np.testing.assert_allclose(four.reshape(-1), one, rtol=1e-6)


def lecam(term, real=REAL, fake=FAKE, step=0, anchors=None):
    """What LeCam adds to the discriminator's loss, and the averages after it."""
    fields = dict.fromkeys(Context._fields)
    logits = {"real_logits": jnp.asarray(real), "fake_logits": jnp.asarray(fake), "turn": turn_at(step)}
    anchors = term.variables(NO_SHAPES) if anchors is None else anchors
    added, moved, _ = term.losses(None, anchors, Context(**fields | logits))
    return added.discriminator, moved


def test_lecam_pulls_each_kind_towards_the_moving_average_of_the_other():
    term = terms.lecam(weight=0.3, decay=0.9)
    anchors, of_real, of_fake = None, 0.0, 0.0
    for step in range(3):
        real, fake = REAL + step, FAKE - step
        added, anchors = lecam(term, real, fake, step, anchors)
        penalty = 0.3 * np.mean((real - of_fake) ** 2 + (fake - of_real) ** 2)
        np.testing.assert_allclose(added, penalty, rtol=1e-5)
        of_real, of_fake = 0.9 * of_real + 0.1 * real.mean(), 0.9 * of_fake + 0.1 * fake.mean()
    np.testing.assert_allclose((anchors.real, anchors.fake), (of_real, of_fake), rtol=1e-5)


def test_lecam_s_best_critic_gives_the_lecam_divergence():
    p, q = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.2, 0.6])
    real, fake = (np.repeat([0, 1, 2], (10 * d).round().astype(int)) for d in (p, q))
    weight, alpha = 0.4, 0.25
    term, loss = terms.lecam(weight), losses.wasserstein()
    anchors = term.variables(NO_SHAPES)._replace(real=jnp.asarray(alpha), fake=jnp.asarray(-alpha))
    best = (1 / (2 * weight) - alpha) * (p - q) / (p + q)

    def total(logits):
        plain = loss(logits[real], logits[fake]).discriminator.mean()
        return plain + lecam(term, logits[real], logits[fake], anchors=anchors)[0]

    np.testing.assert_allclose(jax.grad(total)(jnp.asarray(best, jnp.float32)), 0, atol=1e-6)
    gap = best[real].mean() - best[fake].mean()
    np.testing.assert_allclose(gap, (1 / (2 * weight) - alpha) * np.sum((p - q) ** 2 / (p + q)), rtol=1e-12)


def test_lecam_s_weight_may_be_a_schedule_or_traced():
    def extra(weight, step=0):
        return lecam(terms.lecam(weight), step=step)[0] / np.mean(REAL**2 + FAKE**2)

    np.testing.assert_allclose(extra(optax.linear_schedule(0.0, 1.0, 4), 3), 0.75, rtol=1e-4)
    np.testing.assert_allclose(jax.jit(extra)(0.5), 0.5, rtol=1e-4)


def test_lecam_s_decay_may_be_a_schedule():
    anchors = lecam(terms.lecam(decay=optax.linear_schedule(0.0, 0.8, 4)), step=2)[1]
    np.testing.assert_allclose((anchors.real, anchors.fake), (0.6 * REAL.mean(), 0.6 * FAKE.mean()), rtol=1e-5)


def first_coordinate_game(loss, terms=()):
    """D(x) = w·x₀ with a variable of its own, against a generator that hands its latents on."""

    def identity(params, variables, x, condition, *, train, key):
        return params * x, variables

    def judge(params, variables, x, condition, *, train, key):
        return params * x[:, 0], {"passes": variables["passes"] + 1}

    one = jnp.ones(())
    generator = Network(lambda key, x, condition: (one, {}), identity)
    discriminator = Network(lambda key, x, condition: (one, {"passes": jnp.zeros(())}), judge)
    return jaxgan.gan(generator, discriminator, loss=loss, terms=terms, latent_size=2)


def test_lecam_s_averages_are_in_the_state_and_every_discriminator_step_moves_them():
    game = first_coordinate_game(losses.top_k(losses.hinge(), 0.5), terms=[terms.lecam(decay=0.9)])
    still = Players(optax.sgd(0.0), optax.sgd(0.0))
    algorithm = jaxgan.algorithm(game, dynamics.alternating(still, discriminator_steps=2))
    key, batch = jax.random.key(0), Batch(jnp.full((8, 2), 3.0), latent=jnp.full((8, 2), -1.0))
    state = algorithm.init(key, batch)
    assert state.variables.discriminator == of_discriminator({"passes": 0}, lecam=(0, 0))
    after, _ = jaxgan.jitted(algorithm.step)(state, batch, key)
    anchors = after.variables.discriminator.terms["lecam"]
    np.testing.assert_allclose((anchors.real, anchors.fake), (3 * (1 - 0.9**2), -(1 - 0.9**2)), rtol=1e-6)
    assert after.variables.discriminator.network == {"passes": 4}


def test_the_former_lecam_is_the_loss_with_the_term_and_says_what_to_write():
    with pytest.warns(DeprecationWarning, match=r"gan\(loss=loss, terms=\[terms.lecam\(weight, decay\)\]\)"):
        former = losses.top_k(losses.lecam(losses.hinge(), 0.3, 0.9), 0.5)
    new = first_coordinate_game(losses.top_k(losses.hinge(), 0.5), terms=[terms.lecam(0.3, 0.9)])
    batch = Batch(jnp.asarray(REAL).reshape(4, 2))
    evaluations = []
    for game in (first_coordinate_game(former), new):
        params, variables = game.init(jax.random.key(0), batch)
        turn = turn_at(0, 4)._replace(batch=batch)
        evaluations.append(game.judge(params.discriminator, variables.discriminator, -batch.real, turn))
    jax.tree.map(np.testing.assert_array_equal, *evaluations)


def test_a_game_refuses_what_is_no_loss(without_shape_checks):
    with pytest.raises(TypeError, match=r"loss must be a function .*got 3"):
        jaxgan.gan(networks.MLPGenerator((2,)), networks.MLPDiscriminator((8,)), loss=3)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda loss: losses.top_k(loss, 0), r"fraction must be in \(0, 1\], got 0"),
        (lambda loss: losses.top_k(loss, 1.5), r"fraction must be in \(0, 1\], got 1.5"),
        (lambda loss: terms.lecam(-1), "weight must be at least 0, got -1"),
        (lambda loss: terms.lecam(decay=1.0), "decay must be less than 1, got 1.0"),
    ],
)
def test_what_is_out_of_range_is_named(build, message):
    with pytest.raises(ValueError, match=message):
        build(losses.hinge())
