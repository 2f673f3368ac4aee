"""SPADE: its formula, its parameters, and maps that reach every size."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.errors import InputError
from jaxgan.networks import SPADEGenerator
from jaxgan.networks.layers import SpatiallyAdaptiveNorm
from jaxgan.networks.layers.spade import shrunk

KEY = jax.random.key(0)
SMALL = {"channels": 2, "width": 2, "doublings": 1, "hidden": 4}
RANDOM = np.random.default_rng(0)


def labels(*size):
    return jax.nn.one_hot(jnp.asarray(RANDOM.integers(0, 3, size=size)), 3)


@pytest.mark.parametrize(("norm", "places"), [("batch", (0, 1, 2)), ("instance", (1, 2))])
def test_the_normalised_map_is_scaled_and_shifted_by_each_place(norm, places):
    x, m = RANDOM.normal(2, 3, size=(2, 4, 4, 5)).astype(np.float32), labels(2, 8, 8)
    layer = SpatiallyAdaptiveNorm(hidden=4, norm=norm)
    variables = layer.init(KEY, x, m, train=True)
    y, _ = layer.apply(variables, x, m, train=True, mutable=["batch_stats"])

    def conv(name, x):
        kernel, bias = (variables["params"][name][part] for part in ("kernel", "bias"))
        padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
        return np.einsum("bhwcij,ijco->bhwo", windows, kernel) + bias

    hidden = np.maximum(conv("shared", np.asarray(m)[:, ::2, ::2]), 0)
    normal = (x - x.mean(places, keepdims=True)) / np.sqrt(x.var(places, keepdims=True) + 1e-5)
    np.testing.assert_allclose(y, normal * (1 + conv("gain", hidden)) + conv("shift", hidden), atol=1e-4)


def test_a_smaller_map_is_the_first_pixel_of_each_block():
    m = jnp.arange(24.0).reshape(1, 4, 6, 1)
    np.testing.assert_array_equal(shrunk(m, 2, 2)[0, ..., 0], [[0, 3], [12, 15]])
    with pytest.raises(InputError, match="a map of 4 by 6 pixels cannot be taken to 3 by 6"):
        shrunk(m, 3, 6)


def authors_parameters(maps, width=64, latent=None, side=8):
    """Number of parameters of `SPADEGenerator` in the authors' program, "normal" upsampling."""

    def norm(channels):
        return 9 * maps * 128 + 128 + 2 * (9 * 128 * channels + channels)

    def block(before, after):
        middle = min(before, after)
        total = norm(before) + norm(middle) + 9 * before * middle + middle + 9 * middle * after + after
        return total + (norm(before) + before * after if before != after else 0)

    first = 16 * width
    start = 9 * maps * first + first if latent is None else (latent + 1) * first * side**2
    total = start + 3 * block(first, first)
    for i in (8, 4, 2, 1):
        total += block(2 * i * width, i * width)
    return total + 9 * width * 3 + 3


def without_effect(width=64):
    """Biases of the first convolution in each block, which a normalisation without parameters follows."""
    return width * (3 * 16 + 8 + 4 + 2 + 1)


@pytest.mark.slow
@pytest.mark.parametrize("latent", [None, 256])
def test_it_has_the_parameters_of_the_authors_but_for_biases_without_effect(latent):
    module = SPADEGenerator(from_latent=latent is not None)
    x, m = jnp.ones((1, latent or 1)), jnp.ones((1, 256, 256, 36))
    shapes = jax.eval_shape(lambda: module.init(KEY, x, m, train=False))
    found = sum(leaf.size for leaf in jax.tree.leaves(shapes["params"]))
    assert found == authors_parameters(36, latent=latent) - without_effect()


@pytest.mark.parametrize("size", [(8, 12), (4, 4)])
def test_a_map_becomes_an_image_of_its_size(size):
    module = SPADEGenerator(**SMALL)
    images, _ = jax.eval_shape(partial(module.init_with_output, train=True), KEY, labels(3, *size))
    assert images.shape == (3, *size, 2)


@pytest.mark.slow
def test_a_latent_makes_other_images_of_one_map_only_if_asked():
    z, m = jnp.asarray(RANDOM.normal(size=(2, 5))), labels(2, 8, 8)[:1].repeat(2, axis=0)
    for from_latent in (True, False):
        module = SPADEGenerator(from_latent=from_latent, norm="instance", spectral_norm=False, **SMALL)
        one, other = jax.jit(partial(module.init_with_output, train=False))(KEY, z, m)[0]
        assert np.array_equal(one, other) != from_latent


@pytest.mark.slow
def test_the_map_changes_the_image_at_its_place():
    """Beyond what the image has in common: the last convolutions see a change nearby alone."""
    module, m = SPADEGenerator(norm="batch", spectral_norm=False, **SMALL | {"doublings": 3}), labels(1, 32, 32)
    variables = module.init(KEY, m, train=False)
    variables = {**variables, "params": jax.tree.map(lambda w: 50 * w, variables["params"])}
    other = m.at[0, 3, 3].set(jnp.roll(m[0, 3, 3], 1))  # not the first pixel of a block of any smaller size
    difference = np.abs(module.apply(variables, m, train=False) - module.apply(variables, other, train=False))
    changed = np.argwhere(difference[0].max(axis=-1) > 0)
    assert len(changed)
    assert changed.max() < 16


def test_bfloat16_images_are_float32():
    module, m = SPADEGenerator(dtype=jnp.bfloat16, **SMALL), labels(2, 8, 8)
    images, variables = jax.eval_shape(lambda: module.init_with_output(KEY, m, train=True, capture_intermediates=True))
    assert images.dtype == jnp.float32
    assert {leaf.dtype for leaf in jax.tree.leaves(variables["params"])} == {jnp.dtype(jnp.float32)}
    inner = variables["intermediates"]
    inner.pop("__call__")
    assert {leaf.dtype for leaf in jax.tree.leaves(inner)} == {jnp.dtype(jnp.bfloat16)}


def test_arguments_out_of_range_are_refused():
    with pytest.raises(InputError, match="norm must be one of batch, instance; got 'none'"):
        SPADEGenerator(norm="none")
    with pytest.raises(InputError, match="doublings must be a whole number of at least 1, got 0"):
        SPADEGenerator(doublings=0)
    with pytest.raises(InputError, match="from_latent=True needs a map as the condition"):
        SPADEGenerator(from_latent=True).init(KEY, jnp.ones((1, 4)), train=False)
    with pytest.raises(InputError, match=r"multiples of 2, got image_size=\(8, 5\)"):
        SPADEGenerator(**SMALL).init(KEY, labels(1, 8, 5), train=False)
