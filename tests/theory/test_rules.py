"""Every rule against its paper's formulas, written in NumPy, on a small game of two losses that are not quadratic.

L_G = x'Ax/2 + x'By + a'x + (p'x)²(q'y)/3 and L_D = y'Cy/2 + x'Dy + b'y - (p'x)(q'y)²/2. NumPy's derivatives of its own
formulas are complex steps, exact to the last digits.
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from games_for_tests import point_batch, point_game

import jaxgan
from jaxgan import Players, dynamics

N, M = 3, 2
RATES = Players(0.11, 0.07)
ETA = np.repeat(RATES, [N, M])


class Numbers:
    """The game in NumPy: random matrices of a seed, the joint gradient v and its Jacobian."""

    def __init__(self, seed, zero_sum=False):
        random = np.random.default_rng(seed)
        self.A, self.C = ((s + s.T) / 2 for s in (random.normal(size=(N, N)), random.normal(size=(M, M))))
        self.B, self.D = random.normal(size=(2, N, M))
        self.a, self.b, self.p, self.q = (random.normal(size=n) for n in (N, M, N, M))
        self.bend = 0.0 if zero_sum else 1.0
        if zero_sum:
            self.D = -self.B
        self.start = random.normal(size=N + M)

    def losses(self, x, y):
        bend_g, bend_d = self.bend * (self.p @ x) ** 2 * (self.q @ y) / 3, self.bend * (self.p @ x) * (self.q @ y) ** 2
        generator = x @ self.A @ x / 2 + x @ self.B @ y + self.a @ x + bend_g
        return Players(generator, y @ self.C @ y / 2 + x @ self.D @ y + self.b @ y - bend_d / 2)

    def game(self):
        return point_game(self.losses, (self.start[:N], self.start[N:]))

    def v(self, w):
        x, y = w[:N], w[N:]
        px, qy = self.bend * self.p @ x, self.q @ y
        v_x = self.A @ x + self.B @ y + self.a + 2 / 3 * px * qy * self.p
        return np.concatenate([v_x, self.C @ y + self.D.T @ x + self.b - px * qy * self.q])

    def jacobian(self, w):
        return np.stack([np.imag(self.v(w + 1e-30j * unit)) / 1e-30 for unit in np.eye(N + M)], axis=1)


@pytest.fixture
def numbers():
    return Numbers(0)


def sgd():
    return Players(*map(optax.sgd, RATES))


def adam():
    return Players(*(optax.adam(rate, b1=0.5, b2=0.9, eps=1e-3) for rate in RATES))


class Adam:
    """Kingma & Ba, 2015, algorithm 1, on both players at once."""

    def __init__(self, eps_root=0.0, eta=ETA):
        self.m = self.s = self.t = 0
        self.eps_root, self.eta = eps_root, eta

    def update(self, g):
        self.m, self.s, self.t = 0.5 * self.m + 0.5 * g, 0.9 * self.s + 0.1 * g**2, self.t + 1
        second = np.sqrt(self.s / (1 - 0.9**self.t) + self.eps_root)
        return -self.eta * self.m / (1 - 0.5**self.t) / (second + 1e-3)


class Descent:
    def __init__(self, eta=ETA):
        self.eta = eta

    def update(self, g):
        return -self.eta * g


def path(numbers, rule, steps=4):
    """The points after each of some steps of the library."""
    algorithm, batch, key = jaxgan.algorithm(numbers.game(), rule), point_batch(2), jax.random.key(0)

    def step(state, _):
        state, _ = algorithm.step(state, batch, key)
        return state, jnp.concatenate(state.params)

    return jax.jit(lambda: jax.lax.scan(step, algorithm.init(key, batch), length=steps)[1])()


def iterated(step, w, steps=4):
    """The same from a NumPy step `w -> w`."""
    points = []
    for _ in range(steps):
        w = step(w)
        points.append(w)
    return np.stack(points)


def assert_same(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


OPTIMIZERS = pytest.mark.parametrize(("optimizers", "by_hand"), [(sgd, Descent), (adam, Adam)], ids=["SGD", "Adam"])


@OPTIMIZERS
def test_simultaneous(numbers, optimizers, by_hand):
    optimizer = by_hand()
    expected = iterated(lambda w: w + optimizer.update(numbers.v(w)), numbers.start)
    assert_same(path(numbers, dynamics.simultaneous(optimizers())), expected)


@OPTIMIZERS
def test_extragradient_whose_moments_move_twice_a_step(numbers, optimizers, by_hand):
    optimizer = by_hand()

    def step(w):
        ahead = w + optimizer.update(numbers.v(w))
        return w + optimizer.update(numbers.v(ahead))

    assert_same(path(numbers, dynamics.extragradient(optimizers())), iterated(step, numbers.start))


@OPTIMIZERS
def test_past_extragradient_whose_moments_move_twice_a_step(numbers, optimizers, by_hand):
    optimizer, past = by_hand(), np.zeros(N + M)

    def step(w):
        nonlocal past
        ahead = w + optimizer.update(past)
        past = numbers.v(ahead)
        return w + optimizer.update(past)

    assert_same(path(numbers, dynamics.past_extragradient(optimizers())), iterated(step, numbers.start))


@OPTIMIZERS
def test_optimistic(numbers, optimizers, by_hand):
    optimizer, before = by_hand(), np.zeros(N + M)

    def step(w):
        nonlocal before
        now = optimizer.update(numbers.v(w))
        w, before = w + 2 * now - before, now
        return w

    assert_same(path(numbers, dynamics.optimistic(optimizers())), iterated(step, numbers.start))


@OPTIMIZERS
def test_consensus(numbers, optimizers, by_hand):
    optimizer, gamma = by_hand(), 0.4

    def step(w):
        v = numbers.v(w)
        return w + optimizer.update(v + gamma * numbers.jacobian(w).T @ v)

    assert_same(path(numbers, dynamics.consensus(optimizers(), gamma)), iterated(step, numbers.start))


@pytest.mark.parametrize(("alignment", "align", "sign"), [(-0.06, True, 1), (-0.2, True, -1), (-0.2, False, 1)])
def test_symplectic_adjustment(alignment, align, sign):
    """On a quadratic game the alignment goes with the fourth power of the distance: put it on both sides of -1/10."""
    numbers = Numbers(2)
    numbers.bend, numbers.a, numbers.b = 0.0, np.zeros(N), np.zeros(M)

    def parts(w):
        v, jacobian = numbers.v(w), numbers.jacobian(w)
        adjustment, slope = (jacobian - jacobian.T).T @ v / 2, jacobian.T @ v
        return v, adjustment, (v @ slope) * (adjustment @ slope) / (N + M)

    numbers.start *= (alignment / parts(numbers.start)[2]) ** 0.25
    v, adjustment, found = parts(numbers.start)
    np.testing.assert_allclose(found, alignment)
    rule = dynamics.symplectic_adjustment(sgd(), align=align)
    assert_same(path(numbers, rule, steps=1)[0], numbers.start - ETA * (v + sign * adjustment))


@pytest.mark.parametrize("k", [1, 3])
@OPTIMIZERS
def test_unrolled_through_the_discriminators_optimizer(numbers, k, optimizers, by_hand):
    by = {"eps_root": 1e-4} if by_hand is Adam else {}
    generator, discriminator = (by_hand(eta=rate, **by) for rate in RATES)

    def ahead(x, y, steps):
        optimizer = by_hand(eta=RATES.discriminator, **by)
        optimizer.__dict__ |= discriminator.__dict__
        for _ in range(steps):
            y = y + optimizer.update(numbers.v(np.concatenate([x, y]))[N:])
        return y

    def step(w):
        x, y = w[:N], w[N:]
        slopes = [
            np.imag(numbers.losses(x + unit, ahead(x + unit, y, k)).generator) / 1e-30 for unit in 1e-30j * np.eye(N)
        ]
        return np.concatenate([x + generator.update(np.array(slopes)), y + discriminator.update(numbers.v(w)[N:])])

    rooted = Players(*(optax.adam(rate, b1=0.5, b2=0.9, eps=1e-3, eps_root=1e-4) for rate in RATES))
    rule = dynamics.unrolled(rooted if optimizers is adam else optimizers(), k)
    assert_same(path(numbers, rule), iterated(step, numbers.start))


@pytest.mark.parametrize("regularization", [0.0, 0.3])
@pytest.mark.parametrize("order", [2, 4])
def test_runge_kutta(numbers, order, regularization):
    def velocity(w):
        return -ETA * numbers.v(w)

    def step(w):
        k1 = velocity(w)
        if order == 2:
            after = w + (k1 + velocity(w + k1)) / 2
        else:
            k2 = velocity(w + k1 / 2)
            k3 = velocity(w + k2 / 2)
            after = w + (k1 + 2 * k2 + 2 * k3 + velocity(w + k3)) / 6
        slope = 2 * numbers.v(w)[:N] @ numbers.jacobian(w)[:N, N:]
        after[N:] -= RATES.discriminator * regularization * slope
        return after

    rule = dynamics.runge_kutta(RATES, order=order, regularization=regularization)
    assert_same(path(numbers, rule), iterated(step, numbers.start))


@pytest.mark.parametrize("numbers", [Numbers(0), Numbers(1, zero_sum=True)], ids=["general sum", "zero sum"])
def test_competitive_is_equation_4_with_one_learning_rate(numbers):
    eta = 0.3

    def step(w):
        v, jacobian = numbers.v(w), numbers.jacobian(w)
        v_x, v_y, mixed_xy, mixed_yx = v[:N], v[N:], jacobian[:N, N:], jacobian[N:, :N]
        x = np.linalg.solve(np.eye(N) - eta**2 * mixed_xy @ mixed_yx, v_x - eta * mixed_xy @ v_y)
        y = np.linalg.solve(np.eye(M) - eta**2 * mixed_yx @ mixed_xy, v_y - eta * mixed_yx @ v_x)
        return w - eta * np.concatenate([x, y])

    rule = dynamics.competitive(Players(eta, eta), iterations=20, tolerance=1e-14)
    assert_same(path(numbers, rule), iterated(step, numbers.start))


def test_competitive_moves_answer_each_other_with_two_learning_rates(numbers):
    """x and y of the docstring's two equations, solved together."""

    def step(w):
        jacobian = numbers.jacobian(w)
        jacobian[:N, :N], jacobian[N:, N:] = 0, 0
        return w + np.linalg.solve(np.eye(N + M) + ETA[:, None] * jacobian, -ETA * numbers.v(w))

    rule = dynamics.competitive(RATES, iterations=20, tolerance=1e-14)
    assert_same(path(numbers, rule), iterated(step, numbers.start))


