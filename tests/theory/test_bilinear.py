"""The bilinear game min over x, max over y of xy: every rule's growth of the distance in a step, in closed form."""

import jax
import numpy as np
import optax
import pytest
from games_for_tests import bilinear, point_batch
from step_map import eigenvalues

import jaxgan
from jaxgan import Players, dynamics

SIZES = (0.1, 0.3, 0.5)

TABLE = {
    "simultaneous": (1.00499, 1.04403, 1.11803),
    "alternating": (1.0, 1.0, 1.0),
    "extragradient": (0.99504, 0.95818, 0.90139),
    "optimistic": (0.99494, 0.94868, 0.70711),
    "past_extragradient": (0.99494, 0.94868, 0.70711),
}


def both(x):
    return Players(x, x)


def sgd(size, **options):
    return both(optax.sgd(size, **options))


def spectral_radius(rule_of, sizes=SIZES):
    values = eigenvalues(lambda size: jaxgan.algorithm(bilinear(), rule_of(size)), sizes, point_batch())
    return np.abs(values).max(axis=1)


@pytest.mark.parametrize("rule", TABLE)
def test_growth_of_the_published_table(rule):
    radius = spectral_radius(lambda size: getattr(dynamics, rule)(sgd(size)))
    np.testing.assert_allclose(radius, TABLE[rule], atol=1e-5 if rule != "optimistic" else 1e-4)


def taylor(order):
    """Runge-Kutta multiplies a linear field's solution by the first terms of the exponential, here of a rotation."""
    return lambda size: abs(sum((1j * size) ** n / np.prod(np.arange(1, n + 1)) for n in range(order + 1)))


def unrolled_growth(k):
    """The generator sees y + kηx, so its gradient is y + 2kηx."""
    return lambda size: abs(np.linalg.eigvals([[1 - 2 * k * size**2, -size], [size, 1]])).max()


@pytest.mark.parametrize(
    ("rule", "growth"),
    [
        (lambda size: dynamics.consensus(sgd(size), 0.7), lambda size: abs(1 - 0.7 * size + 1j * size)),
        (lambda size: dynamics.symplectic_adjustment(sgd(size)), lambda size: abs(1 - size + 1j * size)),
        (lambda size: dynamics.competitive(both(size)), lambda size: (1 + size**2) ** -0.5),
        (lambda size: dynamics.runge_kutta(both(size), order=2), taylor(2)),
        (lambda size: dynamics.runge_kutta(both(size), order=4), taylor(4)),
        (lambda size: dynamics.unrolled(sgd(size), 1), unrolled_growth(1)),
        (lambda size: dynamics.unrolled(sgd(size), 3), unrolled_growth(3)),
    ],
    ids=["consensus", "symplectic", "competitive", "Heun", "RK4", "unrolled 1", "unrolled 3"],
)
def test_growth_in_closed_form(rule, growth):
    np.testing.assert_allclose(spectral_radius(rule), [growth(size) for size in SIZES], rtol=1e-9)


@pytest.mark.parametrize("rule", ["optimistic", "past_extragradient"])
def test_optimistic_steps_converge_up_to_one_over_root_three(rule):
    below, above = spectral_radius(lambda size: getattr(dynamics, rule)(sgd(size)), 3**-0.5 + np.array([-1e-3, 1e-3]))
    assert below < 1 < above


def test_negative_momentum_makes_alternating_steps_contract():
    """Gidel et al., Negative Momentum for Improved Game Dynamics, 2019: by hand, with s = (x, y, u_x, u_y).

    u_x' = y + b u_x, x' = x - h u_x', then u_y' = -x' + b u_y, y' = y - h u_y' (the generator first).
    """

    def by_hand(h, b=-0.3):
        x = np.array([[1, -h, -h * b, 0], [0, 1, 0, 0], [0, 1, b, 0], [0, 0, 0, 1]])
        y = np.array([[1, 0, 0, 0], [h, 1, 0, -h * b], [0, 0, 1, 0], [-1, 0, 0, b]])
        return abs(np.linalg.eigvals(y @ x)).max()

    def rule(momentum, first="generator", steps=dynamics.alternating):
        return spectral_radius(lambda size: steps(sgd(size, momentum=momentum), **({"first": first} if first else {})))

    contracting = rule(-0.3)
    np.testing.assert_allclose(contracting, [by_hand(size) for size in SIZES], rtol=1e-9)
    np.testing.assert_allclose(rule(-0.3, "discriminator"), contracting, rtol=1e-9)
    assert (contracting < 1).all()
    assert (rule(0.3) > 1).all()
    assert (rule(-0.3, None, dynamics.simultaneous) > 1).all()


@pytest.mark.parametrize(("period", "rate"), [(2, 0.5), (5, 0.5), (5, 0.3)])
def test_lookahead_multiplies_a_period_by_its_closed_form(period, rate):
    """As complex numbers x + iy, simultaneous steps multiply by 1 + iη and a period by 1 − α + α(1 + iη)^k."""
    size = 0.3
    rule = dynamics.lookahead(dynamics.simultaneous(sgd(size)), period=period, slow_rate=rate)
    path = run(rule, 3 * period)
    once = 1 - rate + rate * (1 + 1j * size) ** period
    np.testing.assert_allclose(path[::period], path[0] * once ** np.arange(4), rtol=1e-12)


def test_nested_lookahead_is_lookahead_of_the_slow_steps():
    size, inner, outer = 0.3, 2, 6
    slow = dynamics.lookahead(dynamics.simultaneous(sgd(size)), period=inner, slow_rate=0.4)
    path = run(dynamics.lookahead(slow, period=outer, slow_rate=0.7), 2 * outer)
    period = 0.6 + 0.4 * (1 + 1j * size) ** inner
    whole = 0.3 + 0.7 * period ** (outer // inner)
    expected = path[0] * np.array([1, period, period**2, whole, whole * period, whole * period**2, whole**2])
    np.testing.assert_allclose(path[::inner], expected, rtol=1e-12)


def test_past_extragradient_evaluates_at_the_optimistic_points():
    """ω'_t = ω_t − η·v(ω'_{t−1}) = ω_t + (ω_t − ω_{t−1}) (Gidel et al., 2019, section 3.3)."""
    path = run(dynamics.past_extragradient(sgd(0.2)), 6)
    np.testing.assert_allclose(2 * path[1:] - path[:-1], run(dynamics.optimistic(sgd(0.2)), 6)[1:], rtol=1e-12)


def run(rule, steps):
    """The points x + iy of `steps` steps, the start included."""
    algorithm, batch, key = jaxgan.algorithm(bilinear(), rule), point_batch(), jax.random.key(0)

    def step(state, _):
        state, _ = algorithm.step(state, batch, key)
        return state, state.params

    start = algorithm.init(key, batch)
    _, params = jax.jit(lambda state: jax.lax.scan(step, state, length=steps))(start)
    return np.concatenate([[complex(*start.params)], params.generator + 1j * params.discriminator])
