"""Terms on pairs of samples: closed forms where the generator is G(z) = c·z and the discriminator D(x) = w·x."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from games_for_tests import of_discriminator, of_generator

import jaxgan
from jaxgan import Batch, Players, Turn, dynamics, losses, pairs
from jaxgan.networks import Network

KEY = jax.random.key(0)
LABELS = jnp.array([0, 1, 2, 2, 1, 0])
REAL = jnp.asarray(np.random.default_rng(0).normal(size=(6, 3)), jnp.float32)
W = jnp.array([0.5, -1.0, 2.0])


def turn_of(step=0):
    return Turn(Batch(REAL, LABELS), KEY, jnp.int32(step))


def game(term, seen=None, **options):
    def scale(params, variables, z, condition, *, train, key):
        if seen is not None:
            seen.append((z, condition))
        return params * z, {"passes": variables["passes"] + 1}

    def judge(params, variables, x, condition, *, train, key):
        return x @ params, variables

    generator = Network(lambda key, x, condition: (jnp.ones(()), {"passes": jnp.zeros(())}), scale)
    discriminator = Network(lambda key, x, condition: (jnp.ones(x.shape[1]), {}), judge)
    settings = {"loss": losses.wasserstein(), "latent_size": 3, "terms": [] if term is None else [term]} | options
    return jaxgan.gan(generator, discriminator, **settings)


def values(pair, c=1.0, w=W, step=0, **options):
    """Both losses as functions of the generator's scale, less those without the pair term."""
    with_pair, without = game(pair, **options), game(None, **options)
    variables = of_generator({"passes": jnp.zeros(())})
    made = with_pair.generate(c, variables, turn_of(step))[0]
    got, _ = with_pair.judge(w, of_discriminator(), made, turn_of(step))
    plain, _ = without.judge(w, of_discriminator(), without.generate(c, variables, turn_of(step))[0], turn_of(step))
    return Players(*(a - b for a, b in zip(got, plain, strict=True)))


def drawn(stream, turn):
    return turn.draw(stream, lambda key: jax.random.normal(key, (3,)))


def test_mode_seeking_is_the_inverse_of_how_far_samples_are_apart():
    c = 2.0
    added = jax.jit(lambda c: values(pairs.mode_seeking(0.7), c))(c)
    np.testing.assert_allclose(added.generator, 0.7 / (c + 1e-5), rtol=1e-5)
    np.testing.assert_allclose(added.discriminator, 0, atol=1e-6)
    slope = jax.jit(jax.grad(lambda c: values(pairs.mode_seeking(0.7), c).generator))(c)
    np.testing.assert_allclose(slope, -0.7 / c**2, rtol=1e-4)


def test_mode_seeking_of_a_collapsed_generator_is_finite():
    value, slope = jax.jit(jax.value_and_grad(lambda c: values(pairs.mode_seeking(1.0), c).generator))(0.0)
    np.testing.assert_allclose(value, 1e5, rtol=1e-3)
    assert np.isfinite(slope)


def test_latent_consistency_spreads_samples_of_near_latents_and_judges_them_alike():
    c, sigma, noise = 2.0, 0.1, np.asarray(drawn("latent noise", turn_of().within("pair")))
    added = values(pairs.latent_consistency(0.5, 20.0, sigma), c)
    apart = np.mean(np.sum((c * sigma * noise) ** 2, axis=1))
    np.testing.assert_allclose(added.generator, -0.5 * apart, rtol=1e-3)
    np.testing.assert_allclose(added.discriminator, 20 * np.mean((c * sigma * noise @ W) ** 2), rtol=1e-3)


def test_packs_are_judged_apart_and_instance_noise_is_left_out():
    noise, w = np.asarray(drawn("latent noise", turn_of().within("pair"))), jnp.arange(6.0)
    added = values(pairs.latent_consistency(0.0, 1.0, 0.1), w=w, pack=2, instance_noise=0.5)
    np.testing.assert_allclose(added.discriminator, np.mean((0.1 * noise.reshape(3, 6) @ w) ** 2), rtol=1e-3)


def test_both_samples_have_the_row_s_condition_and_the_second_pass_moves_no_variables():
    seen = []
    paired = game(pairs.mode_seeking(), seen, num_classes=3)
    made, variables = paired.generate(jnp.float32(2), of_generator({"passes": jnp.zeros(())}), turn_of())
    assert variables.network == {"passes": 1}
    (z, condition), (second, again) = seen
    np.testing.assert_allclose(z, drawn("latent", turn_of()), rtol=1e-6)
    np.testing.assert_allclose(second, drawn("second latent", turn_of()), rtol=1e-6)
    np.testing.assert_array_equal(condition, np.eye(3)[LABELS])
    np.testing.assert_array_equal(again, condition)
    plain, _ = game(None, num_classes=3).generate(jnp.float32(2), of_generator({"passes": jnp.zeros(())}), turn_of())
    np.testing.assert_array_equal(made.samples, plain)


@pytest.mark.parametrize(
    ("build", "player"),
    [
        (lambda weight: pairs.mode_seeking(weight), "generator"),
        (lambda weight: pairs.latent_consistency(weight, 0.0, 0.5), "generator"),
        (lambda weight: pairs.latent_consistency(0.0, weight, 0.5), "discriminator"),
    ],
)
def test_weights_are_numbers_traced_numbers_or_schedules(build, player):
    def term(weight, step=0):
        return getattr(values(build(weight), step=step), player)

    unit = term(1.0)
    assert abs(unit) > 0.1
    np.testing.assert_allclose(term(optax.linear_schedule(0.0, 1.0, 4), step=1), 0.25 * unit, rtol=1e-3)
    np.testing.assert_allclose(jax.jit(term)(0.5), 0.5 * unit, rtol=1e-3)


def test_a_step_moves_the_generator_by_the_term_s_gradient():
    """L_G = −w·E[G(z)] + 1/(c + 10⁻⁵): one SGD step by hand."""
    rule = dynamics.simultaneous(Players(optax.sgd(0.1), optax.sgd(0.1)))
    algorithm = jaxgan.algorithm(game(pairs.mode_seeking(1.0)), rule)
    batch = Batch(REAL, latent=jnp.asarray(np.random.default_rng(1).normal(size=(6, 3)), jnp.float32))
    state = algorithm.init(KEY, batch)
    after, _ = jaxgan.jitted(algorithm.step)(state, batch, KEY)
    pull = -batch.latent.sum(1).mean() - 1.0
    np.testing.assert_allclose(after.params.generator, 1 - 0.1 * pull, rtol=1e-4)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: pairs.mode_seeking(-1.0), "^weight must be at least 0, got -1.0"),
        (lambda: pairs.latent_consistency(-1.0, 1.0, 1.0), "generator_weight must be at least 0, got -1.0"),
        (lambda: pairs.latent_consistency(1.0, -1.0, 1.0), "discriminator_weight must be at least 0, got -1.0"),
        (lambda: pairs.latent_consistency(1.0, 1.0, -1.0), "deviation must be at least 0, got -1.0"),
    ],
)
def test_weights_out_of_range_are_errors(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_the_former_option_gives_the_same_game_and_says_what_to_write():
    term = pairs.mode_seeking(0.7)
    with pytest.warns(DeprecationWarning, match=r"gan\(pair=...\) is now gan\(terms="):
        former = game(None, pair=term)
    made, _ = former.generate(2.0, of_generator({"passes": jnp.zeros(())}), turn_of())
    old, new = (one.judge(W, of_discriminator(), made, turn_of())[0] for one in (former, game(term)))
    np.testing.assert_array_equal(old, new)