def test_competitive_stops_after_its_iterations():
    """One iteration of conjugate gradients from zero is a line search along the right-hand side."""
    numbers = Numbers(1, zero_sum=True)
    w, eta = numbers.start, 0.3
    jacobian = numbers.jacobian(w)
    jacobian[:N, :N], jacobian[N:, N:] = 0, 0
    mixed = np.eye(N + M) + eta * jacobian
    target = mixed.T @ numbers.v(w)
    step = (target @ target) / np.sum((mixed @ target) ** 2) * target
    found = path(numbers, dynamics.competitive(Players(eta, eta), iterations=1), steps=1)
    assert_same(found[0], w - eta * step)


def test_lookahead_steps_both_players_back(numbers):
    slow = numbers.start

    def period(w):
        nonlocal slow
        for _ in range(3):
            w = w - ETA * numbers.v(w)
        slow = slow + 0.6 * (w - slow)
        return slow

    found = path(numbers, dynamics.lookahead(dynamics.simultaneous(sgd()), period=3, slow_rate=0.6), steps=6)
    assert_same(found[2::3], iterated(period, numbers.start, steps=2))
    assert_same(found[1], iterated(lambda w: w - ETA * numbers.v(w), numbers.start, steps=2)[1])


def test_schedules_of_the_step_are_learning_rates(numbers):
    t = iter(range(4))
    rates = Players(lambda step: 0.1 / (1 + step), lambda step: 0.1 - 0.02 * step)

    def step(w):
        i = next(t)
        eta = np.repeat([0.1 / (1 + i), 0.1 - 0.02 * i], [N, M])
        return w - eta * (numbers.v(w) + numbers.v(w - eta * numbers.v(w))) / 2

    assert_same(path(numbers, dynamics.runge_kutta(rates, order=2)), iterated(step, numbers.start))
