"""The game over two networks: what is checked, what is drawn, and which pass moves which statistics."""

import re
from functools import partial

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from games_for_tests import of_discriminator, of_generator

import jaxgan
from jaxgan import Batch, Players, Turn, dynamics, losses, networks, penalties
from jaxgan.networks import Network
from jaxgan.networks.layers.batch_norm import batch_norm

SIZE = 2
KEY = jax.random.key(0)
POINTS = jnp.asarray(np.random.default_rng(0).normal(1.0, 2.0, (6, SIZE)), jnp.float32)
LABELS = jnp.array([0, 1, 2, 2, 1, 0])


class Normalise(nn.Module):
    """Batch normalisation and nothing else; of the rows' sums if it is to judge."""

    judge: bool

    @nn.compact
    def __call__(self, x, condition=None, *, train):
        y = batch_norm(train=train)(x)
        return y.sum(axis=1) if self.judge else y


class Condition(nn.Module):
    """Samples that are the condition they were made for."""

    @nn.compact
    def __call__(self, latent, condition=None, *, train):
        return condition * self.param("one", nn.initializers.ones, ())


def turn_of(batch, step=0):
    return Turn(batch, jax.random.fold_in(KEY, step), jnp.int32(step))


def points_game(**options):
    settings = {
        "generator": networks.MLPGenerator((SIZE,), (8,), squash=False),
        "discriminator": networks.MLPDiscriminator((8,)),
        "loss": losses.non_saturating(),
        "latent_size": SIZE,
    } | options
    return jaxgan.gan(settings.pop("generator"), settings.pop("discriminator"), **settings)


def normalising_game(**options):
    return points_game(generator=Normalise(judge=False), discriminator=Normalise(judge=True), **options)


@pytest.fixture(scope="module")
def unconditional():
    game = points_game()
    return game, *game.init(KEY, Batch(POINTS))


@pytest.fixture(scope="module")
def conditional():
    game = points_game(num_classes=3)
    return game, *game.init(KEY, Batch(POINTS, LABELS))


@pytest.fixture(scope="module")
def normalising():
    game = normalising_game()
    return game, *game.init(KEY, Batch(POINTS))


def statistics(variables):
    return variables["batch_stats"]["BatchNorm_0"]


def moved(before, x):
    return {"mean": 0.9 * before["mean"] + 0.1 * x.mean(0), "var": 0.9 * before["var"] + 0.1 * x.var(0)}


def assert_statistics(variables, expected):
    for name in ("mean", "var"):
        np.testing.assert_allclose(statistics(variables)[name], expected[name], rtol=1e-5, atol=1e-6)


LABEL_ERRORS = [
    (jnp.zeros(6), r"labels must be integers of shape \(6,\), got float32 of shape \(6,\)"),
    (jnp.zeros((6, 3), int), r"shape.*\(6, 3\)"),
    (jnp.array([0, 1, 2, 3, 1, 0]), r"labels must be in \[0, 3\), got values from 0 to 3"),
    (jnp.array([0, -1, 2, 2, 1, 0]), r"labels must be in \[0, 3\), got values from -1 to 2"),
    (jnp.zeros(4, int), r"6.*\(4,\)"),
]


@pytest.mark.parametrize(
    ("labels", "message"), [(None, "num_classes=3 needs labels: batch.condition is None"), *LABEL_ERRORS]
)
def test_labels_are_checked_at_init(labels, message):
    with pytest.raises(ValueError, match=message):
        points_game(num_classes=3).init(KEY, Batch(POINTS, labels))


@pytest.mark.parametrize(("labels", "message"), LABEL_ERRORS)
def test_labels_are_checked_at_sample(conditional, labels, message):
    game, params, variables = conditional
    with pytest.raises(ValueError, match=message):
        game.sample(params.generator, variables.generator, KEY, 6, labels)


def test_labels_of_another_number_are_an_error_while_a_step_is_traced(conditional):
    game, params, variables = conditional
    with pytest.raises(ValueError, match=r"6.*\(4,\)"):
        jax.eval_shape(game.generate, params.generator, variables.generator, turn_of(Batch(POINTS, LABELS[:4])))


def test_labels_are_ignored_without_classes(unconditional):
    game, params, variables = unconditional
    generate = jax.jit(lambda batch: game.generate(params.generator, variables.generator, turn_of(batch))[0])
    np.testing.assert_array_equal(generate(Batch(POINTS, LABELS)), generate(Batch(POINTS)))


