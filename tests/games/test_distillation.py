"""DMD2 against closed forms: the gradient of two Gaussians, what each player's loss moves, and the two phases."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import jaxgan
from jaxgan import Batch, Players, Turn, dynamics, losses
from jaxgan.games import denoising
from jaxgan.games.distillation import SHARES, Critic, matching_gradient
from jaxgan.networks.adapter import Network

KEY, ROWS = jax.random.key(0), 64
X = 0.3 + 0.5 * np.random.default_rng(0).standard_normal((ROWS, 2)).astype(np.float32)
TURN = Turn(Batch(jnp.asarray(X)), KEY, jnp.zeros((), jnp.int32))


def of_gaussian(params, x, level):
    """The best denoiser of N(mean, deviation²); the parameters are both."""
    mean, deviation = params["mean"], params["deviation"]
    share = deviation**2 / (deviation**2 + level[:, None] ** 2)
    return mean + share * (x - mean)


def gaussian():
    def init(key, x, condition):
        return {"mean": jnp.array(0.1), "deviation": jnp.array(0.8)}, {}

    def apply(params, variables, x, condition, *, train, key):
        return of_gaussian(params, x, condition), variables

    def apply_with_features(params, variables, x, condition, *, key):
        return (of_gaussian(params, x, condition), params["mean"] * x), variables

    return Network(init, apply, apply_with_features)


def summed():
    """The head: a multiple of the sum of the features."""

    def apply(params, variables, x, condition, *, train, key):
        return params * jnp.sum(x, axis=1), variables

    return Network(lambda key, x, condition: (jnp.array(0.3), {}), apply)


def parts_of(**options):
    return jaxgan.distilled(gaussian(), summed(), (2,), loss=losses.non_saturating(), **options)


def started(parts, critic=None):
    params, variables = parts.game.init(KEY, TURN.batch)
    if critic is not None:
        params = params._replace(discriminator=Critic(critic, params.discriminator.head))
    samples, _ = parts.game.generate(params.generator, variables.generator, TURN)
    return params, variables, samples


def test_the_gradient_is_in_the_direction_of_the_kl_of_two_gaussians():
    """For N(m, s²) and N(μ, r²) with noise, d KL/dy has the integrand (y − μ)/(r² + σ²) − (y − m)/(s² + σ²).

    C − T is σ² times that: D(y; σ) − y = σ² · score. The size is the mean of |x − T| in the row.
    """
    x, y, level = jnp.array([[0.4, -1.0]]), jnp.array([[0.7, -0.2]]), jnp.array([0.6])
    mine, true = {"mean": 0.2, "deviation": 0.5}, {"mean": -0.3, "deviation": 0.9}
    teacher, critic = (of_gaussian(params, y, level) for params in (true, mine))
    scores = [(params["mean"] - y) / (params["deviation"] ** 2 + 0.36) for params in (mine, true)]
    expected = 0.36 * (scores[0] - scores[1]) / np.mean(np.abs(x - teacher))
    np.testing.assert_allclose(matching_gradient(x, teacher, critic), expected, rtol=1e-5)


def test_where_the_critic_is_the_teacher_nothing_moves_the_student_but_the_adversary():
    params, variables, samples = started(parts_of(adversarial_weight=0.0))
    pressure = jax.grad(
        lambda x: (
            parts_of(adversarial_weight=0.0)
            .game.judge(params.discriminator, variables.discriminator, x, TURN)[0]
            .generator
        )
    )(samples)
    np.testing.assert_array_equal(pressure, 0)
    assert float(jnp.abs(matching_gradient(*3 * [jnp.asarray(X)])).max()) == 0


def test_a_student_to_the_right_of_its_teacher_is_moved_to_the_left():
    parts = parts_of(adversarial_weight=0.0)
    params, variables, samples = started(parts, {"mean": jnp.array(0.6), "deviation": jnp.array(0.8)})
    pressure = jax.grad(
        lambda x: parts.game.judge(params.discriminator, variables.discriminator, x, TURN)[0].generator
    )(samples)
    assert float(pressure.min()) > 0


def test_the_losses_by_hand():
    """Both from the same noisy samples; the weights are 3e-3 and 1e-2, as in the authors' program for ImageNet."""
    parts, own = parts_of(), {"mean": jnp.array(-0.2), "deviation": jnp.array(0.6)}
    params, variables, x = started(parts, own)
    values, (_, info) = parts.game.judge(params.discriminator, variables.discriminator, x, TURN)
    noisy = {}
    for name, rows in (("fake", x), ("real", jnp.asarray(X))):
        turn = TURN.within(name)
        level = denoising.spaced(turn, *SHARES)
        noisy[name] = np.asarray(denoising.noised(rows, level, turn)), np.asarray(level)
    (y, level), (y_real, _), x = noisy["fake"], noisy["real"], np.asarray(x)
    teacher, critic = (np.asarray(of_gaussian(p, y, level)) for p in (params.generator, own))
    slope = (critic - teacher) / np.abs(x - teacher).mean(axis=1, keepdims=True)
    real, fake = (0.3 * -0.2 * np.sum(rows, axis=1) for rows in (y_real, y))
    weight = (level**2 + 0.25) / (level * 0.5) ** 2
    error = float(np.mean(weight[:, None] * (critic - x) ** 2))
    adversary = np.mean(np.logaddexp(0, -fake)), np.mean(np.logaddexp(0, -real) + np.logaddexp(0, fake))
    assert float(values.generator) == pytest.approx(np.mean(slope**2) / 2 + 3e-3 * adversary[0], rel=1e-4)
    assert float(values.discriminator) == pytest.approx(error + 1e-2 * adversary[1], rel=1e-4)
    assert float(info["critic_loss"]) == pytest.approx(error, rel=1e-4)


