"""Residual blocks against the order of operations in which they were published."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.networks.layers.conditional_norm import ConditionalBatchNorm
from jaxgan.networks.layers.linear import Conv
from jaxgan.networks.layers.resampling import downsample, upsample
from jaxgan.networks.layers.residual import DownBlock, UpBlock

KEY = jax.random.key(0)
X = jax.random.normal(KEY, (2, 4, 4, 3))
CONV = partial(Conv, stride=1)


def conv(params, index, x):
    params = params[f"Conv_{index}"]
    layer = Conv(params["kernel"].shape[-1], params["kernel"].shape[0], 1)
    return layer.apply({"params": params}, x, train=True)


def drawn(block, *args):
    """Its variables, the biases not zero."""
    variables = block.init(KEY, X, *args, train=True)
    params = jax.tree.map(lambda p: p + 0.1 * jax.random.normal(KEY, p.shape), variables["params"])
    return {**variables, "params": params}


@pytest.mark.slow
def test_a_block_of_the_generator_upsamples_before_the_first_convolution():
    block = UpBlock(5, CONV, ConditionalBatchNorm)
    variables = drawn(block)

    def norm(index, x):
        params = variables["params"][f"ConditionalBatchNorm_{index}"]["BatchNorm_0"]
        mean, var = x.mean((0, 1, 2)), x.var((0, 1, 2))
        return jnp.maximum((x - mean) / jnp.sqrt(var + 1e-5) * params["scale"] + params["bias"], 0)

    params = variables["params"]
    h = conv(params, 1, norm(1, conv(params, 0, upsample(norm(0, X)))))
    y, _ = block.apply(variables, X, train=True, mutable=["batch_stats"])
    np.testing.assert_allclose(y, h + conv(params, 2, upsample(X)), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("first", [False, True])
def test_a_block_of_the_discriminator_averages_after_the_second_convolution(first, wide):
    block = DownBlock(5, CONV, first=first, wide=wide)
    variables = drawn(block)
    params = variables["params"]
    assert params["Conv_0"]["kernel"].shape[-1] == (5 if first or wide else 3)
    h = conv(params, 1, jnp.maximum(conv(params, 0, X if first else jnp.maximum(X, 0)), 0))
    expected = downsample(h + conv(params, 2, X))
    np.testing.assert_allclose(block.apply(variables, X, train=True), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("features", [3, 5])
def test_a_block_that_keeps_sides_and_channels_has_the_identity_beside_it(features):
    variables = jax.eval_shape(lambda: DownBlock(features, CONV, down=False).init(KEY, X, train=True))
    assert ("Conv_2" in variables["params"]) == (features != 3)
    zero = jax.tree.map(lambda p: jnp.zeros(p.shape), variables)
    if features == 3:
        np.testing.assert_array_equal(DownBlock(3, CONV, down=False).apply(zero, X, train=True), X)
