"""Terms of a game: plain functions, `every` of a term with variables, reconstruction, and what is refused."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from games_for_tests import of_discriminator, of_generator

import jaxgan
from jaxgan import Batch, Players, Turn, conditions, losses, penalties, terms
from jaxgan.networks import Network

KEY = jax.random.key(0)
RANDOM = np.random.default_rng(0)
REAL, FAKE = jnp.asarray(RANDOM.normal(size=(2, 6, 3)), jnp.float32)
W = jnp.array([0.5, -1.0, 2.0])
LINEAR = Network(lambda key, x, condition: (jnp.ones(3), {}), lambda p, v, x, c, *, train, key: (x @ p, v))
IDENTITY = Network(lambda key, x, condition: ({}, {}), lambda p, v, x, c, *, train, key: (x, v))


def game(listed, **options):
    return jaxgan.gan(IDENTITY, LINEAR, loss=losses.wasserstein(), latent_size=3, terms=listed, **options)


def judged(listed, step=0, variables=None, condition=None, **options):
    """What the terms add to both losses, the variables after it, and the info."""
    turn = Turn(Batch(REAL, condition), KEY, jnp.int32(step))
    variables = variables or of_discriminator()
    total, (after, info) = game(listed, **options).judge(W, variables, FAKE, turn)
    plain, _ = game([], **options).judge(W, of_discriminator(), FAKE, turn)
    return [a - b for a, b in zip(total, plain, strict=True)], after, info


def drift(context):
    size = jaxgan.global_mean(context.real_logits**2)
    return Players(generator=0.5, discriminator=2 * size), {"drift": size}


SIZE = np.mean(np.asarray(REAL @ W) ** 2)


def test_a_plain_function_of_the_context_is_a_term():
    added, _, info = judged([drift])
    np.testing.assert_allclose(added, (0.5, 2 * SIZE), rtol=1e-4)
    np.testing.assert_allclose(info["drift"], SIZE, rtol=1e-5)


def test_numbers_of_one_name_are_added_up():
    added, _, info = judged([drift, drift])
    np.testing.assert_allclose(added, (1.0, 4 * SIZE), rtol=1e-4)
    np.testing.assert_allclose(info["drift"], 2 * SIZE, rtol=1e-5)


def test_penalties_are_terms_and_penalties_is_short_for_terms():
    listed = [penalties.every(4, penalties.r1(2.0)), penalties.every(4, penalties.gradient_penalty())]
    turn = Turn(Batch(REAL), KEY, jnp.int32(8))
    one, other = (g.judge(W, of_discriminator(), FAKE, turn) for g in (game(listed), game([], penalties=listed)))
    jax.tree.map(np.testing.assert_array_equal, one, other)
    assert one[1][1]["penalty_due"] == 1


def counting():
    """Adds the number of its passes to the generator's loss."""

    def added(heads, count, context):
        return Players(count, jnp.zeros(())), count + 1, {"count": count}

    return terms.Term("counting", added, variables=lambda shapes: jnp.zeros(()))


@pytest.mark.parametrize(("step", "due"), [(6, True), (7, False)])
def test_every_takes_a_term_with_variables_n_times_as_strong_and_moves_them_when_it_is_due(step, due):
    before = of_discriminator(counting=jnp.float32(5))
    added, after, info = judged([terms.every(3, counting())], step, before)
    np.testing.assert_allclose(added, (15.0 * due, 0.0), atol=1e-5)
    assert after.terms["counting"] == 5 + due
    assert (info["count"], info["count_due"]) == (5 * due, due)


def test_terms_see_rows_as_they_came_beside_those_of_the_critic():
    seen = []

    def look(context):
        seen.append(context)
        return Players(0.0, 0.0), {}

    turn = Turn(Batch(REAL), KEY, jnp.int32(0))
    noisy = game([look], instance_noise=0.5, pack=2)
    noisy.judge(jnp.ones(6), of_discriminator(), FAKE, turn)
    (context,) = seen
    np.testing.assert_array_equal(context.batch.real, REAL)
    np.testing.assert_array_equal(context.samples, FAKE)
    assert context.real.shape == context.pack(FAKE).shape == (3, 6)
    assert context.turn.rows() == 3
    assert np.abs(context.real - context.pack(REAL)).max() > 0.01


