"""What wrappers know of a step's axes, and what they refuse when a function hides them."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxgan
from jaxgan import Batch, data, execution
from jaxgan.execution import Step
from jaxgan.execution.layout import as_step

ROWS = Batch(np.arange(8, dtype=np.float32)[:, None])
DATASET = data.load(np.arange(16, dtype=np.float32)[:, None] / 16)
WRAPPERS = {"pmapped": jaxgan.pmapped, "sharded": jaxgan.sharded}
KEY = jax.random.key(0)


def counting(state, batch, key):
    """A step that counts the rows on its device and adds up those of all devices."""
    return state + 1, {"rows": jnp.float32(len(batch.real)), "sum": jaxgan.devices.average(jnp.sum(batch.real))}


class State(tuple):
    """Only its step is read."""


def drawn(state, batch, key):
    return state._replace(step=state.step + 1), {"sum": jaxgan.devices.average(jnp.sum(batch.real))}


def resident():
    return data.resident(drawn, batch_size=8, seed=0)


def fresh():
    return jaxgan.GANState(jnp.zeros((), jnp.int32), (), (), (), ())


def decorated(step):
    @functools.wraps(step)
    def wrapper(state, batch, key):
        return step(state, batch, key)

    return wrapper


FORMS = {
    "plain": lambda step: step,
    "partial": lambda step: functools.partial(step),
    "partial of a partial": lambda step: functools.partial(functools.partial(step)),
    "decorated": decorated,
    "jitted": jax.jit,
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_step_keeps_its_axes(form):
    one = as_step(FORMS[form](execution.repeated(resident(), 2)))
    assert (one.batch_axis, one.member_axis) == (None, 1)
    one = as_step(FORMS[form](execution.repeated(data.streamed(counting), 2)))
    assert (one.batch_axis, one.member_axis) == (1, 1)
    one = as_step(FORMS[form](counting))
    assert (one.batch_axis, one.member_axis) == (0, 0)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_a_partial_of_a_resident_step_sees_the_whole_data_set_on_every_device(wrapper, form):
    """The sums of a pass over the data, four batches of two on each of four devices, are those of the data."""
    step, state = WRAPPERS[wrapper](FORMS[form](resident())), fresh()
    dataset, total = DATASET.on_device(), 0.0
    for _ in range(2):
        state, info = step(state, dataset, KEY)
        total += float(info["sum"]) * (4 if wrapper == "pmapped" else 1)
    assert total == pytest.approx(DATASET.real.sum(), rel=1e-6)


@pytest.mark.parametrize("wrapper", [*WRAPPERS.values(), lambda step: jaxgan.jitted(execution.repeated(step, 16))])
def test_a_function_that_hides_a_resident_step_is_refused_in_words(wrapper):
    hidden = resident()
    step = wrapper(lambda state, batch, key: hidden(state, batch, key))
    with pytest.raises(ValueError, match="takes the whole data set is called by a function that hides this"):
        step(fresh(), DATASET.on_device(), KEY)


def test_a_function_may_say_that_it_takes_the_whole_data_set():
    hidden = resident()
    step = jaxgan.pmapped(Step(lambda state, batch, key: hidden(state, batch, key), batch_axis=None))
    assert int(step(fresh(), DATASET.on_device(), KEY)[0].step) == 1


def test_a_function_that_hides_where_members_are_is_refused_in_words():
    """Two steps a call put the members, eight of them on four devices, second."""
    members = jaxgan.GANState(jnp.zeros((), jnp.int32), {"w": jnp.zeros(8)}, (), (), ())

    def step(state, batch, key):
        return state._replace(step=state.step + 1), {"w": state.params["w"]}

    twice = execution.repeated(step, 3)
    batches = Batch(np.zeros((3, 4, 1), np.float32))
    assert jaxgan.spread(twice)(members, batches, KEY)[1]["w"].shape == (3, 8)
    members = jaxgan.GANState(jnp.zeros((), jnp.int32), {"w": jnp.zeros(8)}, (), (), ())
    assert jaxgan.spread(functools.partial(twice))(members, batches, KEY)[1]["w"].shape == (3, 8)
    members = jaxgan.GANState(jnp.zeros((), jnp.int32), {"w": jnp.zeros(8)}, (), (), ())
    with pytest.raises(ValueError, match=r"2 members on each device along axis 0, but w has shape \(3, 2\)"):
        jaxgan.spread(lambda state, batch, key: twice(state, batch, key))(members, batches, KEY)
