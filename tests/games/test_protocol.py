"""What a researcher passes by mistake is named by its argument, before anything of a step is compiled."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from games_for_tests import SmallNetwork
from tiers import mostly_slow

import jaxgan
from jaxgan import Batch, Game, Players, dynamics, losses, networks, penalties
from jaxgan.devices import global_mean

RULE = dynamics.alternating(Players(optax.sgd(0.1), optax.sgd(0.1)))
POINTS = Batch(jnp.zeros((4, 2)))


def game(**options):
    options = {"loss": losses.non_saturating(), "latent_size": 3} | options
    return jaxgan.gan(
        networks.MLPGenerator(output_shape=(2,), hidden=(4,), squash=False), networks.MLPDiscriminator((4,)), **options
    )


def init(game, batch=POINTS):
    return jaxgan.algorithm(game, RULE).init(jax.random.key(0), batch)


def broken(part, function):
    """A good game with one of its functions replaced."""
    return game()._replace(**{part: function})


def pair(real, fake):
    return jax.nn.softplus(fake), jax.nn.softplus(-real)


def scalar(real, fake):
    return Players(global_mean(fake), global_mean(real))


MISTAKES = {
    "a factory of losses": (
        lambda: game(loss=losses.hinge),
        r"loss must be a function \(real_logits, fake_logits\).*hinge\(\)",
    ),
    "a factory of losses with options": (
        lambda: game(loss=losses.minimax),
        r"loss must be a function.*minimax\(label_smoothing",
    ),
    "a loss that is none": (lambda: game(loss="hinge"), "loss must be a function.*got 'hinge'"),
    "a loss that returns a tuple": (lambda: init(game(loss=pair)), "loss must return Players.*got tuple"),
    "a loss that returns means": (
        lambda: init(game(loss=scalar)),
        r"loss must return a value for each logit, shape \(4,\)",
    ),
    "a factory of penalties": (
        lambda: game(penalties=[penalties.r1]),
        r"each of penalties must be a function \(critic, real, fake, turn\).*call it: r1",
    ),
    "a penalty outside a list": (lambda: game(penalties=penalties.r1(1.0)), "penalties must be a list"),
    "a penalty for each row": (
        lambda: init(game(penalties=[lambda critic, real, fake, turn: critic(real) ** 2])),
        r"each of penalties must return a scalar.*shape \(4,\)",
    ),
    "a penalty that returns nothing": (
        lambda: init(game(penalties=[lambda critic, real, fake, turn: None])),
        "each of penalties must return a scalar.*NoneType",
    ),
    "no game": (lambda: jaxgan.algorithm(networks.MLPGenerator((2,)), RULE), "game must be a Game.*MLPGenerator"),
    "no rule": (lambda: jaxgan.algorithm(game(), optax.sgd(0.1)), "dynamics must be a Dynamics"),
    "a rule that was not called": (
        lambda: jaxgan.algorithm(game(), dynamics.alternating),
        "function alternating.*called",
    ),
    "game and rule exchanged": (lambda: jaxgan.algorithm(RULE, game()), "game must be a Game.*got Dynamics"),
    "samples alone": (
        lambda: init(broken("generate", lambda params, variables, turn: jnp.zeros((4, 2)))),
        r"game.generate must return \(samples, variables\)",
    ),
    "losses alone": (
        lambda: init(broken("judge", lambda params, variables, samples, turn: Players(0.0, 0.0))),
        "game.judge must return",
    ),
    "losses of rows": (
        lambda: init(broken("judge", lambda p, v, samples, turn: (Players(samples[:, 0], samples[:, 0]), (v, {})))),
        "the loss of the generator must be a scalar",
    ),
    "parameters of one network": (
        lambda: init(broken("init", lambda key, batch: ({}, Players({}, {})))),
        "game.init must return .params, variables., each Players; its parameters are dict",
    ),
    "variables that grow": (
        lambda: init(broken("generate", lambda p, v, turn: (jnp.zeros((4, 2)), {"count": jnp.ones(())}))),
        "game.generate changes the structure of the variables",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_wrong_part_is_named(mistake, without_shape_checks):
    make, message = MISTAKES[mistake]
    with pytest.raises((ValueError, TypeError), match=re.compile(message, re.DOTALL)) as caught:
        make()
    assert isinstance(caught.value, jaxgan.errors.UserError)


VECTORS = jnp.zeros((4, 5))
BATCHES = {
    "vectors that nobody is told": (
        Batch(jnp.zeros((4, 2)), VECTORS),
        r"the condition holds float32 \[4, 5\], which neither network uses.*conditions.nothing\(\)",
    ),
    "images that nobody is told": (
        Batch(jnp.zeros((4, 2)), {"source": jnp.zeros((4, 8, 8, 1))}),
        r"float32 \[4, 8, 8, 1\], which neither network uses.*conditions.like",
    ),
    "a bare array": (jnp.zeros((4, 2)), "batch must be a jaxgan.Batch.*array of float32"),
    "a plain tuple": ((jnp.zeros((4, 2)), None), "batch must be a jaxgan.Batch.*tuple"),
    "bytes": (Batch(np.zeros((4, 2), np.uint8)), "batch.real must be floating-point.*uint8"),
    "pixels": (Batch(np.full((4, 8, 8, 1), 200.0, np.float32)), "batch.real holds whole numbers from 0 to 255"),
    "no rows": (Batch(jnp.zeros((0, 2))), "at least 1"),
    "a scalar": (Batch(jnp.zeros(())), "axis of rows"),
    "lists": (Batch([[0.0, 1.0]]), "must be an array"),
    "nothing": (Batch(None), "batch.real must hold arrays"),
    "other numbers of rows": (Batch(jnp.zeros((4, 2)), jnp.zeros(3, int)), "same number of rows"),
}


@pytest.mark.parametrize("batch", BATCHES)
def test_a_wrong_batch_is_named(batch, without_shape_checks):
    value, message = BATCHES[batch]
    with pytest.raises(jaxgan.errors.UserError, match=message):
        init(game(), value)


@pytest.mark.parametrize(
    "batch",
    [
        Batch(
            jnp.zeros((4, 2)), jnp.zeros(4, int)
        ),  # many data sets have labels, which an unconditional game does without
        Batch(np.array([[0.0, 7.0]] * 4, np.float32)),  # points may be whole numbers
        Batch(jnp.zeros((4, 2)), latent=jnp.zeros((4, 3))),
    ],
)
def test_a_right_batch_passes(batch):
    assert int(init(game(), batch).step) == 0


def test_a_game_that_says_so_does_without_vectors():
    batch = Batch(jnp.zeros((4, 2)), VECTORS)
    assert int(init(game(condition=jaxgan.conditions.nothing()), batch).step) == 0
    with pytest.raises(jaxgan.errors.InputError, match="neither network uses"):
        jax.eval_shape(jaxgan.algorithm(game(), RULE).init, jax.random.key(0), batch)


def test_the_shapes_of_a_state_need_no_whole_batch():
    """Who restores a state has two rows, which do not divide into the critic's five steps."""
    rule = dynamics.alternating(Players(optax.sgd(0.1), optax.sgd(0.1)), discriminator_steps=5)
    algorithm = jaxgan.algorithm(game(), rule)
    state = jax.eval_shape(algorithm.init, jax.random.key(0), Batch(jnp.zeros((2, 2))))
    assert state.step.shape == ()
    with pytest.raises(jaxgan.errors.UserError, match="5 parts a step"):
        algorithm.init(jax.random.key(0), Batch(jnp.zeros((2, 2))))


