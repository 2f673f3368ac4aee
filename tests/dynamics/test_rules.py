"""What all rules share: randomness, statistics, info, what they refuse, traced hyper-parameters."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from games_for_tests import bilinear, point_batch, point_game
from tiers import mostly_slow

import jaxgan
from jaxgan import Batch, Players, Turn, dynamics
from jaxgan.devices import compiling_for
from jaxgan.dynamics.move import init_optimizers, move
from jaxgan.dynamics.unrolled import check_differentiable

KEY = jax.random.key(0)
RATES = Players(0.1, 0.2)
SGD = Players(*map(optax.sgd, RATES))
ONE_STEP = {
    "extragradient": dynamics.extragradient(SGD),
    "past_extragradient": dynamics.past_extragradient(SGD),
    "lookahead": dynamics.lookahead(dynamics.simultaneous(SGD), period=1, slow_rate=0.4),
    "optimistic": dynamics.optimistic(SGD),
    "consensus": dynamics.consensus(SGD, 0.5),
    "symplectic_adjustment": dynamics.symplectic_adjustment(SGD),
    "unrolled": dynamics.unrolled(SGD, 2),
    "competitive": dynamics.competitive(RATES, iterations=2),
    "runge_kutta": dynamics.runge_kutta(RATES, order=4, regularization=0.1),
}


def noise():
    """A game whose gradients are random numbers, whatever the parameters."""

    def judge(y, variables, samples, turn):
        g, d = jax.random.normal(turn.stream("noise"), (2,))
        return Players(g * samples.mean(), d * y), (variables, {})

    return bilinear()._replace(judge=judge)


def noise_at(step):
    turn = Turn(point_batch(), jax.random.fold_in(KEY, step), jnp.int32(step))
    return np.asarray(jax.random.normal(turn.stream("noise"), (2,)))


def points(game, rule, steps):
    """`[steps + 1, 2]`, the start included."""
    algorithm, batch = jaxgan.algorithm(game, rule), point_batch()
    state, step = algorithm.init(KEY, batch), jax.jit(algorithm.step)
    path = [state.params]
    for _ in range(steps):
        state, _ = step(state, batch, KEY)
        path.append(state.params)
    return np.array(path)


@pytest.mark.parametrize("name", ONE_STEP)
def test_all_evaluations_of_a_step_see_the_same_randomness(name):
    start, first, second = points(noise(), ONE_STEP[name], 2)
    factor = {"lookahead": 0.4, "optimistic": 2}.get(name, 1)
    np.testing.assert_allclose(first - start, -factor * np.array(RATES) * noise_at(0), rtol=1e-5)
    before = noise_at(0) if name == "optimistic" else 0
    np.testing.assert_allclose(second - first, -np.array(RATES) * (factor * noise_at(1) - before), rtol=1e-5)


@pytest.mark.parametrize(
    ("discriminator_steps", "generator_parts", "seen_by_discriminator", "seen_by_generator"),
    [(1, 0, 2.5, 2.5), (1, 1, 2.0, 3.0), (2, 1, 1.5 + 2.5, 3.5), (1, 2, 1.5, 3.0)],
)
@pytest.mark.parametrize("first", ["discriminator", "generator"])
def test_the_generator_may_move_on_rows_of_its_own(
    first, discriminator_steps, generator_parts, seen_by_discriminator, seen_by_generator
):
    """Players that move by the mean of the real rows 0 ... 5; parts of n are the rows i::n."""

    def judge(y, variables, samples, turn):
        mean = turn.batch.real.mean()
        return Players(-samples.mean() * mean, -y * mean), (variables, {})

    rule = dynamics.alternating(
        SGD, discriminator_steps=discriminator_steps, generator_parts=generator_parts, first=first
    )
    game = bilinear()._replace(judge=judge)
    algorithm, batch = jaxgan.algorithm(game, rule), Batch(jnp.arange(6.0)[:, None])
    start = algorithm.init(KEY, batch)
    moved = jax.tree.map(jnp.subtract, algorithm.step(start, batch, KEY)[0].params, start.params)
    expected = Players(0.1 * seen_by_generator, 0.2 * seen_by_discriminator)
    np.testing.assert_allclose(jnp.stack(moved).ravel(), expected, rtol=1e-5)


def test_the_generator_s_own_rows_have_latents_of_their_own():
    drawn = []

    def generate(x, variables, turn):
        drawn.append(turn.draw("latent", jax.random.normal))
        return jnp.ones((turn.rows(), 1)) * x, variables

    algorithm = jaxgan.algorithm(bilinear()._replace(generate=generate), dynamics.alternating(SGD, generator_parts=1))
    batch = Batch(jnp.zeros((4, 1)))
    state = algorithm.init(KEY, batch)
    drawn.clear()  # of the trace that checks the step
    algorithm.step(state, batch, KEY)
    assert len(np.unique(np.concatenate(drawn))) == 4


def witness():
    """The bilinear game, whose variables after an evaluation are the point where it was."""
    game = bilinear()

    def generate(x, variables, turn):
        return game.generate(x, variables, turn)[0], x

    def judge(y, variables, samples, turn):
        return game.judge(y, variables, samples, turn)[0], (y, {"judged": y})

    return game._replace(init=lambda *a: (game.init(*a)[0],) * 2, generate=generate, judge=judge)


@pytest.mark.parametrize("name", ONE_STEP)
def test_variables_and_info_are_those_of_the_evaluation_at_the_current_point(name):
    """Also where lookahead's parameters step back; past extragradient knows the extrapolated point alone."""
    algorithm, batch = jaxgan.algorithm(witness(), ONE_STEP[name]), point_batch()
    state, step = algorithm.init(KEY, batch), jax.jit(algorithm.step)
    points = [state.params]
    for _ in range(2):
        state, info = step(state, batch, KEY)
        points.append(state.params)
    x, y = evaluated = 2 * np.array(points[1]) - points[0] if name == "past_extragradient" else points[1]
    np.testing.assert_allclose(state.variables, evaluated, rtol=1e-5)
    loss = x * (y + 2 * RATES.discriminator * x if name == "unrolled" else y)
    slope = y + 4 * RATES.discriminator * x if name == "unrolled" else y
    expected = {
        "judged": y,
        "loss_generator": loss,
        "loss_discriminator": -x * y,
        "gradient_norm_generator": abs(slope),
        "gradient_norm_discriminator": abs(x),
    }
    assert info.keys() == expected.keys()
    for key, value in expected.items():
        np.testing.assert_allclose(info[key], value, rtol=1e-4)


