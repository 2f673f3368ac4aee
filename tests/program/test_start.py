"""A new run begins with a state that a program passes, and takes the steps that the state would have taken."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import jaxgan
from jaxgan import Batch, Players, data, dynamics, losses, networks
from jaxgan.program.preparation import prepare
from jaxgan.program.run import run_session

POINTS = data.load(np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32))


def experiment(hidden=4):
    game = jaxgan.gan(
        networks.MLPGenerator((2,), hidden=(hidden,), squash=False),
        networks.MLPDiscriminator((4,)),
        loss=losses.hinge(),
        latent_size=3,
    )
    rates = optax.linear_schedule(0.1, 0.01, 10)  # the counts of the optimizers come with the state
    rule = dynamics.alternating(Players(optax.adam(rates), optax.adam(rates)))
    return jaxgan.Experiment(POINTS, jaxgan.algorithm(game, rule), extendable=True)


SMALL = jaxgan.Program(batch_size=8, steps=6, log_every=2, sample_every=6, checkpoint_every=6)
SHORT = replace(SMALL, steps=4, checkpoint_every=4)


def train(program, out, **rest):
    return jaxgan.train(experiment(), program, out=out, show="none", **rest)


def equal(one, other):
    jax.tree.map(np.testing.assert_array_equal, jax.device_get(one), jax.device_get(other))


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    return train(SHORT, tmp_path_factory.mktemp("begun"))


def by_hand(state, steps, algorithm):
    """Plain steps on the batches of the data set from the step of the state on."""
    drawing = data.resident(algorithm.step, batch_size=8, seed=SMALL.seed)
    step, state = jaxgan.jitted(jaxgan.repeated(drawing, 1)), jax.tree.map(jnp.copy, state)
    for _ in range(steps):
        state, _ = step(state, POINTS.on_device(), jax.random.key(SMALL.seed))
    return state


@pytest.mark.slow
@pytest.mark.parametrize("wrapper", ["jit", "pmap", "sharded"])
def test_it_takes_the_steps_that_the_state_would_have_taken(begun, wrapper, tmp_path):
    before, program = jax.device_get(begun.state), replace(SMALL, wrapper=wrapper)
    trained = train(program, tmp_path, start=begun.state)
    assert int(trained.state.step) == 6
    equal(begun.state, before)  # it was not taken away
    if wrapper == "jit":
        equal(trained.state, by_hand(begun.state, 2, begun.algorithm))
        equal(trained.state, train(program, tmp_path).state)
    else:
        again = train(program, tmp_path, start=jax.device_get(begun.state))
        equal(trained.state, again.state)
    assert "begins with a state of step 4 that a program passed" in (trained.folder / "log.txt").read_text()


@pytest.mark.slow
def test_a_state_of_step_0_takes_all_steps_with_what_it_has_learned(begun, tmp_path):
    trained = train(SMALL, tmp_path, start=begun.state._replace(step=0))
    equal(trained.state, by_hand(begun.state._replace(step=jnp.zeros((), jnp.int32)), 6, begun.algorithm))
    assert trained.state.step.dtype == jnp.int32


@pytest.mark.slow
@pytest.mark.parametrize("killed_at", [5, 6])
@pytest.mark.parametrize("step", [4, 0])
def test_a_killed_run_begins_there_again(begun, killed_at, step, tmp_path):
    """Killed before and after its first checkpoint of its own, which is made at step 5."""
    start, often = begun.state._replace(step=step), replace(SMALL, checkpoint_every=5)
    whole = train(often, tmp_path / "whole", start=start).state
    session = prepare(experiment(), often, name="x", out=tmp_path, start=start)

    def killed(state, *rest):
        if int(state.step) == killed_at - 1:
            raise SystemError("killed")
        return session.step(state, *rest)

    with pytest.raises(SystemError):
        run_session(session._replace(step=killed), show="none")
    with pytest.raises(jaxgan.errors.InputError, match="start is for a new run"):
        train(often, tmp_path, resume=session.run.folder, start=start)
    resumed = train(often, tmp_path, resume=session.run.folder)
    equal(resumed.state, whole)


OTHERS = {
    "no state": (lambda run: run, SMALL, r"start must be a GANState.*Trained: pass its \.state"),
    "parameters alone": (lambda run: run.state.params, SMALL, "start must be a GANState.*got Players"),
    "another width": (
        lambda run: experiment(hidden=8).algorithm.init(jax.random.key(0), Batch(jnp.zeros((8, 2)))),
        SMALL,
        r"\.params\.generator\['Dense_0'\]\['kernel'\]: float32\[3, 8\], must be float32\[3, 4\]"
        r"\n.*\n  and \d+ more\njaxgan\.carry_over",
    ),
    "another optimizer": (
        lambda run: run.state._replace(memory={}),
        SMALL,
        r"\.memory\.generator.*: missing, must be float32",
    ),
    "another type": (
        lambda run: run.state._replace(step=4.0),
        SMALL,
        r"\.step: float32\[\], must be int32\[\]",
    ),
    "more arrays": (
        lambda run: run.state._replace(variables=run.state.variables._replace(generator={"new": jnp.zeros(3)})),
        SMALL,
        r"\.variables\.generator\['new'\]: float32\[3\], must be absent",
    ),
    "too late": (lambda run: run.state, SHORT, "start is a state of step 4, and steps=4 counts from step 0"),
    "within a call": (
        lambda run: run.state._replace(step=3),
        replace(SMALL, steps_per_call=2),
        "step 3, which is not a multiple of steps_per_call=2",
    ),
    "not a number": (
        lambda run: run.state._replace(params=jax.tree.map(lambda x: x * jnp.nan, run.state.params)),
        SMALL,
        "start is not finite",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("other", OTHERS)
def test_another_state_is_refused_before_there_is_a_folder(begun, other, tmp_path, without_shape_checks):
    start, program, message = OTHERS[other]
    with pytest.raises(jaxgan.errors.UserError, match=r"(?s)" + message):
        train(program, tmp_path / "runs", start=start(begun))
    assert not (tmp_path / "runs").exists()