def test_samples_are_one_call_at_the_most_noise_in_the_units_of_the_data():
    """A deviation of 5 makes everything ten times as large."""
    z = jnp.array([[1.0, -1.0]])
    for deviation in (0.5, 5.0):
        parts = parts_of(deviation=deviation)
        params, variables, _ = started(parts)
        found = parts.game.sample(params.generator, variables.generator, KEY, 1, None, z)
        expected = of_gaussian(params.generator, 80 * z, jnp.array([80.0])) * deviation / 0.5
        np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert parts.game.sample(params.generator, variables.generator, KEY, 3).shape == (3, 2)


def test_samples_can_be_exported_for_any_number_of_rows():
    parts = parts_of()
    params, variables, _ = started(parts)
    (rows,) = jax.export.symbolic_shape("rows")
    z = jax.ShapeDtypeStruct((rows, 2), jnp.float32)
    exported = jax.export.export(
        jax.jit(lambda z: parts.game.sample(params.generator, variables.generator, KEY, 1, None, z))
    )
    made = exported(z).call(jnp.ones((3, 2)))
    np.testing.assert_allclose(made, of_gaussian(params.generator, 80 * jnp.ones((3, 2)), jnp.full(3, 80.0)), rtol=1e-5)


def two_phases(rule, steps, rate=0.01):
    parts = parts_of()
    alone = dynamics.pretrained(rule, parts.teaching, optax.sgd(rate), steps=steps, hand_over=parts.hand_over)
    return parts, jaxgan.algorithm(parts.game, alone, ema_decay=0.0)


SGD = Players(optax.sgd(0.01), optax.sgd(0.01))


