"""Dirac-GAN over learning rate and R1 weight: the cells that converge are those of the closed form."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from games_for_tests import dirac, point_batch, point_game

import jaxgan
from jaxgan import Players, dynamics, losses, penalties
from jaxgan.core import stream
from jaxgan.diagnostics import StabilityMap, plot_stability_map, stability_map

START = 1e-3
RATES = np.array([0.1, 0.5, 1.0, 1.5, 2.5, 4.5])
GAMMAS = np.array([0.2, 0.3, 0.7, 1.0, 1.6, 3.0])


def distance(algorithm, state, key):
    return jnp.hypot(*state.params)


def sgd(rate):
    return Players(optax.sgd(rate), optax.sgd(rate))


@pytest.mark.slow
@pytest.mark.usefixtures("float64")
def test_the_boundary_of_stability_on_dirac_is_the_closed_form_and_all_is_traced_once():
    steps, built = 400, []

    def build(rate, gamma):
        built.append(rate)
        game = dirac(losses.minimax(), penalties.r1(gamma), start=(START, -START))
        return jaxgan.algorithm(game, dynamics.simultaneous(sgd(rate)))

    batches = itertools.repeat(point_batch())
    found = stability_map(build, RATES, GAMMAS, batches, jax.random.key(0), steps=steps, measure=distance)
    rates, gammas = np.meshgrid(RATES, GAMMAS)
    root = np.sqrt(gammas.astype(complex) ** 2 / 4 - 1 / 4)
    radius = np.maximum(*(abs(1 - rates * (gammas / 2 + sign * root)) for sign in (1, -1)))
    assert np.abs(radius - 1).min() > 5e-3
    growth = found.values / np.hypot(START, START)
    np.testing.assert_array_equal(growth < 1, radius < 1)
    assert 8 < (radius < 1).sum() < 28
    # where the field stays linear, the growth tells the radius itself, up to the angle between eigenvectors
    linear = found.values < 0.1
    np.testing.assert_allclose(growth[linear] ** (1 / steps), radius[linear], rtol=0.02)
    # once for the initial state, once for the step, once for the measure
    assert len(built) == 3


def test_a_run_that_diverges_disturbs_no_other():
    """x grows as 1 + a in a step, for 200 steps."""

    def build(a, b):
        game = point_game(lambda x, y: Players(-a * x**2 / 2, b * y**2 / 2), [1.0, 1.0])
        return jaxgan.algorithm(game, dynamics.simultaneous(sgd(1.0)))

    def measure(algorithm, state, key):
        return state.params.generator

    batches = itertools.repeat(point_batch())
    a, b = np.array([-0.5, 0.01, 9.0]), np.array([0.5, 1.5])
    found = stability_map(build, a, b, batches, jax.random.key(0), steps=200, measure=measure)
    np.testing.assert_array_equal(found.finite, [[True, True, False]] * 2)
    np.testing.assert_allclose(found.values, [[0.5**200, 1.01**200, np.nan]] * 2, rtol=1e-4, atol=1e-30)


def test_runs_differ_by_their_hyper_parameters_alone():
    """A game that starts at a random point, measured by it and by the key."""
    plain = point_game(lambda x, y: Players(0.0 * x, 0.0 * y), [0.0, 0.0])

    def build(x, y):
        game = plain._replace(init=lambda key, batch: (Players(jax.random.normal(key), jnp.zeros(())), Players({}, {})))
        return jaxgan.algorithm(game, dynamics.simultaneous(sgd(x)))

    def measure(algorithm, state, key):
        return state.params.generator + algorithm.sample(state, key, 1)[0]

    axis = np.array([1.0, 2.0])
    found = stability_map(build, axis, axis, [point_batch()], jax.random.key(3), steps=1, measure=measure)
    np.testing.assert_allclose(
        found.values, np.full((2, 2), 2 * jax.random.normal(stream(jax.random.key(3), "init"))), rtol=1e-6
    )


def test_the_figure_has_a_cell_for_each_run_and_marks_the_lost_ones():
    values = np.array([[1.0, 10.0, 100.0], [0.0, np.nan, 3.0]])
    stability = StabilityMap(np.array([0.1, 1.0, 10.0]), np.array([1.0, 2.0]), values, np.isfinite(values))
    figure = plot_stability_map(stability, x_label="rate", y_label="weight", value_label="distance", scale="log")
    axes, colours = figure.axes
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "linear")
    assert (axes.get_xlabel(), axes.get_ylabel(), colours.get_ylabel()) == ("rate", "weight", "distance")
    lost, mesh = axes.collections
    np.testing.assert_array_equal(lost.get_array().mask, np.isfinite(values))
    np.testing.assert_array_equal(mesh.get_array().mask, [[False] * 3, [True, True, False]])
    corners = mesh.get_coordinates()
    np.testing.assert_allclose(corners[0, :, 0], 0.1 * 10.0 ** (np.arange(4) - 0.5))
    np.testing.assert_allclose(corners[:, 0, 1], [0.5, 1.5, 2.5])
    assert "not finite" in axes.get_title()
    figure.canvas.draw()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x": np.array([1.0])}, "x must be two or more rising numbers"),
        ({"y": np.array([1.0, 1.0])}, "y must be two or more rising numbers"),
        ({"steps": 0}, "steps must be at least 1, got 0"),
        ({"batches": []}, "batches is empty"),
        ({"steps": 2, "batches": [point_batch()]}, "batches has 1 batches for 2 steps"),
    ],
)
def test_what_cannot_be_mapped(changes, message):
    def build(rate, gamma):
        return jaxgan.algorithm(dirac(losses.minimax()), dynamics.simultaneous(sgd(rate)))

    axis = np.array([0.1, 0.2])
    options = {"x": axis, "y": axis, "batches": [point_batch()], "steps": 1, "measure": distance} | changes
    with pytest.raises(ValueError, match=message):
        stability_map(build, key=jax.random.key(0), **options)
