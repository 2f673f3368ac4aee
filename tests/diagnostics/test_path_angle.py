"""The shapes that Berard et al. describe, in closed form."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from games_for_tests import bilinear, point_batch, point_game

from jaxgan import Game, GANState, Players
from jaxgan.diagnostics import path_angle, plot_path_angle

pytestmark = pytest.mark.usefixtures("float64")


def at(x, y, variables=None):
    variables = Players({}, {}) if variables is None else variables
    return GANState(jnp.zeros((), jnp.int32), Players(jnp.asarray(x), jnp.asarray(y)), variables, None, None)


def along(game, start, end, **options):
    return path_angle(game, start, end, point_batch(), jax.random.key(0), **options)


def attracting():
    """Both players want their own point: v = (x - 1, 3 (y - 2))."""
    return point_game(lambda x, y: Players((x - 1) ** 2 / 2, 3 * (y - 2) ** 2 / 2), [0.0, 0.0])


def test_an_attracting_end_switches_the_sign():
    path = along(attracting(), at(-3.0, 2.0), at(1.0, 2.0), points=16, span=(0.0, 1.5))
    np.testing.assert_allclose(path.alphas, 0.1 * np.arange(16))
    np.testing.assert_allclose(path.cosines, np.sign(np.round(path.alphas - 1, 9)), atol=1e-12)
    np.testing.assert_allclose(path.norms, 4 * np.abs(path.alphas - 1), atol=1e-12)


def test_an_attracting_end_that_is_not_reached_straight():
    path = along(attracting(), at(0.0, 0.0), at(1.0, 2.0))
    dx, dy = (path.alphas - 1)[:, None].T * np.array([[1.0], [2.0]])
    expected = (dx + 6 * dy) / (np.sqrt(5) * np.hypot(dx, 3 * dy) + 1e-300)
    np.testing.assert_allclose(path.cosines, expected, atol=1e-12)
    assert path.cosines[0] < -0.8 < 0.8 < path.cosines[-1]


def test_rotation_about_a_point_near_the_end_is_a_bump():
    """v is the position turned by 90 degrees: its share along the line is constant, its norm the distance from 0."""
    start, end = np.array([1.0, 0.1]), np.array([0.0, 0.1])
    path = along(bilinear(), at(*start), at(*end), points=31)
    where = (1 - path.alphas)[:, None] * start + path.alphas[:, None] * end
    turned = np.stack([where[:, 1], -where[:, 0]], axis=1)
    np.testing.assert_allclose(path.cosines, turned @ (end - start) / np.linalg.norm(where, axis=1), atol=1e-12)
    np.testing.assert_allclose(path.norms, np.linalg.norm(where, axis=1))
    assert path.alphas[np.abs(path.cosines).argmax()] == pytest.approx(1)
    assert path.cosines.min() == pytest.approx(-1)
    assert np.abs(path.cosines[[0, -1]]).max() < 0.25


def test_rotation_about_the_end_itself_is_across_the_line_everywhere():
    path = along(bilinear(), at(0.6, -0.8), at(0.0, 0.0))
    np.testing.assert_allclose(path.cosines, 0, atol=1e-12)


def test_variables_lie_between_those_of_the_states_and_not_beyond():
    """A game whose generator is pushed by its variable: v = (variable, 1)."""
    plain = attracting()

    def generate(params, variables, turn):
        return jnp.broadcast_to(params * variables["push"], (1,)), variables

    def judge(params, variables, samples, turn):
        return Players(samples.sum(), params), (variables, {})

    game = Game(plain.init, generate, judge, plain.sample)
    states = [
        at(a, 0.0, Players({"push": jnp.asarray(b), "count": jnp.int32(i)}, {}))
        for i, (a, b) in enumerate([(0.0, 2.0), (1.0, 4.0)])
    ]
    path = along(game, *states, points=5, span=(-0.5, 1.5))
    np.testing.assert_allclose(path.norms, np.hypot([2, 2, 3, 4, 4], 1))


def test_the_figure_shows_what_was_found():
    path = along(attracting(), at(-3.0, 2.0), at(1.0, 2.0), points=4)
    above, below = plot_path_angle(path).axes
    np.testing.assert_array_equal(above.lines[0].get_xydata(), np.stack([path.alphas, path.cosines], axis=1))
    np.testing.assert_allclose(above.get_ylim(), (-1.1, 1.1))
    np.testing.assert_array_equal(below.lines[0].get_xydata(), np.stack([path.alphas, path.norms], axis=1))


@pytest.mark.parametrize(
    ("end", "options", "message"),
    [
        (0.0, {}, "start and end have the same parameters"),
        (1.0, {"points": 1}, "points must be at least 2, got 1"),
        (1.0, {"span": (1.0, 1.0)}, r"span must be two rising numbers, got \(1.0, 1.0\)"),
    ],
)
def test_what_cannot_be_drawn(end, options, message):
    with pytest.raises(ValueError, match=message):
        along(attracting(), at(0.0, 2.0), at(end, 2.0), **options)