def test_first_the_teacher_learns_then_it_rests_and_the_others_begin_as_it_is():
    parts, algorithm = two_phases(dynamics.simultaneous(SGD), 2)
    first = jax.device_get(algorithm.init(KEY, TURN.batch))
    step = jaxgan.jitted(algorithm.step)
    state = jax.device_get(step(step(first, TURN.batch, KEY)[0], TURN.batch, KEY)[0])
    learned = state.params.generator
    assert learned["mean"] != first.params.generator["mean"]
    for other in (state.params.discriminator.denoiser, state.variables.discriminator[0].value):
        jax.tree.map(np.testing.assert_array_equal, other, learned)
    assert state.params.discriminator.head == first.params.discriminator.head
    after = jax.device_get(step(state, TURN.batch, KEY)[0])
    jax.tree.map(np.testing.assert_array_equal, after.variables.discriminator[0].value, learned)
    for moved in (after.params.generator, after.params.discriminator.denoiser):
        assert moved["mean"] != learned["mean"]
    found = parts.teacher(after, jnp.ones((1, 2)), 1)
    np.testing.assert_allclose(found, of_gaussian(learned, 80 * jnp.ones((1, 2)), jnp.array([80.0])), rtol=1e-5)


@pytest.mark.slow
def test_a_student_reaches_its_teacher():
    """Data N(0.3, 0.5²): a teacher that knows them, and a student N(0.1, (0.8²/80)²), whose deviation is to be 6.3."""
    rule = dynamics.alternating(Players(optax.adam(3e-2, b1=0.0), optax.adam(1e-2, b1=0.0)))
    algorithm = jaxgan.algorithm(parts_of(adversarial_weight=0.0).game, rule, ema_decay=0.9)
    state = algorithm.init(KEY, TURN.batch)
    (kept, head) = state.variables.discriminator
    truth = {"mean": jnp.array(0.3), "deviation": jnp.array(0.5)}
    state = state._replace(variables=Players({}, (kept._replace(value=truth), head)))
    step = jaxgan.jitted(algorithm.step)
    for _ in range(800):
        state, _ = step(state, TURN.batch, KEY)
    samples = np.asarray(algorithm.sample(state, jax.random.key(1), 2000))
    assert samples.mean() == pytest.approx(0.3, abs=0.05)
    assert samples.std() == pytest.approx(0.5, abs=0.05)


@pytest.mark.slow
@pytest.mark.parametrize(
    "rule",
    [dynamics.simultaneous(SGD), dynamics.extragradient(SGD), dynamics.consensus(SGD, 0.1)],
    ids=["simultaneous", "extragradient", "consensus"],
)
def test_three_rules_move_both_players_and_leave_the_teacher(rule):
    _, algorithm = two_phases(rule, 1)
    state = jax.device_get(algorithm.init(KEY, TURN.batch))
    step = jaxgan.jitted(algorithm.step)
    state = moved = jax.device_get(step(state, TURN.batch, KEY)[0])
    for _ in range(3):
        moved, info = jax.device_get(step(moved, TURN.batch, KEY))
    assert np.isfinite(info["loss_generator"])
    jax.tree.map(np.testing.assert_array_equal, moved.variables, state.variables)
    for before, after in zip(*map(jax.tree.leaves, (state.params, moved.params)), strict=True):
        assert np.isfinite(after)
        assert before != after


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"deviation": 0.0}, "deviation must be above 0, got 0.0"),
        ({"adversarial_weight": -1.0}, "adversarial_weight"),
        ({"critic_weight": -1.0}, "critic_weight"),
    ],
)
def test_options_out_of_range_are_named(options, said):
    with pytest.raises(ValueError, match=said):
        parts_of(**options)


def test_networks_that_do_not_fit_are_named():
    plain = gaussian()
    with pytest.raises(ValueError, match="denoiser must have features"):
        jaxgan.distilled(plain._replace(apply_with_features=None), summed(), (2,), loss=losses.non_saturating())
    with pytest.raises(ValueError, match=r"the data must have shape \(3,\), got \(2,\)"):
        jaxgan.distilled(plain, summed(), (3,), loss=losses.non_saturating()).game.init(KEY, TURN.batch)
    moving = plain._replace(init=lambda *given: (plain.init(*given)[0], {"mean": jnp.zeros(2)}))
    with pytest.raises(ValueError, match="denoiser must have no variables"):
        jaxgan.distilled(moving, summed(), (2,), loss=losses.non_saturating()).game.init(KEY, TURN.batch)
