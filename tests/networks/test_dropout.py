"""Dropout: its share and mean, and the same masks on one device and on several."""

import jax
import jax.numpy as jnp
import numpy as np

from jaxgan.devices import AXIS
from jaxgan.networks.layers.dropout import Dropout
from jaxgan.networks.layers.rows import STREAM


def test_dropout_drops_the_share_asked_for_and_keeps_the_mean():
    layer = Dropout(0.3)
    x = jnp.ones((500, 40))
    y = np.asarray(layer.apply({}, x, train=True, rngs={STREAM: jax.random.key(0)}))
    np.testing.assert_allclose(np.mean(y == 0), 0.3, atol=0.01)
    np.testing.assert_allclose(y[y != 0], 1 / 0.7, rtol=1e-6)
    np.testing.assert_array_equal(layer.apply({}, x, train=False), x)


def test_dropout_masks_belong_to_the_rows_of_the_global_batch():
    key, x = jax.random.key(3), jnp.ones((8, 16))

    def drop(x):
        return Dropout(0.5).apply({}, x, train=True, rngs={STREAM: key})

    one = drop(x)
    many = jax.pmap(drop, axis_name=AXIS)(x.reshape(4, 2, 16)).reshape(8, 16)
    np.testing.assert_array_equal(many, one)
    assert len(np.unique(np.asarray(one), axis=0)) == 8
