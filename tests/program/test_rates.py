"""What a configuration says of rates, decays and weights is what the players and the average get, at every step."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from recipes_for_tests import build, configured, flat
from tiers import mostly_slow

import jaxgan
from jaxgan import Batch, Game, Players
from jaxgan.algorithms import WARMUP
from jaxgan.games.weight import at
from jaxgan.optimizers import AdamState
from jaxgan.recipes.gan import GAN
from jaxgan.recipes.presets import PRESETS
from jaxgan.recipes.rates import BurnIn
from jaxgan.recipes.recipe import DataShape
from jaxgan.recipes.rules import parts

STEPS, BURN_IN = 12, 5
START, END = Players(0.4, 0.8), Players(0.1, 0.2)


def burnt_in(start, end, t):
    """The definition: half a cosine within the burn-in, and then the end."""
    return end + (start - end) * (1 + np.cos(np.pi * min(t / BURN_IN, 1))) / 2


SCHEDULES = {
    "constant": ({}, lambda rate, t: rate),
    "cosine": ({"schedule": "cosine"}, lambda rate, t: rate * (1 + np.cos(np.pi * t / STEPS)) / 2),
    "linear": ({"schedule": "linear"}, lambda rate, t: rate * (1 - t / STEPS)),
    "half linear": (
        {"schedule": "linear", "constant_share": 0.5},
        lambda rate, t: rate * min(1, 2 * (1 - t / STEPS)),
    ),
    "burn-in": (
        {"schedule": "burn_in", "burn_in": BURN_IN, "burn_in_rate": 4.0},
        lambda rate, t: burnt_in(4 * rate, rate, t),
    ),
}
RULES = [
    ("simultaneous", 1),
    ("alternating", 1),
    ("alternating", 2),
    ("alternating", 5),
    ("extragradient", 1),
    ("past_extragradient", 1),
    ("optimistic", 1),
    ("symplectic_adjustment", 1),
]


def critic(steps):
    return {"discriminator_steps": steps} if steps > 1 else {}


def slope(config):
    """A game of two numbers whose gradients are 1 everywhere; its info has the weight of a penalty."""

    def judge(psi, variables, samples, turn):
        schedule = config.recipe.rates.schedule
        weight = at(schedule.penalty(0.3), turn.step) if isinstance(schedule, BurnIn) else 0.3
        return Players(samples.mean(), psi), (variables, {"weight": jnp.asarray(weight)})

    def generate(theta, variables, turn):
        return jnp.broadcast_to(theta, turn.rows()), variables

    return Game(lambda key, batch: (Players(jnp.zeros(()), jnp.zeros(())), Players({}, {})), generate, judge, None)


def run(config):
    """After each step: both parameters, ∏ β2 of both optimizers, the average, the infos."""
    recipe = config.recipe
    rule = recipe.rule.dynamics(recipe.rates, STEPS)
    algorithm = jaxgan.algorithm(slope(config), rule, ema_decay=recipe.average.decay(recipe.rates.schedule))
    batch = Batch(jnp.zeros((parts(recipe.rule), 1)))

    @jax.jit
    def whole():
        def body(state, _):
            state, info = algorithm.step(state, batch, jax.random.key(0))
            adams = jax.tree.leaves(state.memory, is_leaf=lambda x: isinstance(x, AdamState))
            unseen = [1 - adam.weights[1] for adam in adams if isinstance(adam, AdamState)]
            return state, (state.params, unseen, state.average.params, info)

        return jax.lax.scan(body, algorithm.init(jax.random.key(0), batch), None, STEPS)[1]

    return whole()


def steps_of(positions):
    return -np.diff(np.concatenate([[0.0], positions]))


@pytest.mark.slow
@pytest.mark.parametrize(("rule", "critic_steps"), RULES)
def test_a_learning_rate_is_that_of_the_step_under_every_rule_and_number_of_critic_steps(rule, critic_steps):
    """Adam without memory moves by its rate where the gradient is 1."""
    for options, definition in SCHEDULES.values():
        config = configured(
            rule=rule, **critic(critic_steps), b1=0.0, b2=0.0,
            generator_rate=END.generator, discriminator_rate=END.discriminator, steps=STEPS, **options,
        )  # fmt: skip
        params, *_ = run(config)
        for player, rate, times in zip(params, END, (1, critic_steps), strict=True):
            right = np.array([definition(rate, t) for t in range(STEPS)])
            if rule == "optimistic":
                right = 2 * right - np.concatenate([[0.0], right[:-1]])
            np.testing.assert_allclose(steps_of(player), times * right, rtol=1e-4, atol=1e-7, err_msg=str(options))


@mostly_slow(("rule", "critic_steps"), RULES, quick=[("simultaneous", 1), ("alternating", 2)])
def test_a_burn_in_ends_after_its_steps_under_every_rule_and_number_of_critic_steps(rule, critic_steps):
    """β2, penalties and the average; learning rates stand above."""
    decay = 0.9
    config = configured(
        rule=rule, **critic(critic_steps), steps=STEPS,
        b1=0.0, b2=0.8, schedule="burn_in", burn_in=BURN_IN, burn_in_b2=0.3, burn_in_penalty=10.0,
        r1=1.0, ema_decay=decay,
    )  # fmt: skip
    params, unseen, average, info = run(config)
    moves = 2 if "extragradient" in rule else 1
    beta2 = np.array([burnt_in(0.3, 0.8, t) for t in range(STEPS)])
    for player, times in zip(unseen, (moves, moves * critic_steps), strict=True):
        np.testing.assert_allclose(player, np.cumprod(beta2**times), rtol=1e-3, atol=2e-7)
    np.testing.assert_allclose(info["weight"], [burnt_in(3.0, 0.3, t) for t in range(STEPS)], rtol=1e-5)
    half_life = np.log(0.5) / np.log(decay)
    mean, right = 0.0, []
    for t, current in enumerate(np.asarray(params.generator)):
        d = 2 ** (-1 / burnt_in(0, half_life, t)) if t else 0.0
        mean = d * mean + (1 - d) * current
        right.append(mean)
    np.testing.assert_allclose(average, right, rtol=1e-4)


@pytest.fixture
def decay_at(monkeypatch):
    """The decay of a built run at a step: what is left of an average of 1 where the generator stays at 0."""

    def get(config, step):
        monkeypatch.setattr(GAN, "game", lambda self, *_: slope(config))
        algorithm = build(config.replace(generator_rate=0.0), DataShape((1,), None))
        batch = Batch(jnp.zeros((config.program.batch_size, 1)))
        state = algorithm.init(jax.random.key(0), batch)
        state = state._replace(step=jnp.int32(step), average=state.average._replace(params=jnp.ones(())))
        return float(algorithm.step(state, batch, jax.random.key(0))[0].average.params)

    return get


def half_life(decay):
    return -1 / np.log2(np.float64(decay))


@pytest.mark.parametrize(
    ("preset", "step", "right", "tolerance"),
    [
        # R3GAN's program: half-life 5,000,000 images at the end of 20,000,000 images of burn-in, in steps of 512
        ("r3gan-cifar10", 39_062, 5_000_000 / 512, 2e-3),
        ("r3gan-cifar10", 19_531, 2_500_000 / 512, 2e-3),
        # stylegan2-ada-pytorch, paper256: --ema 20 (thousand images), no ramp, in steps of 64
        ("stylegan2-ffhq-256", 10, 20_000 / 64, 1e-4),
        # cifar: --ema 500, ramp 0.05: the half-life is 0.05 of the images so far, and at most 500,000
        ("stylegan2-ada-cifar10", 50_000, 0.05 * 50_000, 1e-3),
        ("stylegan2-ada-cifar10", 200_000, 500_000 / 64, 2e-3),
        # BigGAN-PyTorch: 0.9999 from its iteration 1000 on, which is the thousandth
        ("biggan-cifar10", 999, np.log(0.5) / np.log(0.9999), 2e-3),
    ],
)
def test_the_half_life_of_the_average_is_that_of_the_papers_program(decay_at, preset, step, right, tolerance):
    assert half_life(decay_at(PRESETS[preset].config, step)) == pytest.approx(right, rel=tolerance)


@pytest.mark.parametrize(("preset", "step"), [("biggan-cifar10", 998), ("r3gan-cifar10", 0)])
def test_the_average_is_the_generator_before_it_starts(decay_at, preset, step):
    assert decay_at(PRESETS[preset].config, step) == 0


@pytest.mark.parametrize("name", PRESETS)
def test_the_decay_of_every_preset_is_reached_within_its_run(name):
    config = PRESETS[name].config
    average, steps, burn_in = config.recipe.average, config.program.steps, flat(config).get("burn_in", 0)
    if burn_in == 0:
        warmup = WARMUP if average.ema_warmup is None else average.ema_warmup
        assert average.ema_start > 0 or average.ema_decay <= steps / (warmup + steps - 1)
    assert max(burn_in, average.ema_start) < steps


def test_the_warm_up_is_what_the_option_says(decay_at):
    config = configured(ema_decay=0.999)
    assert decay_at(config, 89) == pytest.approx(90 / 99, rel=1e-6)
    assert decay_at(config.replace(ema_warmup=4.0), 89) == pytest.approx(90 / 93, rel=1e-6)
    assert decay_at(config.replace(ema_warmup=1.0), 0) == pytest.approx(0.999, rel=1e-6)
    assert decay_at(config.replace(ema_start=5), 5) == pytest.approx(0.999, rel=1e-6)
