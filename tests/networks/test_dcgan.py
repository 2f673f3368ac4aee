"""The DCGAN networks: every layout, shapes, ranges, sizes and options."""

from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxgan.networks import DCGANDiscriminator, DCGANGenerator
from jaxgan.networks.dcgan import LAYOUTS

KEY = jax.random.key(0)
WIDTH = 4


def count(variables):
    return sum(leaf.size for leaf in jax.tree.leaves(variables["params"]))


def generator_parameters(size, channels, inputs):
    side, doublings = LAYOUTS[size]
    widths = [WIDTH * 2**i for i in reversed(range(doublings))]
    total = inputs * side**2 * widths[0] + 2 * widths[0]
    for before, after in pairwise(widths):
        total += 16 * before * after + 2 * after
    return total + 16 * WIDTH * channels + channels


def discriminator_parameters(size, channels, classes):
    side, doublings = LAYOUTS[size]
    widths = [WIDTH * 2**i for i in range(doublings)]
    total = 16 * channels * WIDTH + WIDTH
    for before, after in pairwise(widths):
        total += 16 * before * after + 2 * after
    return total + side**2 * widths[-1] + 1 + classes * widths[-1]


@pytest.mark.parametrize(("channels", "classes"), [(1, 0), (3, 10), (4, 0)])
@pytest.mark.parametrize("size", LAYOUTS)
def test_generator_shape_and_number_of_parameters(size, channels, classes):
    latent, condition = jnp.ones((2, 7)), jnp.ones((2, classes)) if classes else None
    module = DCGANGenerator(image_size=size, channels=channels, width=WIDTH)
    images, variables = jax.eval_shape(lambda: module.init_with_output(KEY, latent, condition, train=True))
    assert images.shape == (2, size, size, channels)
    assert count(variables) == generator_parameters(size, channels, 7 + classes)


@pytest.mark.parametrize(("channels", "classes"), [(1, 0), (3, 10), (4, 0)])
@pytest.mark.parametrize("size", LAYOUTS)
def test_discriminator_shape_and_number_of_parameters(size, channels, classes):
    x, condition = jnp.ones((2, size, size, channels)), jnp.ones((2, classes)) if classes else None
    module = DCGANDiscriminator(width=WIDTH)
    logits, variables = jax.eval_shape(lambda: module.init_with_output(KEY, x, condition, train=True))
    assert logits.shape == (2,)
    assert count(variables) == discriminator_parameters(size, channels, classes)


@pytest.mark.parametrize("size", [8, 28])
def test_images_are_in_range_for_any_latent(size):
    latent = 1e4 * jax.random.normal(KEY, (4, 7))
    module = DCGANGenerator(image_size=size, width=WIDTH)
    images, _ = jax.jit(lambda: module.init_with_output(KEY, latent, train=False))()
    assert 0.5 < np.abs(images).max() <= 1


def test_the_condition_changes_the_images():
    latent = jnp.ones((3, 7))
    module = DCGANGenerator(image_size=8, width=WIDTH)
    images, _ = jax.jit(lambda: module.init_with_output(KEY, latent, jnp.eye(3), train=False))()
    assert len(np.unique(images.reshape(3, -1), axis=0)) == 3


def test_the_condition_adds_a_projection_of_itself_to_the_logits():
    x, one_hot = jax.random.normal(KEY, (3, 8, 8, 1)), jnp.eye(3)
    module = DCGANDiscriminator(width=WIDTH)
    variables = jax.jit(lambda: module.init(KEY, x, one_hot, train=False))()

    @jax.jit
    def logits(condition):
        return module.apply(variables, x, condition, train=False)

    np.testing.assert_allclose(logits(0 * one_hot), logits(None), rtol=1e-6)
    projection = logits(one_hot) - logits(None)
    assert np.abs(projection).min() > 1e-6
    np.testing.assert_allclose(logits(5 * one_hot), logits(None) + 5 * projection, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("size", [0, 24, 48, 256])
def test_an_image_size_without_a_layout_is_an_error(size):
    message = f"image_size must be one of 8, 16, 28, 32, 64, 128; got {size}"
    with pytest.raises(ValueError, match=message):
        DCGANGenerator(image_size=size)
    with pytest.raises(ValueError, match=message):
        DCGANDiscriminator().init(KEY, jnp.ones((1, size, size, 1)), train=True)


@pytest.mark.parametrize("batch_norm", [True, False])
def test_spectral_norm_and_batch_norm_are_options_of_the_discriminator(batch_norm):
    x = jnp.ones((2, 16, 16, 3))
    module = DCGANDiscriminator(width=WIDTH, batch_norm=batch_norm, spectral_norm=True)
    logits, variables = jax.eval_shape(lambda: module.init_with_output(KEY, x, jnp.ones((2, 5)), train=True))
    assert logits.shape == (2,)
    assert ("batch_stats" in variables) == batch_norm
    vectors = jax.tree.leaves(variables["spectral"])
    assert sorted(u.size for u in vectors) == [1, WIDTH, 2 * WIDTH, 2 * WIDTH]
    biases = 0 if batch_norm else 2 * WIDTH
    scales = 4 * WIDTH if batch_norm else 0
    assert count(variables) == discriminator_parameters(16, 3, 5) - 4 * WIDTH + biases + scales


def test_batch_statistics_move_in_training_mode_alone():
    x = jax.random.normal(KEY, (4, 16, 16, 1))
    module = DCGANDiscriminator(width=WIDTH)
    variables = jax.jit(lambda: module.init(KEY, x, train=True))()
    apply = jax.jit(lambda train: module.apply(variables, x, train=train, mutable=["batch_stats"]), static_argnums=0)
    before = variables["batch_stats"]
    jax.tree.map(np.testing.assert_array_equal, apply(False)[1]["batch_stats"], before)
    for after, start in zip(*map(jax.tree.leaves, (apply(True)[1]["batch_stats"], before)), strict=True):
        assert np.abs(after - start).max() > 1e-6