def test_the_average_takes_in_the_fast_weights_of_lookahead():
    rule = dynamics.lookahead(dynamics.simultaneous(SGD), period=2)
    algorithm, batch = jaxgan.algorithm(bilinear(), rule, ema_decay=0.0), point_batch()
    state, _ = jax.jit(algorithm.step)(algorithm.init(KEY, batch), batch, KEY)
    fast, slow = 0.6 - RATES.generator * -0.8, 0.6
    np.testing.assert_allclose(state.average.params, fast, rtol=1e-6)
    np.testing.assert_allclose(state.memory.slow.generator, slow, rtol=1e-6)


def test_slow_weights_start_as_a_copy_so_that_a_state_can_be_donated():
    x, y = params = Players(jnp.ones(2), jnp.ones(3))
    slow = dynamics.lookahead(dynamics.simultaneous(SGD)).init(params).slow
    assert len({leaf.unsafe_buffer_pointer() for leaf in (x, y, *slow)}) == 4


@mostly_slow(
    ("optimizer", "optimistic"),
    [
        (optax.sgd(0.1), optax.optimistic_gradient_descent(0.1)),
        (optax.adam(0.1), optax.optimistic_adam_v2(0.1, nesterov=False)),
    ],
    quick=1,
)
def test_optax_s_optimistic_optimizers_differ_in_the_first_step_alone(optimizer, optimistic):
    ours = points(noise(), dynamics.optimistic(Players(optimizer, optimizer)), 4)
    theirs = points(noise(), dynamics.simultaneous(Players(optimistic, optimistic)), 4)
    difference = ours - theirs
    assert np.abs(difference[1]).min() > 0.01
    np.testing.assert_allclose(difference[2:], difference[1:-1], atol=1e-6)


@pytest.mark.parametrize("optimizer", [optax.adam(0.1), optax.adamw(0.1), optax.rmsprop(0.1, eps_in_sqrt=False)])
def test_unrolling_an_optimizer_without_a_derivative_is_refused(optimizer):
    algorithm = jaxgan.algorithm(bilinear(), dynamics.unrolled(Players(optax.adam(0.1), optimizer), 2))
    with pytest.raises(ValueError, match=r"optimizers.discriminator has no finite derivative.*eps_root=1e-8"):
        algorithm.init(KEY, point_batch())


def where_a_gradient_is_zero(optimizer):
    """The generator after an unrolled step in x·y from x = (0, 1)."""
    start = np.array([[0.0, 1.0], [0.5, -0.5]], np.float32)
    game = point_game(lambda x, y: Players(x @ y, -x @ y), start)
    optimizers = Players(optax.sgd(0.1), optimizer)
    params, variables = game.init(KEY, point_batch())
    turn = Turn(point_batch(), KEY, jnp.int32(0))
    rule = dynamics.unrolled(optimizers, 1)
    return jax.jit(lambda m: rule.update(game, params, variables, m, turn))(init_optimizers(optimizers, params))[0]


@pytest.mark.parametrize(
    "optimizer",
    [optax.adam(0.1, eps_root=1e-8), optax.rmsprop(0.1), optax.chain(optax.clip_by_global_norm(0.1), optax.sgd(0.1))],
)
def test_unrolling_an_optimizer_with_a_derivative_is_finite_where_a_gradient_is_zero(optimizer):
    assert np.isfinite(where_a_gradient_is_zero(optimizer).generator).all()
    check_differentiable(optimizer, jnp.ones((3, 2)))


