"""The generator of ESRGAN: its parameters, its blocks and the sizes that it makes."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.errors import InputError
from jaxgan.networks import RRDBGenerator
from jaxgan.networks.rrdb import DenseBlock

KEY = jax.random.key(0)
SMALL = {"channels": 2, "width": 2, "blocks": 1, "growth": 2}


def authors_parameters(width=64, blocks=23, growth=32, channels=3):
    """Number of parameters of `RRDBNet` in BasicSR at scale 4."""

    def conv(inputs, outputs):
        return 9 * inputs * outputs + outputs

    dense = sum(conv(width + i * growth, growth) for i in range(4)) + conv(width + 4 * growth, width)
    return conv(channels, width) + 3 * blocks * dense + 4 * conv(width, width) + conv(width, channels)


@pytest.mark.slow
def test_it_has_the_parameters_of_the_authors():
    shapes = jax.eval_shape(lambda: RRDBGenerator().init(KEY, jnp.ones((1, 8, 8, 3)), train=False))
    assert sum(leaf.size for leaf in jax.tree.leaves(shapes["params"])) == authors_parameters() == 16697987


@pytest.mark.parametrize("doublings", [0, 1, 2])
def test_any_size_is_enlarged(doublings):
    module, x = RRDBGenerator(doublings=doublings, **SMALL), jnp.ones((2, 5, 3, 1))
    images, _ = jax.eval_shape(lambda: module.init_with_output(KEY, x, train=True))
    assert images.shape == (2, 5 * 2**doublings, 3 * 2**doublings, 2)


@pytest.mark.slow
def test_a_dense_block_joins_all_that_went_before():
    x = np.random.default_rng(0).normal(size=(1, 3, 3, 2)).astype(np.float32)
    block = DenseBlock(growth=3)
    variables = block.init(KEY, x, train=False)
    joined = x
    for i in range(5):
        kernel = variables["params"][f"Conv_{i}"]["kernel"]
        padded = np.pad(joined, ((0, 0), (1, 1), (1, 1), (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
        y = np.einsum("bhwcij,ijco->bhwo", windows, kernel)
        joined = np.concatenate([joined, np.where(y > 0, y, 0.2 * y)], axis=-1)
    np.testing.assert_allclose(block.apply(variables, x, train=False), x + 0.2 * y, atol=1e-5)


@pytest.mark.slow
def test_kernels_of_dense_blocks_start_at_a_tenth_of_the_usual():
    x = jnp.ones((1, 3, 3, 64))
    kernel = DenseBlock(growth=32).init(KEY, x, train=False)["params"]["Conv_0"]["kernel"]
    np.testing.assert_allclose(np.std(kernel), 0.1 * np.sqrt(2 / (9 * 64)), rtol=0.02)


@pytest.mark.slow
def test_the_source_is_the_condition_if_there_is_one():
    module, source = RRDBGenerator(doublings=1, **SMALL), jax.random.normal(KEY, (2, 4, 4, 1))
    variables = jax.jit(lambda: module.init(KEY, source, train=False))()
    one = module.apply(variables, source, train=False)
    for latent in (jnp.ones((2, 5)), -source):
        np.testing.assert_array_equal(module.apply(variables, latent, source, train=False), one)
    assert np.abs(one[0] - one[1]).max() > 1e-4


def test_bfloat16_lies_between_the_layers_and_images_are_float32():
    module, x = RRDBGenerator(dtype=jnp.bfloat16, **SMALL), jnp.ones((2, 4, 4, 1))
    images, variables = jax.eval_shape(lambda: module.init_with_output(KEY, x, train=True, capture_intermediates=True))
    assert images.dtype == jnp.float32
    assert {leaf.dtype for leaf in jax.tree.leaves(variables["params"])} == {jnp.dtype(jnp.float32)}
    inner = variables["intermediates"]
    inner.pop("__call__")
    assert {leaf.dtype for leaf in jax.tree.leaves(inner)} == {jnp.dtype(jnp.bfloat16)}


@pytest.mark.parametrize("name", ["doublings", "blocks"])
def test_arguments_out_of_range_are_refused(name):
    with pytest.raises(InputError, match=f"{name} must be a whole number of at least 0, got -1"):
        RRDBGenerator(**{name: -1})


def test_latents_without_a_condition_are_refused():
    with pytest.raises(InputError, match=r"expected images \[B, H, W, C\], got shape \(2, 5\)"):
        RRDBGenerator(**SMALL).init(KEY, jnp.ones((2, 5)), train=False)
