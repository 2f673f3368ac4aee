"""The order of rows: a fresh uniform permutation each epoch, the same on the host and on the device."""

from itertools import permutations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import chisquare

from jaxgan.data.order import BLOCK, batch_order, order


def epoch_of(seed, epoch, batch_size, size):
    rows, steps = np.arange(batch_size), size // batch_size
    return np.concatenate(
        [order(seed, epoch * steps + i, rows, batch_size=batch_size, size=size) for i in range(steps)]
    )


@pytest.mark.parametrize(("batch_size", "size"), [(1, 1), (1, 2), (3, 10), (10, 10), (7, 8), (64, 1797), (1, 50)])
@pytest.mark.parametrize("epoch", [0, 1, 1000])
def test_an_epoch_draws_every_index_at_most_once(batch_size, size, epoch):
    drawn = epoch_of(3, epoch, batch_size, size)
    assert len(drawn) == size // batch_size * batch_size
    assert len(np.unique(drawn)) == len(drawn)
    assert drawn.max() < size


def test_epochs_and_seeds_have_orders_of_their_own():
    orders = [epoch_of(seed, epoch, 64, 1797) for seed, epoch in [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (-1, 0)]]
    for i, one in enumerate(orders):
        for other in orders[:i]:
            assert np.mean(one == other) < 0.01


def test_what_an_epoch_leaves_out_differs_from_epoch_to_epoch():
    left_out = {(set(range(10)) - set(epoch_of(0, epoch, 3, 10).tolist())).pop() for epoch in range(100)}
    assert left_out == set(range(10))


def first_rows(count, size, epochs):
    """The first `count` rows of each epoch: `[epochs, count]`."""

    def draw(step):
        return order(0, step, jnp.arange(count), batch_size=size, size=size, xp=jnp)

    return np.asarray(jax.jit(jax.vmap(draw))(jnp.arange(epochs, dtype=jnp.int32)))


def test_every_permutation_is_equally_likely():
    size = 5
    drawn, counts = np.unique(first_rows(size, size, 60_000), axis=0, return_counts=True)
    assert list(map(tuple, drawn)) == sorted(permutations(range(size)))
    assert chisquare(counts).pvalue > 1e-3


def test_every_ordered_pair_of_first_rows_is_equally_likely():
    size = 37
    pairs = first_rows(2, size, 100_000)
    counts = np.bincount(pairs[:, 0] * size + pairs[:, 1], minlength=size**2).reshape(size, size)
    assert (np.diag(counts) == 0).all()
    assert chisquare(counts[~np.eye(size, dtype=bool)]).pvalue > 1e-3
    assert chisquare(counts.sum(axis=1)).pvalue > 1e-3


@pytest.mark.slow
def test_the_first_row_is_uniform_over_seeds():
    size = 7
    first = [order(seed, 0, np.arange(1), batch_size=1, size=size)[0] for seed in range(500)]
    assert chisquare(np.bincount(first, minlength=size)).pvalue > 1e-3


@pytest.mark.parametrize("seed", [0, 12345, -7, 2**32 + 5])
@pytest.mark.parametrize(
    ("step", "batch_size", "size"),
    [(0, 5, 10), (17, 64, 1797), (2**31 - 1, 1, 1), (2**31 - 2, 64, 1797), (2**31 - 1, 512, 2**31 - 1), (5, 9, 9)],
)
def test_host_and_device_agree_bit_for_bit_for_any_step_and_size(seed, step, batch_size, size):
    host = order(seed, step, np.arange(batch_size), batch_size=batch_size, size=size)
    device = order(seed, jnp.int32(step), jnp.arange(batch_size), batch_size=batch_size, size=size, xp=jnp)
    assert host.dtype == device.dtype == np.uint32
    np.testing.assert_array_equal(host, device)
    assert len(np.unique(host)) == batch_size
    assert host.max() < size


@pytest.mark.parametrize("step", [2**31 - 3, 2**31, 2**32])
def test_big_steps_keep_their_place_in_the_epoch(step):
    steps = 4
    first = step - step % steps
    rows = np.concatenate([order(0, s, np.arange(5), batch_size=5, size=20) for s in range(first, first + steps)])
    np.testing.assert_array_equal(np.sort(rows), np.arange(20))


def test_rows_are_drawn_each_by_itself():
    whole = order(1, 3, np.arange(12), batch_size=12, size=40)
    np.testing.assert_array_equal(order(1, 3, np.array([7, 2]), batch_size=12, size=40), whole[[7, 2]])


@pytest.mark.parametrize("batch_size", [3, 1000, BLOCK + 1])
def test_a_batch_is_the_same_whether_drawn_alone_or_in_a_block(batch_size):
    size = 2 * batch_size + 1
    for step in (0, 1, 5000, 2**31 - 1):
        alone = order(4, step, np.arange(batch_size), batch_size=batch_size, size=size)
        drawn = batch_order(4, step, batch_size=batch_size, size=size)
        np.testing.assert_array_equal(drawn, alone)
        assert drawn.dtype == np.uint32
    assert not drawn.flags.writeable
