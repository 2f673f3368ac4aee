"""DCGAN for clips: the authors' layers, convolutions against lax, and what does not fit."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from jaxgan.networks import DCGAN3DDiscriminator, DCGAN3DGenerator
from jaxgan.networks.layers.clips import conv_3d, conv_transpose_3d

KEY = jax.random.key(0)
RANDOM = np.random.default_rng(0)
LAYOUT = ("NDHWC", "DHWIO", "NDHWC")


def sizes(module, x):
    shapes = jax.eval_shape(lambda: module.init(KEY, x, train=True))
    return sum(leaf.size for leaf in jax.tree.leaves(shapes["params"]))


@pytest.mark.slow
def test_they_have_the_parameters_of_the_authors():
    """main.lua, its stream of whole clips with gen_net, and netD; here layers before batch normalisation have no bias,
    and one logit is the difference of its two."""
    up = 100 * 512 * 2 * 4 * 4 + 4**3 * (512 * 256 + 256 * 128 + 128 * 64 + 64 * 3) + 3
    assert sizes(DCGAN3DGenerator(channels=3), jnp.ones((2, 100))) == up + 2 * (512 + 256 + 128 + 64)
    down = 4**3 * (3 * 64 + 64 * 128 + 128 * 256 + 256 * 512) + 64 + 512 * 2 * 4 * 4 + 1
    assert sizes(DCGAN3DDiscriminator(), jnp.ones((2, 32, 64, 64, 3))) == down + 2 * (128 + 256 + 512)


@pytest.mark.parametrize(
    ("times", "stride", "padding"), [(8, 2, (1, 1)), (7, 2, (1, 1)), (6, 1, (2, 0)), (9, 3, (0, 0))]
)
def test_a_convolution_with_a_stride_over_time_is_that_of_lax(times, stride, padding):
    with jax.enable_x64(True):
        x, kernel = RANDOM.normal(size=(2, times, 6, 8, 3)), RANDOM.normal(size=(4, 4, 4, 3, 2))
        pads = [padding, (1, 1), (1, 1)]
        expected = lax.conv_general_dilated(x, kernel, (stride, 2, 2), pads, dimension_numbers=LAYOUT)
        found = conv_3d(jnp.asarray(x), jnp.asarray(kernel), 2, stride, padding)
        np.testing.assert_allclose(found, expected, atol=1e-12)


def test_a_transposed_convolution_is_that_of_lax_and_so_are_its_derivatives():
    with jax.enable_x64(True):
        x, kernel = jnp.asarray(RANDOM.normal(size=(2, 2, 3, 4, 3))), jnp.asarray(RANDOM.normal(size=(4, 4, 4, 3, 2)))
        weights = jnp.asarray(RANDOM.normal(size=(2, 4, 6, 8, 2)))

        def by_lax(x, kernel):
            return lax.conv_transpose(x, kernel, (2, 2, 2), "SAME", dimension_numbers=LAYOUT)

        np.testing.assert_allclose(conv_transpose_3d(x, kernel), by_lax(x, kernel), atol=1e-12)
        found, expected = (
            jax.grad(lambda *a, of=of: jnp.sum(weights * of(*a)), (0, 1))(x, kernel)
            for of in (conv_transpose_3d, by_lax)
        )
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-12)


def test_what_does_not_fit_is_named():
    with pytest.raises(ValueError, match="frames must be a multiple of 16, to be halved as often as the sides; got 24"):
        DCGAN3DGenerator(frames=24)
    with pytest.raises(ValueError, match="20"):
        DCGAN3DGenerator(image_size=20)
    for clips, said in (((2, 6, 16, 16, 1), "frames must be a multiple of 4"), ((2, 16, 16, 1), "expected clips")):
        with pytest.raises(ValueError, match=said):
            jax.eval_shape(lambda shape=clips: DCGAN3DDiscriminator().init(KEY, jnp.zeros(shape), train=False))