def test_both_networks_are_given_the_labels_one_hot():
    seen = []

    def apply(params, variables, x, condition, *, train, key):
        seen.append(condition)
        return (x if train else x[:, 0]), variables

    network = Network(lambda key, x, condition: ({}, {}), apply)
    judge = network._replace(apply=lambda *a, **k: (apply(*a, **k)[0][:, 0], {}))
    game = points_game(generator=network, discriminator=judge, num_classes=3)
    game.generate({}, of_generator(), turn_of(Batch(POINTS, LABELS)))
    game.judge({}, of_discriminator(), POINTS, turn_of(Batch(POINTS, LABELS)))
    assert len(seen) == 3
    for condition in seen:
        np.testing.assert_array_equal(condition, np.eye(3)[LABELS])


@pytest.mark.parametrize("n", [2, 7])
def test_samples_without_labels_go_through_the_classes(n):
    game = points_game(generator=Condition(), num_classes=3)
    params = {"one": jnp.ones(())}
    samples = game.sample(params, of_generator(), KEY, n, None)
    np.testing.assert_array_equal(samples, np.eye(3)[np.arange(n) % 3])
    asked = game.sample(params, of_generator(), KEY, n, jnp.full(n, 2))
    np.testing.assert_array_equal(asked, np.eye(3)[[2] * n])


def test_a_given_latent_takes_precedence(unconditional):
    game, params, variables = unconditional

    def generate(latent):
        return game.generate(params.generator, variables.generator, turn_of(Batch(POINTS, latent=latent)))[0]

    turn = turn_of(Batch(POINTS))
    drawn = turn.draw("latent", lambda key: jax.random.normal(key, (SIZE,)))
    np.testing.assert_allclose(generate(drawn), generate(None), rtol=1e-6)
    assert np.abs(generate(POINTS) - generate(None)).max() > 0.1


@pytest.mark.parametrize("shape", [(6, SIZE + 1), (6,), (4, SIZE)])
def test_a_latent_of_another_shape_is_an_error(unconditional, shape):
    game, params, variables = unconditional
    with pytest.raises(ValueError, match=r"batch.latent must have shape \(6, 2\), got"):
        game.generate(params.generator, variables.generator, turn_of(Batch(POINTS, latent=jnp.zeros(shape))))


def test_a_generator_of_another_shape_than_the_data_is_an_error_at_init():
    game = points_game(generator=networks.MLPGenerator((3,), (8,)))
    with pytest.raises(ValueError, match=r"generator makes samples \(3,\), but batch.real has \(2,\)"):
        game.init(KEY, Batch(POINTS))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"latent_size": 0}, "latent_size must be a whole number of at least 1, got 0"),
        ({"num_classes": 1}, "num_classes must be None or at least 2, got 1"),
    ],
)
def test_options_out_of_range_are_errors(options, message):
    with pytest.raises(ValueError, match=message):
        points_game(**options)


@pytest.mark.parametrize("n", [0, -1])
def test_sample_needs_a_number_of_rows(unconditional, n):
    game, params, variables = unconditional
    with pytest.raises(ValueError, match=f"n must be a whole number of at least 1, got {n}"):
        game.sample(params.generator, variables.generator, KEY, n, None)


def test_more_samples_begin_with_the_same_ones(unconditional):
    game, params, variables = unconditional
    few, many = (game.sample(params.generator, variables.generator, jax.random.key(5), n, None) for n in (4, 8))
    np.testing.assert_allclose(many[:4], few, rtol=1e-5, atol=1e-6)
    assert len(np.unique(many, axis=0)) == 8


def test_judge_moves_the_discriminator_s_statistics_by_real_rows_then_samples(normalising):
    game, params, variables = normalising
    samples = 3 * POINTS**2
    _, (after, _) = game.judge(params.discriminator, variables.discriminator, samples, turn_of(Batch(POINTS)))
    start = {"mean": np.zeros(SIZE), "var": np.ones(SIZE)}
    assert_statistics(variables.discriminator.network, start)
    assert_statistics(after.network, moved(moved(start, np.asarray(POINTS)), np.asarray(samples)))


def test_generate_moves_the_generator_s_statistics_once(normalising):
    game, params, variables = normalising
    latent = 2 * POINTS - 1
    turn = turn_of(Batch(POINTS, latent=latent))
    _, after = game.generate(params.generator, variables.generator, turn)
    assert_statistics(after.network, moved({"mean": np.zeros(SIZE), "var": np.ones(SIZE)}, np.asarray(latent)))


