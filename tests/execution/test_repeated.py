"""Several steps in one call are those steps."""

import jax
import numpy as np
import pytest
from test_wrappers import POINTS, WRAPPERS, points_algorithm
from tiers import mostly_slow

import jaxgan
from jaxgan import Batch, data

BATCHES = Batch(np.stack([POINTS.real + i for i in range(4)]))


def singly(algorithm):
    key, step = jax.random.key(0), jaxgan.jitted(algorithm.step)
    state, infos = algorithm.init(key, POINTS), []
    for i in range(4):
        state, info = step(state, Batch(BATCHES.real[i]), key)
        infos.append(info["loss_generator"])
    return jax.device_get(state), np.array(infos)


@mostly_slow(
    ("wrapper", "unroll"), [("jitted", False), ("jitted", True), ("pmapped", True), ("sharded", False)], quick=1
)
def test_equals_single_steps(wrapper, unroll):
    algorithm, key = points_algorithm(lazy=True), jax.random.key(0)
    expected, losses = singly(algorithm)
    step = WRAPPERS[wrapper](jaxgan.repeated(algorithm.step, 4, unroll=unroll))
    state, infos = step(algorithm.init(key, POINTS), BATCHES, key)
    if wrapper == "jitted" and unroll is False:
        jax.tree.map(np.testing.assert_array_equal, jax.device_get(state), expected)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6), jax.device_get(state), expected)
    np.testing.assert_allclose(infos["loss_generator"], losses, rtol=1e-4)


@pytest.mark.slow
def test_takes_a_resident_step():
    ring, algorithm, key = data.load("ring"), points_algorithm(), jax.random.key(0)
    drawing = data.resident(algorithm.step, batch_size=16)
    one, many = jaxgan.jitted(drawing), jaxgan.jitted(jaxgan.repeated(drawing, 3))
    state = algorithm.init(key, POINTS)
    for _ in range(3):
        state, _ = one(state, ring.on_device(), key)
    repeated, infos = many(algorithm.init(key, POINTS), ring.on_device(), key)
    jax.tree.map(np.testing.assert_array_equal, jax.device_get(repeated), jax.device_get(state))
    assert infos["loss_generator"].shape == (3,)


def test_refuses_the_wrong_number_of_batches():
    algorithm, key = points_algorithm(), jax.random.key(0)
    with pytest.raises(ValueError, match=r"batches must be stacked \[3, B, ...\], got shape \(4, 16, 2\)"):
        jaxgan.jitted(jaxgan.repeated(algorithm.step, 3))(algorithm.init(key, POINTS), BATCHES, key)
    with pytest.raises(ValueError, match="n must be a whole number of at least 1, got 0"):
        jaxgan.repeated(algorithm.step, 0)
