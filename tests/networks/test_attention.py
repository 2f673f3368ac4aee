"""Self-attention and resampling against NumPy."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.networks.layers.attention import SelfAttention
from jaxgan.networks.layers.linear import Conv
from jaxgan.networks.layers.resampling import downsample, max_pool, upsample

KEY = jax.random.key(0)
RANDOM = np.random.default_rng(0)


def normal(*shape):
    return jnp.asarray(RANDOM.normal(size=shape), jnp.float32)


def pooled(x, function):
    batch, height, width, channels = x.shape
    squares = np.asarray(x).reshape(batch, height // 2, 2, width // 2, 2, channels)
    return function(squares, axis=(2, 4))


def test_resampling_by_definition():
    x = normal(2, 4, 6, 3)
    np.testing.assert_array_equal(upsample(x), np.kron(x, np.ones((1, 2, 2, 1))))
    np.testing.assert_allclose(downsample(x), pooled(x, np.mean), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(max_pool(x), pooled(x, np.max))
    np.testing.assert_allclose(downsample(upsample(x)), x, rtol=1e-6)
    with pytest.raises(ValueError, match=r"sides must be even, got images of shape \(2, 4, 3, 3\)"):
        downsample(x[:, :, :3])


def test_attention_by_definition():
    x = normal(2, 4, 2, 16)
    kernels = {"query": normal(16, 2), "key": normal(16, 2), "value": normal(16, 8), "output": normal(8, 16)}
    params = {name: {"kernel": kernel[None, None]} for name, kernel in kernels.items()} | {"gamma": jnp.float32(0.7)}
    layer = SelfAttention(partial(Conv, stride=1))
    fresh = jax.eval_shape(lambda: layer.init(KEY, x, train=True))["params"]
    assert jax.tree.map(jnp.shape, fresh) == jax.tree.map(jnp.shape, params)
    y = jax.jit(lambda params: layer.apply({"params": params}, x, train=True))(params)
    queries = (x @ kernels["query"]).reshape(2, 8, 2)
    keys = pooled(x @ kernels["key"], np.max).reshape(2, 2, 2)
    values = pooled(x @ kernels["value"], np.max).reshape(2, 2, 8)
    scores = np.exp(np.einsum("bqc,bkc->bqk", queries, keys))
    attended = np.einsum("bqk,bkc->bqc", scores / scores.sum(-1, keepdims=True), values) @ kernels["output"]
    np.testing.assert_allclose(y, x + 0.7 * attended.reshape(x.shape), rtol=1e-4, atol=1e-4)


@pytest.mark.slow
def test_attention_starts_as_the_identity_and_learns_to_attend():
    x, layer = normal(2, 4, 4, 4), SelfAttention(partial(Conv, stride=1, spectral_norm=True, dtype=jnp.bfloat16))
    variables = jax.jit(lambda: layer.init(KEY, x.astype(jnp.bfloat16), train=True))()
    assert {leaf.dtype for leaf in jax.tree.leaves(variables)} == {jnp.dtype(jnp.float32)}
    assert len(jax.tree.leaves(variables["spectral"])) == 4

    def output(params):
        y = layer.apply({**variables, "params": params}, x.astype(jnp.bfloat16), train=False)
        return jnp.sum(y**2), y

    gradient, y = jax.jit(jax.grad(output, has_aux=True))(variables["params"])
    assert y.dtype == jnp.bfloat16
    np.testing.assert_array_equal(y, x.astype(jnp.bfloat16))
    assert np.abs(gradient["gamma"]) > 1e-3