@pytest.mark.parametrize("rule", [dynamics.simultaneous, dynamics.alternating])
def test_a_step_moves_the_discriminator_s_statistics_twice_and_the_generator_s_once(rule):
    algorithm = jaxgan.algorithm(normalising_game(), rule(Players(optax.sgd(0.0), optax.sgd(0.0))))
    batch = Batch(POINTS, latent=2 * POINTS - 1)
    state = algorithm.init(KEY, batch)
    start = {"mean": np.zeros(SIZE), "var": np.ones(SIZE)}
    latent = np.asarray(batch.latent)
    samples = (latent - latent.mean(0)) / np.sqrt(latent.var(0) + 1e-5)
    after, _ = jax.jit(algorithm.step)(state, batch, KEY)
    assert_statistics(after.variables.generator.network, moved(start, latent))
    assert_statistics(after.variables.discriminator.network, moved(moved(start, np.asarray(POINTS)), samples))


def test_penalties_see_the_variables_as_they_were_and_move_none():
    def apply(params, variables, x, condition, *, train, key):
        return (1 + variables["passes"]) * (x @ params), {"passes": variables["passes"] + 1}

    discriminator = Network(lambda key, x, condition: (jnp.ones(SIZE), {"passes": jnp.zeros(())}), apply)
    w = jnp.array([3.0, 4.0])
    game = points_game(
        discriminator=discriminator,
        loss=losses.wasserstein(),
        penalties=[penalties.r1(2.0), penalties.r2(4.0), penalties.gradient_penalty(1.0)],
    )
    values, (variables, info) = game.judge(
        w, of_discriminator({"passes": jnp.zeros(())}), 2 * POINTS, turn_of(Batch(POINTS))
    )
    assert variables.network["passes"] == 2
    np.testing.assert_allclose(info["penalty"], 25 + 50 + 16, rtol=1e-6)
    on_real, on_fake = jnp.mean(POINTS @ w), jnp.mean(2 * (2 * POINTS @ w))
    np.testing.assert_allclose((info["real_logits"], info["fake_logits"]), (on_real, on_fake), rtol=1e-5)
    np.testing.assert_allclose(values.generator, -on_fake, rtol=1e-5)
    np.testing.assert_allclose(values.discriminator, on_fake - on_real + 91, rtol=1e-5)


@pytest.mark.parametrize(
    ("terms", "step", "added", "told"),
    [
        # R1 of a linear critic is γ/2·‖w‖², 25 for γ = 2
        ([penalties.every(4, penalties.r1(2.0))], 8, 4 * 25, {"penalty": 25, "penalty_due": 1}),
        ([penalties.every(4, penalties.r1(2.0))], 9, 0, {"penalty": 0, "penalty_due": 0}),
        ([penalties.every(4, penalties.r1(2.0))] * 2, 8, 8 * 25, {"penalty": 50, "penalty_due": 1}),
        ([penalties.every(4, penalties.r1(2.0)), penalties.r1(4.0)], 8, 150, {"penalty": 150}),
        ([penalties.every(4, penalties.r1(2.0)), penalties.r1(4.0)], 9, 50, {"penalty": 50}),
    ],
)
def test_a_lazy_penalty_is_told_without_its_factor_and_with_the_steps_in_which_it_is_due(terms, step, added, told):
    linear = Network(lambda key, x, condition: (jnp.ones(SIZE), {}), lambda p, v, x, c, *, train, key: (x @ p, v))
    game = points_game(discriminator=linear, loss=losses.wasserstein(), penalties=terms)
    turn = turn_of(Batch(POINTS))._replace(step=jnp.int32(step))
    w = jnp.array([3.0, 4.0])
    values, (_, info) = game.judge(w, of_discriminator(), 2 * POINTS, turn)
    without = info["fake_logits"] - info["real_logits"]
    np.testing.assert_allclose(values.discriminator, without + added, rtol=1e-5)
    assert {k: float(v) for k, v in info.items() if k.startswith("penalty")} == pytest.approx(told)


def test_penalties_leave_batch_statistics_to_the_two_passes(normalising):
    game, params, variables = normalising
    penalised = normalising_game(penalties=[penalties.r1(1.0), penalties.gradient_penalty()])

    @partial(jax.jit, static_argnums=0)
    def after(judge):
        return judge(params.discriminator, variables.discriminator, -(POINTS**2), turn_of(Batch(POINTS)))[1][0]

    jax.tree.map(partial(np.testing.assert_allclose, rtol=1e-6), after(penalised.judge), after(game.judge))


