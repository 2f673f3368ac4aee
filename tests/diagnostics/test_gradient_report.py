"""Gradients of games and slopes of losses that are known by hand."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from games_for_tests import dirac, point_batch, point_game

import jaxgan
from jaxgan import Batch, GANState, Players, dynamics, losses, networks
from jaxgan.diagnostics import gradient_report, saturation
from jaxgan.games.losses.slope import indecision

KEY = jax.random.key(0)
report_of = jax.jit(gradient_report, static_argnums=0)


def at(theta, psi):
    params = Players(jnp.float32(theta), jnp.float32(psi))
    return GANState(jnp.zeros((), jnp.int32), params, Players({}, {}), None, None)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize(
    ("loss", "push"), [("minimax", lambda d: sigmoid(d)), ("non_saturating", lambda d: sigmoid(-d))]
)
def test_dirac(loss, push):
    theta, psi = 3.0, -1.5
    report = report_of(dirac(getattr(losses, loss)()), at(theta, psi), point_batch(4), KEY)
    force, pull = abs(psi) * push(theta * psi), theta * sigmoid(theta * psi)
    np.testing.assert_allclose(report.norms, (force, pull), rtol=1e-6)
    np.testing.assert_allclose(report.pressure, force, rtol=1e-6)
    assert report.layers.generator == {"params": report.norms.generator}
    assert report.cosines == (None, None)


def test_cosines_with_the_previous_report():
    def turning(x, y):
        return Players(x @ y, -x @ y)

    game = point_game(turning, [jnp.zeros(2), jnp.zeros(2)])

    def state(x, y):
        return at(0, 0)._replace(params=Players(jnp.array(x), jnp.array(y)))

    first = report_of(game, state([1.0, 0.0], [0.0, 2.0]), point_batch(), KEY)
    angle = 0.7
    x, y = [3 * np.cos(angle), 3 * np.sin(angle)], [0.0, -1.0]
    second = report_of(game, state(x, y), point_batch(), KEY, previous=first)
    np.testing.assert_allclose(second.cosines, (-1, np.cos(angle)), rtol=1e-5)
    still = report_of(game, state([0.0, 0.0], y), point_batch(), KEY, previous=second)
    np.testing.assert_allclose(still.cosines, (1, 0), rtol=1e-5)


@pytest.fixture(scope="module")
def points():
    game = jaxgan.gan(
        networks.MLPGenerator(output_shape=(2,), hidden=(5,), squash=False),
        networks.MLPDiscriminator(hidden=(5, 4)),
        loss=losses.non_saturating(),
        latent_size=3,
    )
    batch = Batch(jax.random.normal(jax.random.key(1), (8, 2)))
    rule = dynamics.simultaneous(Players(optax.sgd(1.0), optax.sgd(1.0)))
    algorithm = jaxgan.algorithm(game, rule)
    return game, algorithm, algorithm.init(KEY, batch), batch


@pytest.mark.slow
def test_the_gradients_are_those_of_the_next_simultaneous_step(points):
    game, algorithm, state, batch = points
    report = report_of(game, state, batch, KEY)
    moved, info = jax.jit(algorithm.step)(state, batch, KEY)
    jax.tree.map(
        lambda g, old, new: np.testing.assert_allclose(g, old - new, atol=1e-6),
        report.gradients,
        state.params,
        moved.params,
    )
    np.testing.assert_allclose(report.norms.generator, info["gradient_norm_generator"], rtol=1e-5)
    assert set(report.layers.discriminator) == {"Dense_0", "Dense_1", "Dense_2"}
    dense = state.params.generator["Dense_1"], moved.params.generator["Dense_1"]
    np.testing.assert_allclose(report.layers.generator["Dense_1"], optax.tree.norm(optax.tree.sub(*dense)), rtol=1e-4)
    for norm, layers in zip(report.norms, report.layers, strict=True):
        np.testing.assert_allclose(np.sum(np.square(list(layers.values()))), norm**2, rtol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("wrapper", [jaxgan.pmapped, jaxgan.sharded])
def test_it_reports_the_same_inside_a_step_on_several_devices(points, wrapper):
    game, _, state, batch = points
    expected = report_of(game, state, batch, KEY)

    def step(state, batch, key):
        return gradient_report(game, state, batch, key), {}

    report, _ = wrapper(step)(jax.tree.map(jnp.copy, state), batch, KEY)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6), report, expected)


@pytest.mark.parametrize(
    ("loss", "slope", "vanishing"),
    [
        ("non_saturating", lambda d: sigmoid(-d), lambda d: 1.0),
        ("minimax", lambda d: sigmoid(d), lambda d: np.exp(d)),
        ("wasserstein", lambda d: 1.0, lambda d: 1 / sigmoid(-d)),
        ("least_squares", lambda d: abs(d - 1), lambda d: abs(d - 1) / sigmoid(-d)),
    ],
)
@pytest.mark.parametrize("d", [-6.0, 0.0, 2.0])
def test_slope_of_the_generators_loss(loss, slope, vanishing, d):
    fake = jnp.full((6,), d)
    found = jax.jit(lambda fake: saturation(-fake, fake, getattr(losses, loss)()))(fake)
    np.testing.assert_allclose([found.slope, found.vanishing], [slope(d), vanishing(d)], rtol=1e-5)


@pytest.mark.parametrize(
    ("loss", "undecided"),
    [("minimax", np.log(4)), ("non_saturating", np.log(4)), ("hinge", 2.0), ("relativistic_pairing", np.log(2))],
)
def test_indecision_is_the_loss_over_that_of_logits_of_0(loss, undecided):
    real, fake = jnp.array([0.5, -1.0]), jnp.array([2.0, 0.1])
    value = jnp.mean(getattr(losses, loss)()(real, fake).discriminator)
    found = indecision(value, real, fake, getattr(losses, loss)())
    np.testing.assert_allclose(found, value / undecided, rtol=1e-6)


def test_a_critic_without_bound_is_never_undecided():
    assert indecision(jnp.float32(700.0), jnp.ones(2), jnp.zeros(2), losses.wasserstein()) == 1


def test_the_slope_of_logits_that_are_not_finite_is_not_hidden():
    found = saturation(jnp.zeros(2), jnp.array([jnp.nan, 0.0]), losses.non_saturating())
    assert np.isnan([found.slope, found.vanishing]).all()


def test_a_loss_that_couples_rows_is_differentiated_whole():
    """Relativistic pairing of one pair: the generator's loss is softplus(real − fake)."""
    found = saturation(jnp.array([2.0]), jnp.array([-1.0]), losses.relativistic_pairing())
    np.testing.assert_allclose(found.slope, sigmoid(3.0), rtol=1e-6)


def test_share_of_saturated_logits():
    edge = np.log(99)  # σ = 0.99
    real = jnp.array([edge + 1e-3, edge - 1e-3, 50.0, 0.0])
    fake = jnp.array([-edge - 1e-3, 1.0, 0.0, -1.0])
    found = saturation(real, fake, losses.non_saturating())
    np.testing.assert_allclose(found[:2], (0.5, 0.25))
    assert saturation(real, fake, losses.non_saturating(), margin=0.3).real == 0.75
    with pytest.raises(ValueError, match=r"margin must be less than 0.5, got 0.5"):
        saturation(real, fake, losses.non_saturating(), margin=0.5)
