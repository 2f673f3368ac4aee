"""Colours that leave the luma of their source as it is."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxgan
from jaxgan.networks import LumaKeeper
from jaxgan.options import changed


class Colours(nn.Module):
    """The two colour differences of the source plus and minus a number."""

    channels: int = 2

    @nn.compact
    def __call__(self, x, condition, *, train):
        shift = self.param("shift", nn.initializers.constant(0.25), ())
        return jnp.concatenate([condition + shift, condition - shift, condition], axis=-1)[..., : self.channels]


SOURCE = np.random.default_rng(0).uniform(-0.5, 0.5, (2, 4, 4, 1)).astype(np.float32)


def test_luma_and_colour_differences_are_those_of_the_source_and_the_network():
    module = LumaKeeper(Colours())
    image, _ = module.init_with_output(jax.random.key(0), jnp.zeros((2, 1)), SOURCE, train=True)
    red, green, blue = np.moveaxis(np.asarray(image), -1, 0)
    gray = SOURCE[..., 0]
    np.testing.assert_allclose(0.299 * red + 0.587 * green + 0.114 * blue, gray, atol=1e-6)
    np.testing.assert_allclose(blue - gray, 1.772 * (gray + 0.25), atol=1e-6)
    np.testing.assert_allclose(red - gray, 1.402 * (gray - 0.25), atol=1e-6)


def test_other_numbers_of_channels_are_refused():
    with pytest.raises(ValueError, match=r"sources must have one channel, got shape \[2, 4, 4, 3\]"):
        LumaKeeper(Colours()).init(jax.random.key(0), jnp.zeros((2, 1)), jnp.zeros((2, 4, 4, 3)), train=True)
    with pytest.raises(ValueError, match="the network must make two channels, got 3"):
        LumaKeeper(Colours(3)).init(jax.random.key(0), jnp.zeros((2, 1)), SOURCE, train=True)
    recipe = changed(jaxgan.preset("pix2pix").recipe, keep_luma=True)
    with pytest.raises(ValueError, match="keep_luma needs pairs of gray and colour, got sources of 1 channels"):
        recipe.game(recipe.dataset())
