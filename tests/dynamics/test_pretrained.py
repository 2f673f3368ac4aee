"""The generator alone by its own loss, then both by the rule, which begins anew."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from jaxgan import Players, Turn, dynamics
from jaxgan.core import Batch, Game

RATE = 0.1
BOTH = Players(optax.sgd(RATE), optax.sgd(RATE))


def product(params, variables, turn):
    return params, variables


def judged(params, variables, samples, turn):
    value = params * samples
    return Players(value, -value), (variables, {"value": value, "now_and_then": value, "now_and_then_due": 0.0})


GAME = Game(lambda key, batch: None, product, judged, lambda *rest: None)
"""L_G = θψ, L_D = −θψ."""


def moved(rule, steps, theta=1.0, psi=2.0):
    params = Players(jnp.asarray(theta), jnp.asarray(psi))
    memory, variables, infos = rule.init(params), Players((), ()), []
    for step in range(steps):
        turn = Turn(Batch(jnp.zeros((2, 1))), jax.random.key(0), jnp.asarray(step))
        params, variables, memory, info = rule.update(GAME, params, variables, memory, turn)
        infos.append(jax.tree.map(float, info))
    return params, infos


def test_first_alone_then_together():
    """θ ← θ − 0.1·(θ − 5) twice from 1; then both at once, θ ← θ − 0.1 ψ and ψ ← ψ + 0.1 θ."""
    rule = dynamics.pretrained(
        dynamics.simultaneous(BOTH), lambda theta, turn: (theta - 5) ** 2 / 2, optax.sgd(RATE), steps=2
    )
    alone = 5 - 4 * 0.9**2
    (theta, psi), infos = moved(rule, 3)
    np.testing.assert_allclose((theta, psi), (alone - 0.1 * 2, 2 + 0.1 * alone), rtol=1e-6)
    assert [info["pretraining_loss"] for info in infos] == pytest.approx([8, 8 * 0.81, 0])
    assert [info["pretraining_loss_due"] for info in infos] == [1, 1, 0]
    assert [info["value_due"] for info in infos] == [0, 0, 1]
    assert [info["now_and_then_due"] for info in infos] == [0, 0, 0]
    assert infos[2]["value"] == pytest.approx(2 * alone)


@pytest.mark.slow
def test_the_optimizers_of_the_rule_count_from_its_first_step():
    """Adam's first step is its rate."""
    adam = Players(*[optax.adam(0.5, eps=0.0)] * 2)
    rule = dynamics.pretrained(dynamics.simultaneous(adam), lambda theta, turn: 0.0 * theta, optax.sgd(1.0), steps=4)
    (theta, psi), _ = moved(rule, 5)
    np.testing.assert_allclose((theta, psi), (0.5, 2.5), rtol=1e-4)


@pytest.mark.slow
def test_no_steps_leave_the_rule_as_it_is():
    inner = dynamics.alternating(BOTH)
    rule = dynamics.pretrained(inner, lambda theta, turn: theta, optax.sgd(1.0), steps=0)
    assert moved(rule, 3)[0] == moved(inner, 3)[0]


def test_arguments_are_checked():
    def loss(theta, turn):
        return theta

    inner = dynamics.alternating(BOTH)
    with pytest.raises(TypeError, match="inner must be a rule"):
        dynamics.pretrained(BOTH, loss, optax.sgd(1.0), steps=1)
    with pytest.raises(TypeError, match="optimizer must be one of optax"):
        dynamics.pretrained(inner, loss, 0.1, steps=1)
    with pytest.raises(ValueError, match="steps must be a whole number of at least 0, got -1"):
        dynamics.pretrained(inner, loss, optax.sgd(1.0), steps=-1)