@pytest.mark.parametrize(("norm", "distance"), [("l1", np.abs), ("l2", np.square)])
def test_reconstruction_is_the_mean_distance_of_samples_and_targets(norm, distance):
    added, _, info = judged([terms.reconstruction(3.0, norm)])
    expected = distance(np.asarray(FAKE - REAL)).mean()
    np.testing.assert_allclose(added, (3 * expected, 0.0), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(info["reconstruction"], expected, rtol=1e-5)


def test_reconstruction_of_the_condition_reports_under_its_own_name():
    source = 2 * FAKE
    aim = terms.reconstruction(1.0, target=lambda context: context.batch.condition, name="cycle")
    _, _, info = judged([terms.reconstruction(1.0), aim], condition=source, condition_size=3)
    np.testing.assert_allclose(info["cycle"], np.abs(FAKE).mean(), rtol=1e-5)
    np.testing.assert_allclose(info["reconstruction"], np.abs(FAKE - REAL).mean(), rtol=1e-5)


MISTAKES = {
    "no list": (lambda: game(terms.lecam()), "terms must be a list"),
    "a factory": (lambda: game([terms.lecam]), r"each of terms must be a Term.*call it: lecam\(...\)"),
    "a factory of penalties": (lambda: game([penalties.gradient_penalty]), r"call it: gradient_penalty\(...\)"),
    "a number": (lambda: game([3]), "each of terms must be a Term.*got 3"),
    "a scalar": (lambda: judged([lambda context: 0.0]), "each of terms must return .Players.*<lambda> returned float"),
    "no Players": (lambda: judged([lambda context: ((0.0, 0.0), {})]), "<lambda> returned tuple"),
    "rows": (
        lambda: judged([lambda context: (Players(context.fake_logits, 0.0), {})]),
        r"<lambda> returned Players of shapes \[\(6,\), \(\)\]",
    ),
    "another shape": (
        lambda: judged([terms.reconstruction(target=lambda context: context.batch.real[:, :2])]),
        r"reconstruction: the target has shape \(6, 2\), samples have shape \(6, 3\)",
    ),
    "no features": (lambda: game([terms.feature_matching()]), "feature_matching needs a discriminator with features"),
    "a condition twice": (
        lambda: game([], condition=conditions.labels(3), num_classes=3),
        "condition takes the place of num_classes",
    ),
    "no condition": (lambda: game([], condition=3), "condition must be one of jaxgan.conditions.*got 3"),
    "a list as a shape": (lambda: conditions.like([8, 8]), r"shape must be a tuple.*got \[8, 8\]"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named(mistake, without_shape_checks):
    make, message = MISTAKES[mistake]
    with pytest.raises(jaxgan.errors.UserError, match=re.compile(message, re.DOTALL)):
        make()


def test_conditions_like_an_array_are_given_whole_dropped_whole_and_asked_for():
    shown = []

    def note(params, variables, x, condition, *, train, key):
        shown.append(condition)
        return x, variables

    told = conditions.like((2, 2), dropout=0.5)
    network = IDENTITY._replace(apply=note)
    sources = jnp.asarray(RANDOM.normal(size=(6, 2, 2)), jnp.float32)
    one = jaxgan.gan(network, LINEAR, loss=losses.wasserstein(), latent_size=3, condition=told)
    one.generate({}, of_generator(), Turn(Batch(REAL, sources), KEY, jnp.int32(0)))
    dropped = np.all(np.asarray(shown[0]) == 0, axis=(1, 2))
    assert 0 < dropped.sum() < 6
    np.testing.assert_array_equal(np.asarray(shown[0])[~dropped], np.asarray(sources)[~dropped])
    with pytest.raises(ValueError, match=r"conditions.like\(\(2, 2\)\) needs arrays: the condition is None"):
        one.sample({}, of_generator(), KEY, 6)
    one.sample({}, of_generator(), KEY, 6, sources)
    np.testing.assert_array_equal(told.in_training(Turn(Batch(REAL, sources), KEY, jnp.int32(0))), shown[0])