@mostly_slow("wrapper", ["jitted", "pmapped", "sharded"], quick=1)
def test_info_may_hold_python_numbers(wrapper):
    plain = game()

    def judge(params, variables, samples, turn):
        values, (variables, info) = plain.judge(params, variables, samples, turn)
        return values, (variables, info | {"weight": 0.5, "count": 3})

    algorithm = jaxgan.algorithm(Game(plain.init, plain.generate, judge, plain.sample), RULE)
    key = jax.random.key(0)
    _, info = getattr(jaxgan, wrapper)(algorithm.step)(algorithm.init(key, POINTS), POINTS, key)
    assert float(info["weight"]) == 0.5
    assert int(info["count"]) == 3


@pytest.mark.slow
@pytest.mark.parametrize("critic_steps", [1, 2])
def test_variables_keep_their_types_with_64_bits(critic_steps):
    """Flax's batch statistics are float32 and would come back as float64."""
    with jax.enable_x64(True):
        batch, key = Batch(jnp.zeros((4, 2), jnp.float64)), jax.random.key(0)
        normalized = jaxgan.gan(SmallNetwork(2), SmallNetwork(None), loss=losses.hinge(), latent_size=3)
        rule = dynamics.alternating(Players(optax.sgd(0.1), optax.sgd(0.1)), discriminator_steps=critic_steps)
        algorithm = jaxgan.algorithm(normalized, rule)
        state = algorithm.init(key, batch)
        step = jaxgan.jitted(jaxgan.repeated(algorithm.step, 2))
        moved, _ = step(state, jax.tree.map(lambda x: jnp.stack([x, x]), batch), key)
        before, after = (jax.tree.map(lambda x: x.dtype, each) for each in (algorithm.init(key, batch), moved))
        assert before == after
