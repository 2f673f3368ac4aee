"""The pool of earlier samples: its rule row by row, and one run under every wrapper."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from games_for_tests import POOL as SIZE
from games_for_tests import pooled_game
from tiers import mostly_slow

import jaxgan
from jaxgan import Batch, Players, Turn, dynamics
from jaxgan.devices import Kept

KEY = jax.random.key(0)


def turn_of(step, rows):
    return Turn(Batch(rows), jax.random.fold_in(KEY, step), jnp.int32(step))


def draws(turn, rows):
    """Whether each row is exchanged, and with which place."""
    keys = jax.vmap(jax.random.fold_in, (None, 0))(turn.stream("pool"), jnp.arange(rows))
    pairs = jax.vmap(jax.random.split)(keys)
    places = jax.vmap(lambda key: jax.random.randint(key, (), 0, SIZE))(pairs[:, 1])
    return np.asarray(jax.vmap(jax.random.bernoulli)(pairs[:, 0])), np.asarray(places)


def test_it_follows_the_rule_of_cyclegan_s_program_row_by_row():
    one = jaxgan.pool(SIZE)
    rows = np.arange(5 * 4 * 3, dtype=np.float32).reshape(5, 4, 3)
    variables, held, exchanged = one.init(rows[0]), [], 0
    for step in range(5):
        turn = turn_of(step, rows[step])
        shown, variables = one.exchange(variables, jnp.asarray(rows[step]), turn)
        expected = []
        for row, swap, place in zip(rows[step], *draws(turn, 4), strict=True):
            if len(held) < SIZE:
                held.append(row)
                expected.append(row)
            elif swap:
                expected.append(held[place])
                held[place] = row
                exchanged += 1
            else:
                expected.append(row)
        np.testing.assert_array_equal(shown, expected)
    np.testing.assert_array_equal(variables.value.rows, held)
    assert variables.value.filled == SIZE
    assert 0 < exchanged < 14


WRAPPERS = {
    "jitted": jaxgan.jitted,
    **{f"pmapped {n}": lambda step, n=n: jaxgan.pmapped(step, jax.devices()[:n]) for n in (1, 2, 4)},
    **{f"sharded {n}": lambda step, n=n: jaxgan.sharded(step, jax.devices()[:n]) for n in (1, 2, 4)},
}


def run(wrapper, dtype=np.float32):
    rule = dynamics.alternating(Players(optax.sgd(0.1), optax.sgd(0.1)))
    algorithm = jaxgan.algorithm(pooled_game(), rule)
    batch = Batch(np.random.default_rng(0).normal(size=(4, 2)).astype(dtype))
    state, step = algorithm.init(KEY, batch), wrapper(algorithm.step)
    for _ in range(5):
        state, _ = step(state, batch, KEY)
    return jax.device_get(state)


@pytest.fixture(scope="module")
def alone():
    return run(WRAPPERS["jitted"])


@mostly_slow("name", [name for name in WRAPPERS if name != "jitted"], quick=2)
def test_it_gives_one_run_under_every_wrapper(name, alone):
    assert isinstance(alone.variables.discriminator["pool"], Kept)
    assert alone.variables.discriminator["pool"].value.filled == SIZE
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6), run(WRAPPERS[name]), alone)


@pytest.mark.slow
def test_rows_keep_their_type_with_64_bits():
    with jax.enable_x64(True):
        held = run(WRAPPERS["pmapped 2"]).variables.discriminator["pool"].value
    assert held.rows.dtype == np.float32
    assert held.filled.dtype == np.int32


def test_kept_variables_of_the_generator_are_not_averaged_over_steps():
    plain = pooled_game()

    def init(key, batch):
        params, variables = plain.init(key, batch)
        return params, variables._replace(generator=Kept({"last": jnp.zeros(())}))

    def generate(theta, variables, turn):
        samples, _ = plain.generate(theta, {}, turn)
        return samples, Kept({"last": variables.value["last"] + 1})

    rule = dynamics.alternating(Players(optax.sgd(0.1), optax.sgd(0.1)))
    algorithm = jaxgan.algorithm(plain._replace(init=init, generate=generate), rule)
    batch = Batch(jnp.zeros((4, 2)))
    state, _ = jaxgan.jitted(algorithm.step)(algorithm.init(KEY, batch), batch, KEY)
    assert state.average.variables.value["last"] == 1


def test_a_size_out_of_range_is_named():
    with pytest.raises(ValueError, match="size must be a whole number of at least 1, got 0"):
        jaxgan.pool(0)
