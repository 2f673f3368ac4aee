"""A turn: its rows and its randomness. A state: how it is shown."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan import Average, Batch, GANState, Players, Turn

TURN = Turn(Batch(jnp.arange(6), jnp.arange(6) * 10), jax.random.key(0), jnp.zeros((), jnp.int32))


def drawn(turn, name="latent"):
    return np.asarray(turn.draw(name, lambda key: jax.random.normal(key, (2,))))


def test_parts_are_every_nth_row_and_together_the_batch():
    parts = [TURN.part(i, 3) for i in range(3)]
    assert [part.batch.real.tolist() for part in parts] == [[0, 3], [1, 4], [2, 5]]
    assert [part.batch.condition.tolist() for part in parts] == [[0, 30], [10, 40], [20, 50]]
    several = TURN.part(1, 3, 2)
    assert (several.batch.real.tolist(), several.batch.condition.tolist()) == ([1, 2, 4, 5], [10, 20, 40, 50])
    assert TURN.part(0, 1) is TURN
    with pytest.raises(ValueError, match="4 parts a step"):
        TURN.part(0, 4)


def test_draws_repeat_within_a_turn_and_differ_between_names_rows_parts_and_redraws():
    np.testing.assert_array_equal(drawn(TURN), drawn(TURN))
    np.testing.assert_array_equal(drawn(TURN.redraw(1)), drawn(TURN.redraw(1)))
    kinds = [drawn(TURN), drawn(TURN, "penalty"), drawn(TURN.redraw(0)), drawn(TURN.redraw(1))]
    kinds += [drawn(TURN.part(i, 2)) for i in range(2)] + [drawn(TURN.redraw(0).part(0, 2))]
    values = np.concatenate([kind.ravel() for kind in kinds])
    assert len(np.unique(values)) == len(values)


def test_redrawing_keeps_batch_and_step():
    again = TURN.redraw(3)
    assert again.batch is TURN.batch
    assert again.step is TURN.step


def test_a_state_is_shown_in_short_whatever_its_leaves_are():
    arrays = Players({"w": jnp.zeros((3, 400)), "b": jnp.zeros(3)}, jnp.zeros(7))
    state = GANState(jnp.int32(5), arrays, Players({}, {}), Average(arrays.generator, {}), {})
    assert repr(state) == "GANState(step=5, parameters: generator 1,203, discriminator 7)"
    assert repr(jax.eval_shape(lambda: state)).endswith("parameters: generator 1,203, discriminator 7)")
    for of in (jnp.shape, lambda x: x.dtype, lambda x: x.sharding, lambda x: 1.0):
        assert repr(jax.tree.map(of, state)).startswith("GANState(step=")
    assert repr(GANState(*"abcde")) == "GANState(step='a', params='b', variables='c', average='d', memory='e')"