def test_sample_normalises_by_the_running_statistics(normalising):
    game, params, _ = normalising
    running = {"mean": jnp.array([0.5, -2.0]), "var": jnp.array([4.0, 0.25])}
    samples = game.sample(params.generator, of_generator({"batch_stats": {"BatchNorm_0": running}}), KEY, 6, None)
    turn = Turn(Batch(jnp.zeros((6, 0))), KEY, jnp.int32(0))
    latent = turn.draw("latent", lambda key: jax.random.normal(key, (SIZE,)))
    np.testing.assert_allclose(samples, (latent - running["mean"]) / np.sqrt(running["var"] + 1e-5), rtol=1e-4)


def test_sample_takes_the_latents_that_are_given(normalising):
    game, params, variables = normalising
    samples = game.sample(params.generator, variables.generator, KEY, 6, None, POINTS)
    np.testing.assert_allclose(samples, POINTS / np.sqrt(1 + 1e-5), rtol=1e-5)


@pytest.mark.parametrize("shape", [(5, SIZE), (6, SIZE + 1), (6,)])
def test_given_latents_of_another_shape_are_an_error(normalising, shape):
    game, params, variables = normalising
    with pytest.raises(ValueError, match="^" + re.escape(f"latent must have shape (6, {SIZE}), got {shape}")):
        game.sample(params.generator, variables.generator, KEY, 6, None, np.zeros(shape))


def test_sample_runs_the_generator_in_evaluation_mode_and_the_game_in_training_mode():
    modes = []

    def apply(params, variables, x, condition, *, train, key):
        modes.append((train, key is not None))
        return x, variables

    network = Network(lambda key, x, condition: ({}, {}), apply)
    game = points_game(generator=network)
    game.sample({}, of_generator(), KEY, 3, None)
    game.generate({}, of_generator(), turn_of(Batch(POINTS)))
    assert modes == [(False, True), (True, True)]  # a network that names the key may make noise in samples too


@pytest.mark.slow
@pytest.mark.parametrize(("dropout", "differ"), [(0.0, False), (0.5, True)])
def test_dropout_is_fresh_in_every_pass_and_step_and_repeats_with_the_same_key(dropout, differ):
    game = points_game(discriminator=networks.MLPDiscriminator((32,), dropout=dropout))
    params, variables = game.init(KEY, Batch(POINTS))

    @jax.jit
    def logits(step):
        turn = turn_of(Batch(POINTS), step)
        _, (_, info) = game.judge(params.discriminator, variables.discriminator, POINTS, turn)
        return info["real_logits"], info["fake_logits"]

    (real, fake), (later, _) = logits(0), logits(1)
    assert (real != fake) == differ
    assert (real != later) == differ
    assert logits(0) == (real, fake)


class Levels(nn.Module):
    """Samples as whole numbers."""

    @nn.compact
    def __call__(self, z):
        return nn.Dense(SIZE)(z).astype(jnp.uint8)


def test_samples_that_have_no_gradient_are_refused_by_their_type():
    with pytest.raises(ValueError, match="generator makes samples of uint8: they must be of a type of floats"):
        points_game(generator=Levels()).init(KEY, Batch(POINTS))


@pytest.mark.usefixtures("without_shape_checks")
def test_an_error_of_a_network_says_what_the_network_was_given():
    images = networks.DCGANGenerator(image_size=8, channels=1, width=4)
    swapped = jaxgan.gan(networks.DCGANDiscriminator(width=4), images, loss=losses.hinge(), latent_size=5)
    with pytest.raises(ValueError, match="expected images") as raised:
        swapped.init(KEY, Batch(jnp.zeros((4, 8, 8, 1))))
    assert "The generator raised this. Its input has shape (2, 5), its condition None." in raised.value.__notes__


@pytest.mark.parametrize(
    ("latent", "between", "bounded"),
    [
        (jaxgan.latents.normal, jaxgan.latents.slerp, True),
        (jaxgan.latents.sphere, jaxgan.latents.slerp, False),
        (jaxgan.latents.uniform, jaxgan.latents.lerp, False),
    ],
)
def test_a_game_tells_how_its_latents_are_drawn(latent, between, bounded):
    own = points_game(latent=latent).latents
    np.testing.assert_array_equal(own.draw(KEY), latent(KEY, SIZE))
    assert own.between is between
    assert (own.truncated is not None) == bounded
    if bounded:
        np.testing.assert_array_equal(own.truncated(0.5)(KEY), jaxgan.latents.truncated(0.5)(KEY, SIZE))