def test_unrolling_the_refused_adam_would_be_nan():
    assert np.isnan(where_a_gradient_is_zero(optax.adam(0.1)).generator).any()


@mostly_slow(
    "rule_of",
    [
        lambda x: dynamics.consensus(SGD, x),
        lambda x: dynamics.lookahead(dynamics.simultaneous(SGD), period=2, slow_rate=x),
        lambda x: dynamics.runge_kutta(Players(x, 0.1), order=2, regularization=x),
        lambda x: dynamics.competitive(Players(x, 0.2)),
        lambda x: dynamics.unrolled(Players(optax.sgd(x), optax.adam(x, eps_root=1e-4)), 2),
    ],
    ids=["consensus", "lookahead", "runge_kutta", "competitive", "unrolled"],
    quick=["lookahead"],
)
def test_hyperparameters_may_be_traced_in_a_population(rule_of):
    values = jnp.array([0.1, 0.4])
    batch = point_batch()
    members = jaxgan.population(lambda x: jaxgan.algorithm(bilinear(), rule_of(x)), values)
    state, step = members.init(KEY, batch), jax.jit(members.step)
    for _ in range(2):
        state, _ = step(state, batch, KEY)
    for i, value in enumerate([0.1, 0.4]):
        expected = points(bilinear(), rule_of(value), 2)[-1]
        np.testing.assert_allclose([p[i] for p in state.params], expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "rule",
    [
        dynamics.extragradient,
        dynamics.past_extragradient,
        dynamics.optimistic,
        dynamics.symplectic_adjustment,
        dynamics.unrolled,
        lambda optimizers: dynamics.consensus(optimizers, 1.0),
    ],
)
@pytest.mark.parametrize(
    ("wrong", "got"),
    [
        ((optax.sgd(0.1), optax.sgd(0.1)), "tuple of Grad.*, Grad"),
        (Players(0.1, 0.1), "Players of float, float"),
        (Players(optax.adam, optax.adam), "Players of the function adam, which may have to be called"),
        (optax.sgd(0.1), "Gradient[A-Za-z]*$"),
    ],
)
@pytest.mark.usefixtures("without_shape_checks")
def test_what_are_no_optimizers_is_refused(rule, wrong, got):
    with pytest.raises(TypeError, match=rf"optimizers must be jaxgan\.Players\(generator, .* optax optim.*; got {got}"):
        rule(wrong)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: dynamics.consensus(SGD, -1.0), "gamma must be at least 0, got -1.0"),
        (lambda: dynamics.unrolled(SGD, 0), "k must be a whole number of at least 1, got 0"),
        (lambda: dynamics.lookahead(dynamics.simultaneous(SGD), period=0), "period must be a whole number"),
        (lambda: dynamics.lookahead(dynamics.simultaneous(SGD), slow_rate=1.0), "slow_rate must be less than 1"),
        (lambda: dynamics.runge_kutta(RATES, order=3), "order must be one of 2, 4; got 3"),
        (lambda: dynamics.runge_kutta(RATES, regularization=-0.1), "regularization must be at least 0"),
        (lambda: dynamics.runge_kutta(Players(0.1, -0.1)), "learning_rates.discriminator must be at least 0, got -0.1"),
        (lambda: dynamics.competitive(RATES, iterations=0), "iterations must be a whole number of at least 1, got 0"),
        (lambda: dynamics.competitive(RATES, tolerance=-1.0), "tolerance must be at least 0"),
    ],
)
@pytest.mark.usefixtures("without_shape_checks")
def test_options_out_of_range_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: dynamics.runge_kutta(0.1), r"learning_rates must be Players\(generator, discriminator\), got 0.1"),
        (lambda: dynamics.competitive(SGD), "learning_rates.generator must be a number"),
        (lambda: dynamics.lookahead(SGD), "inner must be a rule"),
    ],
)
@pytest.mark.usefixtures("without_shape_checks")
def test_wrong_kinds_are_refused(call, message):
    with pytest.raises(TypeError, match=message):
        call()


@pytest.mark.parametrize("platform", ["cpu", "gpu"])
def test_optimizers_of_gpus_see_gradients_in_the_layout_of_the_parameters(platform):
    """Which on the CPU they have anyway: the same numbers, for members side by side too."""
    optimizer, params = optax.adam(0.1), {"kernel": jnp.ones((2, 3, 4)), "bias": jnp.ones(4)}

    def step(scale):
        gradient = jax.tree.map(lambda p: scale * p, params)
        with compiling_for(platform):
            return move(optimizer, gradient, optimizer.init(params), params)[0]

    assert str(jax.make_jaxpr(step)(1.0)).count("layout_constraint") == (platform == "gpu")
    for moved in (jax.jit(step)(1.0), jax.tree.map(lambda x: x[1], jax.vmap(step)(jnp.array([2.0, 1.0])))):
        jax.tree.map(lambda x: np.testing.assert_allclose(x, 0.9, rtol=1e-5), moved)
